import Foundation
import Tasks
import Testing

/// Pieces of words as BERT's models read them; the fixture has what Hugging Face's tokenizers makes of texts
/// (`Tests/pretrained/wordpiece_fixture.py`).
@Suite struct WordPieceTests {
  private struct Fixture: Decodable {
    struct Case: Decodable {
      let lowercases: Bool
      let stripsAccents: Bool?
      let separatesChinese: Bool
      let numbers: [[Int32]]
    }
    let texts: [String]
    let pieces: [String]
    let cases: [Case]
  }

  private let small = try! WordPiece([
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "play", "##ing", "!", "##ed", "pl", "[MASK]",
  ])

  @Test func `numbers are those of Hugging Face's tokenizers`() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/wordpieces.json")
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: path))
    #expect(fixture.texts.count > 50 && fixture.cases.count == 4)
    for one in fixture.cases {
      let words = BERTWords(
        lowercases: one.lowercases, stripsAccents: one.stripsAccents,
        separatesChinese: one.separatesChinese)
      let tokenizer = try WordPiece(fixture.pieces, words: words)
      for (text, numbers) in zip(fixture.texts, one.numbers) {
        let found = tokenizer.numbers(of: text)
        #expect(
          found == numbers,
          """
          \(words), \(text.debugDescription): \(found.map { fixture.pieces[Int($0)] }), \
          expected \(numbers.map { fixture.pieces[Int($0)] })
          """)
      }
    }
  }

  @Test func `the longest piece comes first, and a rest without one spoils the word`() {
    #expect(
      small.tokens(of: "Playing, played!") == ["play", "##ing", "[UNK]", "play", "##ed", "!"])
    #expect(small.tokens(of: "plx pling plplay") == ["[UNK]", "pl", "##ing", "[UNK]"])
    #expect(small.numbers(of: "playing!") == [2, 4, 5, 6, 3])
    #expect(small.text(of: ["play", "##ing", "!", "pl"]) == "playing ! pl")
  }

  @Test func `a limit counts the marks at both ends`() {
    #expect(small.numbers(of: "playing playing!", limit: 5) == [2, 4, 5, 4, 3])
    #expect(small.numbers(of: "playing", limit: 4) == [2, 4, 5, 3])
    #expect(small.numbers(of: "playing", limit: 2) == [2, 3])
    #expect(small.padding == 0)
  }

  @Test func `a mark is one only where the vocabulary has it`() throws {
    #expect(small.tokens(of: "play[MASK]!") == ["play", "[MASK]", "!"])
    let without = try WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "mask", "[", "]"])
    #expect(without.tokens(of: "[MASK]") == ["[", "mask", "]"])
  }

  @Test func `a vocabulary comes back from its file, and what is wrong in one is named`() throws {
    let bytes = Array("[PAD]\r\n[UNK]\n[CLS]\n[SEP]\ncafe\u{301}\ncaf\u{e9}".utf8)
    let read = try WordPiece(bytes: bytes, words: BERTWords(lowercases: false))
    #expect(read.numbers(of: "cafe\u{301} caf\u{e9}") == [2, 4, 5, 3])
    #expect(try WordPiece(bytes: Array(read.text.utf8)).text == read.text)
    #expect(throws: TextError(file: "v", line: 2, problem: "the vocabulary has no [CLS]")) {
      try WordPiece(bytes: Array("[UNK]\nx\n".utf8), file: "v")
    }
    #expect(throws: TextError(file: "v", line: 2, problem: "the line is not UTF-8")) {
      try WordPiece(bytes: Array("[UNK]\n".utf8) + [0xFF], file: "v")
    }
  }
}
