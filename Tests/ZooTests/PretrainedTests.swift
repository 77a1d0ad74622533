import Datasets
import Foundation
import Pretrained
import Testing
import Training
import zoo

/// What the weights that ship can do, beside what the README says of them.
@Suite struct PretrainedTests {
  /// The line of JSON that a command prints.
  private func answer<Line: Decodable>(_ command: String...) throws -> Line {
    var printed = ""
    let status = Program(allCommands).run(
      command + ["--json"], output: Output { printed += $0 }, complain: { _ in })
    #expect(status == 0)
    return try JSONDecoder().decode(Line.self, from: Data(printed.utf8))
  }

  private func scores(_ recipe: String) throws -> [String: Double] {
    struct Line: Decodable { var scores: [String: Double] }
    let line: Line = try answer("evaluate", recipe)
    return line.scores
  }

  @Test func `speakers of vowels`() throws {
    let scores = try scores("attention-rnn")
    #expect(scores["sequences"] == 370)
    // 98.1 of five seeds' 97.3 to 98.1; one utterance more or less is another instruction set's.
    #expect(abs(try #require(scores["accuracy"]) - 98.11) < 0.3)
  }

  @Test func `the sunspots of the spans of the published figures`() throws {
    let scores = try scores("forecaster")
    #expect(abs(try #require(scores["ARV 1921-1955"]) - 0.1007) < 0.001)
    #expect(abs(try #require(scores["ARV 1956-1979"]) - 0.3132) < 0.001)
    #expect(abs(try #require(scores["ARV 1700-1920 (learnt)"]) - 0.0701) < 0.001)
  }

  @Test func `a request with its slots`() throws {
    struct Line: Decodable { var intent: String, tags: [String], weights: [Float] }
    let found: Line = try answer("apply", "tagger", "play a song by miles davis")
    #expect(found.intent == "PlayMusic")
    #expect(found.tags.suffix(3) == ["O", "B-artist", "I-artist"])
    #expect(abs(found.weights.reduce(0, +) - 1) < 1e-5)
  }

  @Test func `names of emoji that were never learnt`() throws {
    let scores = try scores("captioner")
    #expect(scores["pictures"] == 386 && scores["pictures of known words"] == 254)
    // One name more or less is another instruction set's.
    #expect(abs(try #require(scores["exact of known words"]) - 68.11) < 0.8)
    #expect(abs(try #require(scores["exact"]) - 44.82) < 0.6)
    #expect(abs(try #require(scores["BLEU of known words"]) - 90.43) < 0.5)
  }

  @Test func `all files together are small, and each says what made it`() throws {
    var size = 0
    for recipe in catalogue {
      guard let path = Pretrained.path(of: recipe.name) else { continue }
      size += try #require(
        FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
      let file = try WeightsFile(path)
      #expect(file.recipe == recipe.name)
      #expect(file.content.metadata["settings"] != nil)
    }
    #expect(size > 0 && size < 8_000_000)
    #expect(Pretrained.path(of: "elephant") == nil)
  }
}
