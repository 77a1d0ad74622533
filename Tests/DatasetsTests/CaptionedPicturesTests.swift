import Datasets
import Foundation
import Tasks
import Testing

@Suite final class CaptionedPicturesTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "pictures-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func read(_ lines: String) throws -> CaptionedPictures {
    for (number, name) in ["a.ppm", "b.ppm"].enumerated() {
      let bytes = Array("P6 1 1 255\n".utf8) + [UInt8(number), 2, 3]
      try Data(bytes).write(to: folder.appendingPathComponent(name))
    }
    let path = folder.appendingPathComponent("captions.tsv").path
    try lines.write(toFile: path, atomically: false, encoding: .utf8)
    return try CaptionedPictures(contentsOf: path)
  }

  @Test func `emoji are divided as the digest of their name says, and no name is in two parts`()
    throws
  {
    let emoji = try CaptionedPictures.emoji()
    #expect(
      [emoji.training, emoji.validation, emoji.test].map(\.count) == [2864, 383, 386])
    for (part, examples) in [
      (CaptionedPictures.Part.training, emoji.training), (.validation, emoji.validation),
      (.test, emoji.test),
    ] {
      #expect(examples.allSatisfy { CaptionedPictures.Part(caption: $0.caption) == part })
    }
    #expect(Set(emoji.all.map(\.caption)).count == 3633)
    #expect(emoji.all.allSatisfy { $0.image.width == 32 && $0.image.height == 32 })
    let hand = try #require(emoji.all.first { $0.source == "1F44B" })
    #expect(hand.caption == "waving hand")
    // A yellow hand in the middle, white around it.
    let center = 3 * (16 * 32 + 16)
    let color = hand.image.pixels[center..<center + 3].map { Int($0) }
    #expect(color[0] > 240 && (180...220).contains(color[1]) && color[2] < 60)
    #expect(Array(hand.image.pixels[..<3]) == [255, 255, 255])
  }

  @Test func `names come back from their tokens`() throws {
    let tokenizer = PhraseTokenizer()
    for example in try CaptionedPictures.emoji().all {
      #expect(tokenizer.text(of: tokenizer.tokens(of: example.caption)) == example.caption)
    }
  }

  @Test func `pictures beside a list have captions, which tell their part unless the line does`()
    throws
  {
    let pictures = try read(
      """
      train\ta.ppm\tone thing
      test\tb.ppm\tone thing

      a.ppm\ttest tube
      valid\tb.ppm\tanother
      """)
    #expect(pictures.training.map(\.caption) == ["one thing"])
    #expect(pictures.training[0].image.pixels == [0, 2, 3])
    #expect(pictures.validation.map(\.source) == ["b.ppm"])
    // The digest of "test tube" begins with a byte below 26, as that of an emoji of the test does.
    #expect(pictures.test.map(\.caption) == ["one thing", "test tube"])
  }

  @Test func `a line that is none, and a picture that is none, are named`() throws {
    func problem(_ lines: String) -> String? {
      do {
        _ = try read(lines)
        return nil
      } catch {
        return "\(error)".replacing(folder.path + "/", with: "")
      }
    }
    #expect(
      problem("a.ppm\tone\nb.ppm\n")
        == "captions.tsv:2: expected FILE<TAB>CAPTION or SPLIT<TAB>FILE<TAB>CAPTION, found \"b.ppm\""
    )
    #expect(
      problem("dev\ta.ppm\tone\n") == "captions.tsv:1: expected train, valid or test, found \"dev\""
    )
    #expect(problem("c.ppm\tone\n")?.hasPrefix("c.ppm cannot be read") == true)
    #expect(
      problem("captions.tsv\tone\n")
        == "captions.tsv: expected a picture: PNG, or a pixmap (P2, P3, P5, P6)")
    #expect(problem("\n") == "captions.tsv: expected pictures with captions, found none")
  }
}
