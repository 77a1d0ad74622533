import Foundation
import Testing
import Training
import zoo

/// Runs beside each other: `zoo compare` and `zoo ladder`.
@Suite final class ComparisonTests: FolderTests {
  override init() throws {
    try super.init()
    try file("words", words)
  }

  private func train(_ out: String, _ more: String...) {
    let line = [
      "train", "seq2seq", "--data", path("words"), "--hidden-size", "4", "--embedding-size", "3",
      "--epochs", "2", "--out", path(out),
    ]
    #expect(run(line + more).status == 0)
  }

  @Test func `runs are compared by scores and by the settings that differ`() throws {
    train("a")
    train("b", "--score", "dot")
    let compared = run(["compare", path("a"), path("b"), "--html", path("page.html")])
    #expect(compared.status == 0)
    let rows = compared.printed.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(rows.contains { $0 == ["model.score", "additive", "dot"] })
    #expect(!compared.printed.contains("hiddenSize"))
    let scores = try ["a", "b"].map { try RunResult(of: RunFolder(path: path($0))) }
    #expect(scores[0].parameters > scores[1].parameters)
    #expect(rows.contains { $0 == ["parameters"] + scores.map { "\($0.parameters)" } })
    let best = scores[1].scores.isBetter(than: scores[0].scores) ? "b" : "a"
    #expect(compared.printed.hasSuffix("best WER: \(path(best))\n"))
    let page = try text("page.html")
    #expect(page.contains("WER on held-out examples") && page.contains("model.score"))
    let json = run(["compare", path("a"), path("b"), "--json"]).printed.split(separator: "\n")
    struct Line: Codable { var run: String, parameters: Int }
    let lines = try json.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    #expect(lines.map(\.parameters) == scores.map(\.parameters))
  }

  @Test func `what is no run is named`() throws {
    train("a")
    #expect(run(["compare", path("a")]).status == 2)
    #expect(run(["compare", path("a"), path("none")]).complaint.contains("none/scores.json"))
    try FileManager.default.copyItem(atPath: path("a"), toPath: path("cut"))
    let scores = try text("cut/scores.json")
    try String(scores.dropLast(20)).write(
      toFile: path("cut/scores.json"), atomically: false, encoding: .utf8)
    #expect(
      run(["compare", path("a"), path("cut")]).complaint.contains("expected the scores of a run"))
    try scores.write(toFile: path("cut/scores.json"), atomically: false, encoding: .utf8)
    try "{\"epoch\":1\n".write(toFile: path("cut/log.jsonl"), atomically: false, encoding: .utf8)
    #expect(run(["compare", path("a"), path("cut")]).complaint.contains("log.jsonl, line 1"))
    let other = run(["train", "simple-rnn", "--epochs", "1", "--out", path("rnn")])
    #expect(other.status == 0)
    #expect(
      run(["compare", path("a"), path("rnn")]).complaint.contains("runs of one kind"))
  }

  @Test func `a ladder trains each rung once, and makes a page`() throws {
    let line = [
      "ladder", "--data", path("words"), "--test", path("words"), "--epochs", "1", "--seeds", "2",
      "--rungs", "none,dot", "--out", path("ladder"),
    ]
    // All words are tested: none is left to learn.
    #expect(run(line).status == 2)
    try "tac\tT AE K\n".write(toFile: path("test"), atomically: false, encoding: .utf8)
    let climb = line.enumerated().map { index, word in
      index == 4 ? path("test") : word
    }
    let first = run(climb)
    #expect(first.status == 0)
    let rows = first.printed.split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(rows.count == 4 && rows[2].hasPrefix("| none | ") && rows[3].hasPrefix("| dot | "))
    #expect(try text("ladder/ladder.html").contains("What attention buys"))
    #expect(try text("ladder/ladder-1.svg").contains("<svg"))
    // What is there is not trained again; a rung that is missing is.
    let before = try Data(contentsOf: URL(fileURLWithPath: path("ladder/dot-2/last.safetensors")))
    try FileManager.default.removeItem(atPath: path("ladder/none-1"))
    let log = try text("ladder/dot-2/log.csv")
    let again = run(climb)
    #expect(again.status == 0 && FileManager.default.fileExists(atPath: path("ladder/none-1")))
    #expect(try text("ladder/dot-2/log.csv") == log)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: path("ladder/dot-2/last.safetensors"))) == before)
    // A run at another budget is no rung of this ladder.
    let longer = run(climb.map { $0 == "1" ? "2" : $0 })
    #expect(longer.status == 2 && longer.complaint.contains("made with other settings"))
    #expect(try text("ladder/dot-2/log.csv") == log)
    let unknown = run(["ladder", "--rungs", "dot,dit"])
    #expect(unknown.status == 2 && unknown.complaint.contains("no rung \"dit\""))
  }
}
