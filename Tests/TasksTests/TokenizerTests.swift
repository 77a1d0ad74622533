import Tasks
import Testing

/// Texts as tokens.
@Suite struct TokenizerTests {
  @Test func `words and marks stand by themselves`() {
    let tokenizer = MarkTokenizer()
    #expect(
      tokenizer.tokens(of: " raise Error ( \"no '%s' in x_1\" % name, )") == [
        "raise", "Error", "(", "\"", "no", "'", "%", "s", "'", "in", "x_1", "\"", "%", "name", ",",
        ")",
      ])
    #expect(tokenizer.tokens(of: "naïve\u{301} 東京→x²") == ["naïve\u{301}", "東京", "→", "x²"])
    #expect(tokenizer.tokens(of: " \n").isEmpty)
    let text = "a ( b )"
    #expect(tokenizer.text(of: tokenizer.tokens(of: text)) == text)
  }

  @Test func `words are what white space separates`() {
    let tokenizer = WordTokenizer()
    #expect(tokenizer.tokens(of: " A dog\tran .\n") == ["A", "dog", "ran", "."])
    #expect(tokenizer.text(of: ["A", "dog"]) == "A dog")
    #expect(WordTokenizer(lowercases: true).tokens(of: "A DOG") == ["a", "dog"])
    #expect(tokenizer.tokens(of: " \u{2003}\u{1C} ").isEmpty)
  }

  @Test func `marks at the ends of words are tokens of phrases`() {
    let tokenizer = PhraseTokenizer()
    let text = "kiss: man, man, medium-dark skin tone"
    let tokens = ["kiss", ":", "man", ",", "man", ",", "medium-dark", "skin", "tone"]
    #expect(tokenizer.tokens(of: text) == tokens)
    #expect(tokenizer.text(of: tokens) == text)
    #expect(tokenizer.tokens(of: "at 9:30 : 1,5") == ["at", "9:30", ":", "1,5"])
    #expect(tokenizer.text(of: [":", "a"]) == ": a" && tokenizer.text(of: []) == "")
  }

  @Test func `characters are what a reader sees`() {
    let tokenizer = CharacterTokenizer()
    let text = "e\u{301}l 👩‍👧"
    #expect(tokenizer.tokens(of: text).count == 4)
    #expect(Array(tokenizer.text(of: tokenizer.tokens(of: text)).utf8) == Array(text.utf8))
  }

  @Test func `the pair that was learnt first is joined first`() {
    let encoding = BytePairEncoding(merges: [
      .init("b", "c</w>"), .init("a", "b"), .init("a", "bc</w>"),
    ])
    #expect(encoding.tokens(of: "abc ab") == ["abc", "a@@", "b"])
    #expect(encoding.text(of: ["abc", "a@@", "b"]) == "abc ab")
    #expect(encoding.tokens(of: "").isEmpty && encoding.text(of: []) == "")
  }

  @Test(arguments: [
    ("", "codes:1: expected \"#version: 0.2\""),
    ("#version: 0.1\na b\n", "codes:1: expected \"#version: 0.2\""),
    ("#version: 0.2\na b\na\n", "codes:3: expected two pieces with a space between them"),
    ("#version: 0.2\na b c\n", "codes:2: expected two pieces with a space between them"),
    ("#version: 0.2\na \n", "codes:2: expected two pieces with a space between them"),
  ])
  func `a line that is no pair is named`(text: String, sentence: String) {
    let error = #expect(throws: TextError.self) {
      try BytePairEncoding(bytes: Array(text.utf8), file: "codes")
    }
    #expect(error?.description == sentence)
  }
}
