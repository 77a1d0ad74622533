import Tasks
import Testing

/// The room that texts take.
@Suite struct TextWidthTests {
  @Test(arguments: [
    ("abc", 3), ("日本", 4), ("e\u{301}", 1), ("👩‍👧", 2), ("❤\u{FE0F}", 2), ("한국", 4), ("שלום", 4),
    ("Ａ", 2), ("", 0), ("\u{200B}", 0),
  ])
  func `columns in a terminal`(text: String, expected: Int) {
    #expect(columns(of: text) == expected)
  }

  @Test func `what is cut ends in an ellipsis and fits`() {
    #expect(cut("abcdef", to: 6) == "abcdef")
    #expect(cut("abcdefg", to: 6) == "abcde…")
    #expect(cut("日本語日本語", to: 6) == "日本…")
  }

  @Test func `bars are right to an eighth of a column`() {
    #expect(bar(0.5, width: 4) == "██")
    #expect(bar(1, width: 4) == "████")
    #expect(bar(0.125, width: 1) == "▏")
    #expect(bar(0, width: 10) == "")
  }
}
