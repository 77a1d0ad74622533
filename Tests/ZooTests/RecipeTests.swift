import Foundation
import Testing
import Training
import zoo

/// What the commands do the same for every model: configuration, resuming, applying.
@Suite final class RecipeTests: FolderTests {
  /// A training of a small model.
  private func train(
    _ out: String, _ more: String...
  ) throws -> (status: Int32, printed: String, complaint: String) {
    let data = try file("words", words)
    return run(
      [
        "train", "seq2seq", "--data", data, "--hidden-size", "4", "--embedding-size", "3",
        "--out", path(out),
      ] + more)
  }

  @Test func `every recipe has a name, a source and settings that come back from text`() throws {
    func check<R: Recipe>(_ recipe: R.Type) throws {
      #expect(!R.name.isEmpty && !R.task.isEmpty && !R.source.isEmpty)
      let settings = R.Settings()
      #expect(try StrictJSON.value(R.Settings.self, of: StrictJSON.text(settings)) == settings)
      // One name, one option.
      #expect(Set(R.options.map(\.option.name)).count == R.options.count)
    }
    for recipe in catalogue { try check(recipe) }
    #expect(Set(catalogue.map { $0.name }).count == catalogue.count)
  }

  @Test func `the configuration of a run makes the same weights again`() throws {
    #expect(try train("first", "--epochs", "2", "--seed", "7").status == 0)
    let again = run(
      "train", "seq2seq", "--config", path("first/config.json"), "--out", path("second"))
    #expect(again.status == 0)
    #expect(try bytes("first/best.safetensors") == bytes("second/best.safetensors"))
    #expect(try bytes("first/config.json") == bytes("second/config.json"))
    // An option stands above the file.
    #expect(
      run(
        "train", "seq2seq", "--config", path("first/config.json"), "--seed", "8", "--out",
        path("third")
      ).status == 0)
    #expect(try bytes("first/best.safetensors") != bytes("third/best.safetensors"))
  }

  @Test func `a configuration that nothing reads whole is refused`() throws {
    #expect(try train("first", "--epochs", "1").status == 0)
    let text = try text("first/config.json")
    for (changed, complaint) in [
      (text.replacing("\"beam\"", with: "\"bean\""), "config: expected a configuration of seq2seq"),
      (text.replacing("\"seq2seq\"", with: "\"simple-rnn\""), "found simple-rnn's"),
      ("{", "expected a configuration of seq2seq"),
      (text.replacing("\"batchSize\":128", with: "\"batchSize\":0"), "--batch-size expects"),
      (text.replacing("\"dropout\":0.1", with: "\"dropout\":2"), "--dropout expects"),
      (text.replacing("\"clipNorm\":1", with: "\"clipNorm\":-1"), "limits above 0"),
      (text.replacing("\"epochs\":1,", with: ""), "with epochs or minutes"),
    ] {
      let config = try file("config", changed)
      let result = run("train", "seq2seq", "--config", config, "--out", path("out"))
      #expect(result.status == 2 && result.complaint.contains(complaint))
      #expect(!FileManager.default.fileExists(atPath: path("out")))
    }
  }

  @Test func `a training that is resumed goes on where it was, as it was configured`() throws {
    #expect(try train("out", "--epochs", "2").status == 0)
    func rows() throws -> [Substring] {
      try text("out/log.csv").split(separator: "\n")
    }
    let before = try rows()
    #expect(before.count == 3)
    // Nothing is left to do.
    #expect(run("train", "seq2seq", "--resume", path("out")).status == 0)
    #expect(try rows() == before)
    #expect(run("train", "seq2seq", "--resume", path("out"), "--epochs", "4").status == 0)
    let after = try rows()
    #expect(after.count == 5 && Array(after.prefix(3)) == before)
    let both = run("train", "seq2seq", "--resume", path("out"), "--out", path("other"))
    #expect(
      both.complaint == "zoo: --resume goes on in its own folder, with its own configuration\n")
    #expect(run("train", "seq2seq", "--resume", path("none")).status == 2)
  }

  @Test func `apply reads words, a file, and names a line that is none`() throws {
    let asWords = run("apply", "seq2seq", "cat", "tapestry")
    #expect(asWords.status == 0)
    let lines = asWords.printed.split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "cat\tK AE T")
    let inputs = try file("inputs", "cat\ntapestry\n")
    #expect(run("apply", "seq2seq", "--input", inputs).printed == asWords.printed)
    let bad = try file("bad", "cat\n\u{e9}t\u{e9}\n")
    let refused = run("apply", "seq2seq", "--input", bad)
    #expect(refused.status == 2)
    #expect(refused.complaint.hasPrefix("zoo: \(bad):2: "))
    #expect(run("apply", "seq2seq", "cat", "--input", inputs).status == 2)
  }

  @Test func `a line that is not UTF-8 is named, and nothing is made of it`() throws {
    // "caf\u{e9}" in Latin 1, and the first half of a character at the file's end.
    for bytes in [Array("cat\r\ncaf".utf8) + [0xE9, 0x0A, 0x63], Array("cat\n".utf8) + [0xC3]] {
      let inputs = try file("inputs", bytes)
      let refused = run("apply", "seq2seq", "--input", inputs)
      #expect(refused.status == 2 && refused.printed.isEmpty)
      #expect(refused.complaint == "zoo: \(inputs):2: the line is not UTF-8\n")
    }
    // Ends of lines that are CRLF, and a last line without one.
    let inputs = try file("inputs", "cat\r\nact")
    #expect(
      run("apply", "seq2seq", "--input", inputs).printed
        == run("apply", "seq2seq", "cat", "act").printed)
  }

  @Test func `apply and evaluate print JSON that a program can read`() throws {
    struct Line: Codable { var input, output: String, logProbability: Double }
    let printed = run("apply", "seq2seq", "cat", "--json").printed
    let line = try JSONDecoder().decode(Line.self, from: Data(printed.utf8))
    #expect(line.input == "cat" && line.output == "K AE T" && line.logProbability < 0)
    struct Scores: Codable { var model: String, scores: [String: Double] }
    let test = try file("test", "cat\tK AE T\n")
    let evaluated = run("evaluate", "seq2seq", "--test", test, "--json").printed
    let scores = try JSONDecoder().decode(Scores.self, from: Data(evaluated.utf8))
    #expect(scores.model == "seq2seq" && scores.scores == ["WER": 0, "PER": 0, "words": 1])
  }

  @Test(arguments: ["simple-rnn", "attention-rnn"])
  func `speakers of vowels are told apart after some epochs`(model: String) throws {
    let trained = run(
      "train", model, "--epochs", "20", "--hidden-size", "32", "--out", path("out"), "--json")
    #expect(trained.status == 0)
    struct Scores: Codable { var scores: [String: Double] }
    let scores = try JSONDecoder().decode(Scores.self, from: Data(trained.printed.utf8)).scores
    #expect(scores["sequences"] == 370)
    // By chance it would be one in nine.
    #expect(try #require(scores["accuracy"]) > 60)
    let steps = (0..<12).map { _ in "0.5,0.25,1" }.joined(separator: ":")
    let weights = path("out/best.safetensors")
    let applied = run("apply", model, steps, "--weights", weights)
    #expect(applied.status == 0 && applied.printed.hasPrefix(steps + "\t"))
    let short = run("apply", model, "1,2:3,4", "--weights", weights)
    #expect(short.status == 2 && short.complaint.contains("expected 12 channels"))
  }

  @Test func `a summary says words that are in the source alone`() throws {
    let names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
    let pairs = names.map { "import \($0)\tload the module \($0).\n" }.joined()
    let data = try file("pairs", String(repeating: pairs, count: 4))
    let trained = run(
      "train", "summarizer", "--data", data, "--held-out", data, "--hidden-size", "24",
      "--embedding-size", "16", "--epochs", "60", "--batch-size", "8", "--dropout", "0",
      "--minimum-count", "5", "--learning-rate", "0.01", "--out", path("out"))
    #expect(trained.status == 0)
    let weights = path("out/best.safetensors")
    let said = run("summarize", "import omega", "--weights", weights)
    #expect(said.status == 0 && said.printed == "import omega\tload the module omega .\n")
    let shown = run("explain", "summarizer", "import omega", "--weights", weights)
    #expect(shown.status == 0 && shown.printed.contains("omega"))
  }

  @Test func `short names apply the model that a file holds`() throws {
    #expect(try train("out", "--epochs", "1").status == 0)
    let weights = path("out/best.safetensors")
    let short = run("translate", "cat", "--weights", weights)
    #expect(short.status == 0)
    #expect(short.printed == run("apply", "seq2seq", "cat", "--weights", weights).printed)
    #expect(run("forecast", "--help").printed.contains("usage: zoo forecast"))
    #expect(run("summarize", "a b").complaint.contains("no weights of summarizer ship"))
    let steps = (0..<12).map { _ in "0.5,0.25,1" }.joined(separator: ":")
    #expect(run("classify", steps).printed == run("apply", "attention-rnn", steps).printed)
  }

  @Test func `a Transformer is trained, applied and explained head by head`() throws {
    let data = try file("words", words)
    for form in ["encoder-decoder", "decoder"] {
      let trained = run(
        "train", "transformer", "--data", data, "--form", form, "--size", "8", "--heads", "2",
        "--inner-size", "8", "--encoder-layers", "1", "--decoder-layers", "1", "--epochs", "1",
        "--out", path(form))
      #expect(trained.status == 0)
      let page = path("\(form).html")
      let shown = run(
        "explain", "transformer", "cat", "--weights", path("\(form)/best.safetensors"), "--html",
        page)
      #expect(shown.status == 0)
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.contains("class=\"layers\""))
    }
    let alone = run("train", "transformer", "--data", data, "--form", "encoder")
    #expect(alone.status == 2 && alone.complaint.contains("an encoder alone"))
    let heads = run("train", "transformer", "--data", data, "--size", "6", "--heads", "4")
    #expect(heads.complaint == "zoo: 6 features cannot be shared evenly by 4 heads\n")
  }

  @Test func `translation learns pairs of a file, and names a line that is none`() throws {
    let pairs = (0..<20).map { "ein haus \($0 % 3)\ta house \($0 % 3)\n" }.joined()
    let data = try file("pairs", pairs)
    let trained = run(
      "train", "seq2seq", "--task", "translation", "--data", data, "--hidden-size", "8",
      "--embedding-size", "8", "--merges", "4", "--epochs", "2", "--test", data, "--out",
      path("out"))
    // All that is tested is taken from what is learnt.
    #expect(trained.status == 2)
    let test = try file("test", "ein haus 9\ta house 9\n")
    let tested = run(
      "train", "seq2seq", "--task", "translation", "--data", data, "--hidden-size", "8",
      "--embedding-size", "8", "--merges", "4", "--epochs", "2", "--test", test, "--out",
      path("out"))
    #expect(tested.status == 0 && tested.printed.contains("BLEU"))
    let bad = try file("bad", "ein haus\ta house\nein haus\n")
    let refused = run("train", "seq2seq", "--task", "translation", "--data", bad)
    #expect(
      refused.complaint == "zoo: \(bad):2: expected SOURCE<TAB>TARGET, found \"ein haus\"\n")
  }
}
