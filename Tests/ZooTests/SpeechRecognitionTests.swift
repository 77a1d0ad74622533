import Foundation
import Testing
import Training
import zoo

/// A recogniser from sounds in files to phonemes, pages and complaints.
@Suite final class SpeechRecognitionTests: FolderTests {
  /// Each phoneme of this language is a tone, in Hz.
  private static let tones = ["A": 400.0, "B": 1000.0, "C": 2500.0]

  /// A WAV file in which tones are heard one after the other, with some 50 ms of silence between them.
  private func write(
    _ name: String, _ phonemes: [String], rate: Int = 16_000, gapsPerSecond: Int = 20
  ) throws {
    var samples: [Int16] = []
    for phoneme in phonemes {
      samples += repeatElement(0, count: rate / gapsPerSecond)
      let step = 2 * Double.pi * Self.tones[phoneme]! / Double(rate)
      samples += (0..<rate / 10).map { Int16(8000 * sin(step * Double($0))) }
    }
    samples += repeatElement(0, count: rate / gapsPerSecond)
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

  /// A folder of all words with up to three phonemes, no two the same after each other, each said
  /// slowly and fast.
  private func render() throws {
    let phonemes = Self.tones.keys.sorted()
    func longer(_ words: [[String]]) -> [[String]] {
      words.flatMap { word in phonemes.filter { $0 != word.last }.map { word + [$0] } }
    }
    let short = longer([[]])
    let words = short + longer(short) + longer(longer(short))
    var lines = ["split\tfile\tword\tphonemes\tvoice\tnoise"]
    for (number, word) in (words + words).enumerated() {
      try write("\(number).wav", word, gapsPerSecond: number < words.count ? 20 : 14)
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
        "--hidden-size", "24", "--layers", "2", "--halvings", "2", "--dropout", "0",
        "--batch-size", "4", "--learning-rate", "0.01", "--masked-bands", "0", "--stretch", "0",
      ] + more)
  }

  @Test(arguments: ["ctc", "attention"])
  func `a language of tones is learnt, heard at another rate, and drawn`(head: String) throws {
    try render()
    let trained = train(head, "--epochs", "70")
    #expect(trained.status == 0, "\(trained.complaint)")
    struct Line: Codable { var scores: [String: Double] }
    let evaluated = run(
      "evaluate", "speech", "--weights", path("out/best.safetensors"), "--json", "--beam", "3")
    let scores = try JSONDecoder().decode(Line.self, from: Data(evaluated.printed.utf8)).scores
    #expect(scores["recordings"] == 6)
    // 1 and 3 of 16 phonemes are wrong; another instruction set may have more. What has learnt nothing
    // says nothing, or the same word always.
    #expect(try #require(scores["PER"]) < 35 && scores["PER clean"] != nil)
    try write("new.wav", ["C", "A", "B"], rate: 22_050)
    let weights = path("out/best.safetensors")
    let applied = run("apply", "speech", path("new.wav"), "--weights", weights)
    #expect(applied.printed.hasPrefix("\(path("new.wav"))\tC A"))
    let explained = run(
      "explain", "speech", path("new.wav"), "--weights", weights, "--svg", path("new.svg"))
    #expect(explained.status == 0 && explained.printed.hasPrefix(applied.printed))
    let svg = try text("new.svg")
    // 47 frames, four a state.
    #expect(svg.contains(">0.44<") && !svg.contains(">0.48<"))
    #expect(svg.contains("∅") == (head == "ctc"))
    let page = try text("out/report.html")
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
        == "zoo: \(path("1.wav")), byte 0: the file is cut off: expected the header of a WAV "
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
    #expect(train("ctc", "--halvings", "3").complaint.contains("3 halvings by 2 layers"))
    #expect(train("ctc", "--epochs", "1").status == 0)
    let config = try text("out/config.json")
    for (old, new) in [
      ("\"bands\":40", "\"bands\":0"), ("\"hopSeconds\":0.01", "\"hopSeconds\":-1"),
      ("\"filterWidth\":15", "\"filterWidth\":4"), ("\"head\":\"ctc\"", "\"head\":\"none\""),
      ("\"stretch\":0}", "\"stretch\":-1}"),
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
