import Pronunciation
import Testing

private func read(
  _ text: String, format: LexiconFormat? = nil, stress: StressMarks = .dropped
) throws(LexiconError) -> Lexicon {
  try Lexicon(parsing: Array(text.utf8), file: "words.tsv", format: format, stress: stress)
}

private func malformed(_ line: Int, _ expected: String, _ found: String) -> LexiconError {
  LexiconError(
    file: "words.tsv", problem: .malformed(line: line, expected: expected, found: found))
}

@Suite("Reading word lists")
struct WordListTests {
  @Test("words keep the order of the file and are lower-cased")
  func order() throws {
    let lexicon = try read("ZOO\tZ UW\nApe\tEY P\n")
    #expect(lexicon.map(\.word) == ["zoo", "ape"])
    #expect(lexicon["zoo"] == [["Z", "UW"]])
    #expect(lexicon["cat"] == nil)
  }

  @Test("a word on several lines has several pronunciations, even when others stand between")
  func severalPronunciations() throws {
    let lexicon = try read("READ\tR IY D\nAPE\tEY P\nread\tR EH D\n")
    #expect(lexicon.map(\.word) == ["read", "ape"])
    #expect(lexicon["read"] == [["R", "IY", "D"], ["R", "EH", "D"]])
  }

  @Test("pronunciations that differ in stress alone collapse, unless stress is kept")
  func stress() throws {
    let text = "PERMIT\tP ER1 M IH2 T\nPERMIT\tP ER0 M IH1 T\n"
    #expect(try read(text)["permit"] == [["P", "ER", "M", "IH", "T"]])
    #expect(
      try read(text, stress: .kept)["permit"] == [
        ["P", "ER1", "M", "IH2", "T"], ["P", "ER0", "M", "IH1", "T"],
      ])
  }

  @Test(
    "line ends, blank lines, a byte-order mark and a missing final newline do not matter",
    arguments: [
      "APE\tEY P\nZOO\tZ UW", "APE\tEY P\r\nZOO\tZ UW\r\n", "\n\nAPE\tEY P\n  \n\r\nZOO\tZ UW\n\n",
      "\u{FEFF}APE\tEY P\nZOO\tZ UW\n", "APE\t  EY   P  \nZOO \tZ UW\n",
    ])
  func lineEnds(text: String) throws {
    #expect(try read(text) == Lexicon([("ape", ["EY", "P"]), ("zoo", ["Z", "UW"])]))
  }

  @Test("words of other alphabets are read and lower-cased")
  func unicode() throws {
    #expect(try read("ÉTÉ\te t e\n")["été"] == [["e", "t", "e"]])
  }

  @Test("a malformed line is named with its number, what was expected and what was found")
  func malformedLines() {
    let form = "WORD<TAB>PH PH PH"
    #expect(throws: malformed(2, form, "\"hello\"")) { try read("APE\tEY P\nhello\n") }
    #expect(throws: malformed(4, form, "\"hello\"")) { try read("\r\nAPE\tEY P\r\n\r\nhello") }
    #expect(throws: malformed(4, form, "\"hello\"")) { try read("\n\nAPE\tEY P\nhello\n") }
    #expect(throws: malformed(1, form, "\"<TAB>EY P\"")) { try read("\tEY P\n") }
    #expect(throws: malformed(1, form, "\"APE<TAB>EY<TAB>P\"")) { try read("APE\tEY\tP\n") }
    #expect(throws: malformed(1, form, "\"APE<TAB>\", where there is no phoneme")) {
      try read("APE\t\n")
    }
    #expect(throws: malformed(1, form, "\"APE<TAB>EY 1 P\", where \"1\" is no phoneme")) {
      try read("APE\tEY 1 P\n")
    }
    #expect(
      throws: malformed(1, form, "\"A?E<TAB>EY P\", where there is a control character (code 0)")
    ) {
      try read("A\0E\tEY P\n")
    }
  }

  @Test("a long malformed line is quoted in part")
  func longLine() {
    let quoted = String(repeating: "x", count: 60)
    #expect(throws: malformed(2, "WORD<TAB>PH PH PH", "\"\(quoted)...\"")) {
      try read("APE\tEY P\n" + String(repeating: "x", count: 1000))
    }
  }

  @Test("text without any word is an error", arguments: ["", "\n\r\n  \n", "\u{FEFF}"])
  func empty(text: String) {
    #expect(throws: LexiconError(file: "words.tsv", problem: .empty)) { try read(text) }
  }

  @Test("bytes that are not UTF-8 are an error with the line's number")
  func notUTF8() {
    let bytes = Array("APE\tEY P\n".utf8) + [0x5A, 0xFF, 0x09, 0x5A, 0x0A]
    #expect(throws: LexiconError(file: "words.tsv", problem: .notUTF8(line: 2))) {
      try Lexicon(parsing: bytes, file: "words.tsv")
    }
  }

  @Test("an error reads as one sentence")
  func sentence() {
    #expect(
      malformed(3, "WORD<TAB>PH PH PH", "\"hello\"").description
        == "words.tsv, line 3: expected WORD<TAB>PH PH PH, found \"hello\"")
  }
}

