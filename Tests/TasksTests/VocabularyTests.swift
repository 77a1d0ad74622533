import Foundation
import Tasks
import Testing

/// Vocabularies: numbers, files, and what is refused.
@Suite struct VocabularyTests {
  /// Tokens that a careless file form would lose or join.
  private let odd = [
    "", " ", "a b", "\n", "\r\n", "\\", "\\n", "é", "e\u{301}", "\u{0}", "\u{2028}",
  ]

  @Test func `frequent tokens come first, and equally frequent ones by their bytes`() {
    let corpus = [["b", "a", "c"], ["c", "b"], ["c", "z"]]
    #expect(Vocabulary(countedIn: corpus).tokens == ["c", "b", "a", "z"])
    #expect(Vocabulary(countedIn: corpus, minimumCount: 2).tokens == ["c", "b"])
    #expect(Vocabulary(countedIn: corpus, limit: 3).tokens == ["c", "b", "a"])
  }

  @Test func `numbers begin after the reserved ones, and come back as tokens`() {
    let words = Vocabulary(["to", "be", "to"])
    #expect(words.count == 6)
    #expect(words.encode(["be", "or", "to"]) == [5, Vocabulary.unknown, 4])
    #expect(
      words.decode([Vocabulary.start, 5, 0, 3, 4, Vocabulary.end, 4]) == ["be", "<unk>", "to"])
    #expect((0..<6).map { words.token($0) } == ["<pad>", "<s>", "</s>", "<unk>", "to", "be"])
    #expect(words.contains("be") && !words.contains("<s>"))
  }

  @Test func `tokens of other bytes are other tokens`() {
    let words = Vocabulary(["é", "e\u{301}"])
    #expect(words.encode(["e\u{301}", "é"]) == [5, 4])
    #expect(Vocabulary(["é"]) != Vocabulary(["e\u{301}"]))
  }

  @Test func `any tokens are read again as the same bytes`() throws {
    let words = Vocabulary(odd)
    #expect(words.tokens.count == odd.count)
    let bytes = Array(words.text.utf8)
    let read = try Vocabulary(bytes: bytes)
    #expect(read.tokens.map { Array($0.utf8) } == odd.map { Array($0.utf8) })
    #expect(Array(read.text.utf8) == bytes)
    let coded = try JSONDecoder().decode(Vocabulary.self, from: JSONEncoder().encode(words))
    #expect(coded == words)
    #expect(try Vocabulary(bytes: []).tokens.isEmpty)
  }

  @Test(arguments: [
    ("a\nb\na\n", "words.txt:3: the token of line 1 stands here again"),
    ("a\n\\x\n", "words.txt:2: a backslash stands before n, r or a backslash"),
    ("a\\", "words.txt:1: a backslash stands before n, r or a backslash"),
    ("a\nb\r\n", "words.txt:2: a backslash stands before n, r or a backslash"),
  ])
  func `a line that is no token is named`(text: String, sentence: String) {
    let error = #expect(throws: TextError.self) {
      try Vocabulary(bytes: Array(text.utf8), file: "words.txt")
    }
    #expect(error?.description == sentence)
  }

  @Test func `bytes that are no text are named`() {
    let error = #expect(throws: TextError.self) { try Vocabulary(bytes: [97, 10, 0xFF, 10]) }
    #expect(error?.description == "line 2: the line is not UTF-8")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Vocabulary.self, from: Data(#"["a", "a"]"#.utf8))
    }
  }
}
