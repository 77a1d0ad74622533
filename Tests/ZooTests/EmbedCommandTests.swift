import Autograd
import Foundation
import Interchange
import SentenceEmbedding
import Testing
import zoo

/// `zoo embed`, with the small encoder of the models' tests.
@Suite final class EmbedCommandTests: FolderTests {
  private let encoder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "ZooModelsTests/Fixtures/encoder").path
  private let sentences = ["The cat sat.", "A \"cat\", a dog!"]

  private var vectors: [[Float]] {
    get throws {
      let vectors = try SentenceEmbedder(contentsOf: encoder)(sentences).scalars
      return [Array(vectors[..<16]), Array(vectors[16...])]
    }
  }

  @Test func `each sentence is a line of JSON with its vector`() throws {
    struct Line: Decodable, Equatable {
      let sentence: String
      let vector: [Float]
    }
    let result = run(["embed", "--folder", encoder] + sentences)
    #expect(result.status == 0 && result.complaint == "")
    let lines = try result.printed.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines == zip(sentences, try vectors).map { Line(sentence: $0, vector: $1) })
  }

  @Test func `lines of a file become a table, or an array of NumPy`() throws {
    let input = try file("sentences", sentences.joined(separator: "\n") + "\n")
    let table = run("embed", "--folder", encoder, "--input", input, "--format", "csv")
    let lines = table.printed.split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("sentence,1,2,3,") && lines[0].hasSuffix(",16"))
    #expect(lines[2].hasPrefix("\"A \"\"cat\"\", a dog!\",\(try vectors[1][0]),"))
    #expect(
      run(
        "embed", "--folder", encoder, "--input", input, "--format", "npy", "--out", path("v.npy"))
        == (0, "", ""))
    let array = try Tensor<Float>(TensorFile(contentsOf: path("v.npy"))["tensor"])
    let expected = try vectors.flatMap { $0 }
    #expect(array.shape == [2, 16] && array.scalars == expected)
    #expect(
      run("embed", "--folder", encoder, "--input", input, "--format", "csv", "--out", path("v.csv"))
        == (0, "", ""))
    #expect(try text("v.csv") == table.printed)
  }

  @Test func `cosines, and the nearest sentences`() throws {
    let cosine = zip(try vectors[0], try vectors[1]).reduce(0) { $0 + $1.0 * $1.1 }
    let shown = String(format: "%.4f", cosine)
    #expect(
      run(["embed", "--folder", encoder, "--cosine"] + sentences).printed
        == "1.0000\t\(shown)\t\(sentences[0])\n\(shown)\t1.0000\t\(sentences[1])\n")
    let nearest = ["embed", "--folder", encoder, "--nearest", sentences[1]] + sentences
    #expect(
      run(nearest).printed == "1.0000\t\(sentences[1])\n\(shown)\t\(sentences[0])\n")
    #expect(run(nearest + ["--top", "1"]).printed == "1.0000\t\(sentences[1])\n")
  }

  @Test func `pieces are shown as the encoder reads them`() {
    #expect(
      run("embed", "--folder", encoder, "--pieces", "Dogs, cat!").printed
        == "[CLS] dog ##s [UNK] cat ! [SEP]\n")
  }

  @Test(arguments: [
    ("a", "embed needs a sentence encoder: --folder DIR, see `zoo embed --help`"),
    ("a --folder F --input i", "sentences are given twice: as words and by --input i"),
    ("--folder F --cosine --pieces", "--cosine and --pieces do not go together"),
    (
      "--folder F --cosine --format csv",
      "--cosine writes no vectors: --format and --out are not for it"
    ),
    ("--folder F --top 3", "--top is for --nearest TEXT"),
    ("--folder F --format npy", "an array of NumPy needs a file: --out FILE"),
  ])
  func `what does not go together is said`(line: String, sentence: String) {
    let result = run(["embed"] + line.split(separator: " ").map(String.init))
    #expect(result == (2, "", "zoo: \(sentence)\n"))
  }

  @Test func `a folder that is no encoder is named, and a line that is no text`() throws {
    let nowhere = run("embed", "--folder", path("nowhere"), "a")
    #expect(nowhere.status == 2 && nowhere.complaint.contains(path("nowhere")))
    #expect(nowhere.complaint.count { $0 == "\n" } == 1)
    let input = try file("sentences", Array("a cat\n".utf8) + [0xFF, 0x0A])
    let result = run("embed", "--folder", encoder, "--input", input)
    #expect(result.status == 2 && result.complaint == "zoo: \(input):2: the line is not UTF-8\n")
  }
}