@Suite("Reading the form of the CMU dictionary")
struct CMUFormatTests {
  @Test("variants join their word, comments are dropped")
  func variants() throws {
    let lexicon = try read(
      ";;; a comment\naalborg AO1 L B AO0 R G # place, danish\nread R EH1 D\nread(2) R IY1 D\n")
    #expect(lexicon.map(\.word) == ["aalborg", "read"])
    #expect(lexicon["aalborg"] == [["AO", "L", "B", "AO", "R", "G"]])
    #expect(lexicon["read"] == [["R", "EH", "D"], ["R", "IY", "D"]])
  }

  @Test("parentheses that mark no variant belong to the word")
  func parentheses() throws {
    let lexicon = try read("() P\nword(a) W\n(2) T\n")
    #expect(lexicon.map(\.word) == ["()", "word(a)", "(2)"])
  }

  @Test("the format can be forced")
  func forced() throws {
    #expect(
      throws: malformed(1, "WORD<TAB>PH PH PH", "\"read R EH1 D\"")
    ) {
      try read("read R EH1 D\n", format: .wordList)
    }
  }

  @Test("a malformed line is named with its number")
  func malformedLines() {
    let form = "word PH PH PH"
    #expect(throws: malformed(2, form, "\"hello\"")) { try read("ape EY P\nhello\n") }
    #expect(throws: malformed(1, form, "\"ape # EY\", where there is no phoneme")) {
      try read("ape # EY\n")
    }
  }
}

@Suite("Files of words")
struct LexiconFileTests {
  @Test("a missing file is an error that names it")
  func missing() {
    #expect(throws: LexiconError(file: "/nowhere/words.tsv", problem: .missing)) {
      try Lexicon(contentsOf: "/nowhere/words.tsv")
    }
  }

  @Test("a directory is an error with the system's reason")
  func directory() {
    #expect(
      throws: LexiconError(file: "/", problem: .unreadable(reason: "Is a directory"))
    ) {
      try Lexicon(contentsOf: "/")
    }
  }

  @Test("the dictionary that ships has the words and phonemes that its source states")
  func cmudict() throws {
    let lexicon = try Lexicon.cmudict()
    // 126,052 words are stated in the data's own description.
    #expect(lexicon.count == 126_052)
    #expect(lexicon["tapestry"] == [["T", "AE", "P", "AH", "S", "T", "R", "IY"]])
    #expect(lexicon["read"] == [["R", "EH", "D"], ["R", "IY", "D"]])
    #expect(Set(lexicon.flatMap { $0.pronunciations.joined() }).count == 39)
  }
}
