import Foundation
import Testing
import Training

@testable import zoo

/// A recogniser from sounds in files to phonemes, pages and complaints.
@Suite final class SpeechRecognitionTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "speech-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func run(_ line: String...) -> (status: Int32, printed: String, complaint: String) {
    run(line)
  }

  private func run(_ line: [String]) -> (status: Int32, printed: String, complaint: String) {
    var (printed, complaint) = ("", "")
    let status = Program(allCommands).run(
      line, output: Output { printed += $0 }, complain: { complaint += $0 })
    return (status, printed, complaint)
  }

  /// Each phoneme of this language is a tone, in Hz.
  private static let tones = ["A": 400.0, "B": 1000.0, "C": 2500.0]

  /// A WAV file in which tones are heard one after the other, with silence between them.
  private func write(_ name: String, _ phonemes: [String], rate: Int = 16_000) throws {
    var samples: [Int16] = []
    for phoneme in phonemes {
      samples += repeatElement(0, count: rate / 20)
      let step = 2 * Double.pi * Self.tones[phoneme]! / Double(rate)
      samples += (0..<rate / 10).map { Int16(8000 * sin(step * Double($0))) }
    }
    samples += repeatElement(0, count: rate / 20)
    func bytes(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let data = samples.flatMap { bytes(Int($0), 2) }
    let content =
      Array("WAVEfmt ".utf8) + bytes(16, 4) + bytes(1, 2) + bytes(1, 2) + bytes(rate, 4)
      + bytes(2 * rate, 4) + bytes(2, 2) + bytes(16, 2) + Array("data".utf8) + bytes(data.count, 4)
      + data
    try Data(Array("RIFF".utf8) + bytes(content.count, 4) + content).write(
      to: URL(fileURLWithPath: path(name)))
  }

  /// A folder of all words with up to three phonemes, no two the same after each other.
  private func render() throws {
    var words = Self.tones.keys.sorted().map { [$0] }
    for word in words {
      words += Self.tones.keys.sorted().filter { $0 != word.last }.map { word + [$0] }
    }
    for word in words where word.count == 2 {
      words += Self.tones.keys.sorted().filter { $0 != word.last }.map { word + [$0] }
    }
    var lines = ["split\tfile\tword\tphonemes\tvoice\tnoise"]
    for (number, word) in words.enumerated() {
      try write("\(number).wav", word)
      let split = number % 7 == 6 ? "test" : number % 7 == 3 ? "valid" : "train"
      let noise = number % 2 == 0 ? "clean" : "hum"
      lines.append(
        "\(split)\t\(number).wav\t\(word.joined())\t\(word.joined(separator: " "))\ttones\t\(noise)"
      )
    }
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: path("manifest.tsv"), atomically: false, encoding: .utf8)
  }

  private func train(_ head: String, _ more: String...) -> (
    status: Int32, printed: String, complaint: String
  ) {
    run(
      [
        "train", "speech", "--head", head, "--data", folder.path, "--out", path("out"),
        "--hidden-size", "24", "--layers", "1", "--halvings", "1", "--dropout", "0",
        "--batch-size", "3", "--learning-rate", "0.02", "--masked-bands", "0", "--stretch", "0",
      ] + more)
  }

  @Test(arguments: ["ctc", "attention"])
  func `a language of tones is learnt, heard at another rate, and drawn`(head: String) throws {
    try render()
    let trained = train(head, "--epochs", "60")
    #expect(trained.status == 0, "\(trained.complaint)")
    struct Line: Codable { var scores: [String: Double] }
    let evaluated = run(
      "evaluate", "speech", "--weights", path("out/best.safetensors"), "--json", "--beam", "3")
    let scores = try JSONDecoder().decode(Line.self, from: Data(evaluated.printed.utf8)).scores
    #expect(scores["recordings"] == 3)
    // Three words of seven phonemes that it has not heard.
    #expect(try #require(scores["PER"]) < 20 && scores["PER clean"] != nil)
    try write("new.wav", ["C", "A", "B"], rate: 22_050)
    let weights = path("out/best.safetensors")
    let applied = run("apply", "speech", path("new.wav"), "--weights", weights)
    #expect(applied.printed == "\(path("new.wav"))\tC A B\n")
    let explained = run(
      "explain", "speech", path("new.wav"), "--weights", weights, "--svg", path("new.svg"))
    #expect(explained.status == 0 && explained.printed.contains("C A B"))
    let svg = try String(contentsOfFile: path("new.svg"), encoding: .utf8)
    // 0.5 s in steps of 20 ms.
    #expect(svg.contains(">0.48<") && !svg.contains(">0.50<"))
    #expect(svg.contains("∅") == (head == "ctc"))
    let page = try String(contentsOfFile: path("out/report.html"), encoding: .utf8)
    #expect(page.contains("Phoneme error rate by phonemes of the word"))
    // The best weights are read again as they were written.
    #expect(try WeightsFile(weights).recipe == "speech")
  }

  @Test func `data that is none is told with its file`() throws {
    #expect(run("train", "speech", "--out", path("out")).complaint.contains("--data FOLDER"))
    let missing = train("ctc")
    #expect(missing.status == 2 && missing.complaint.contains("manifest.tsv cannot be read"))
    try render()
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path("1.wav")))
    let damaged = train("ctc")
    #expect(
      damaged.complaint
        == "zoo: \(path("1.wav")): the file is cut off: expected the header of a WAV "
        + "file, found 3 bytes\n")
    try write("1.wav", ["A"], rate: 8000)
    let slow = train("ctc")
    #expect(slow.complaint.contains("1.wav: expected at least 15200.0 samples a second"))
    try FileManager.default.removeItem(atPath: path("1.wav"))
    #expect(train("ctc").complaint.contains("1.wav cannot be read"))
    #expect(!FileManager.default.fileExists(atPath: path("out")))
  }

  @Test func `sizes of which no model can be made are refused, given or read`() throws {
    try render()
    #expect(train("ctc", "--halvings", "2").complaint.contains("as many halvings as layers"))
    #expect(train("ctc", "--epochs", "1").status == 0)
    let config = try String(contentsOfFile: path("out/config.json"), encoding: .utf8)
    for (old, new) in [
      ("\"bands\":40", "\"bands\":0"), ("\"hopSeconds\":0.01", "\"hopSeconds\":-1"),
      ("\"filterWidth\":15", "\"filterWidth\":4"), ("\"head\":\"ctc\"", "\"head\":\"none\""),
      ("\"stretch\":0,", "\"stretch\":-1,"),
    ] {
      #expect(config.contains(old))
      try config.replacing(old, with: new).write(
        toFile: path("changed.json"), atomically: false, encoding: .utf8)
      let refused = run("train", "speech", "--config", path("changed.json"), "--out", path("new"))
      #expect(refused.status == 2 && refused.complaint.hasPrefix("zoo: "), "\(new)")
      #expect(!FileManager.default.fileExists(atPath: path("new")))
    }
  }

  @Test func `an input that is no sound is named`() throws {
    try render()
    #expect(train("ctc", "--epochs", "1").status == 0)
    let weights = path("out/best.safetensors")
    let refused = run("apply", "speech", path("0.wav"), path("none.wav"), "--weights", weights)
    #expect(refused.status == 2)
    #expect(refused.complaint.contains("none.wav cannot be read"))
    let unshipped = run("apply", "speech", path("0.wav"))
    #expect(unshipped.complaint.contains("no weights of speech ship with zoo"))
  }
}
