import DataFiles
import Testing

@Suite struct TextLinesTests {
  private func lines(_ text: String, keepsBlank: Bool = false) throws(DataFileError) -> [String] {
    try TextLines(Array(text.utf8), file: "a.txt", keepsBlank: keepsBlank).lines.map {
      "\($0.number) \($0.text)"
    }
  }

  @Test func `lines have their numbers, whatever they end with`() throws {
    #expect(try lines("\u{FEFF}a\r\n\n  \nb\u{FEFF}\n\rc") == ["1 a", "4 b\u{FEFF}", "5 \rc"])
    #expect(try lines("a\n\n b \n", keepsBlank: true) == ["1 a", "2 ", "3  b "])
    #expect(try lines("").isEmpty && lines("\n\n").isEmpty)
  }

  @Test func `a line that is not UTF-8, or not what is expected, is named`() throws {
    #expect(
      complaint { _ = try TextLines([0x61, 10, 0xFF, 10], file: "a.txt") }
        == "a.txt:2: the line is not UTF-8")
    let line = try TextLines(Array("\nx".utf8), file: "a.txt").lines[0]
    #expect("\(line.error("expected y"))" == "a.txt:2: expected y")
    #expect(
      "\(TextError(file: nil, line: 3, column: "a", problem: "why"))" == "line 3, column 'a': why")
  }

  @Test func `lines come some at a time`() throws {
    var reader = LineReader(Array("a\nb\nc".utf8), name: "a.txt")
    #expect(try reader.next(2) == ["a", "b"] && reader.count == 2)
    #expect(try reader.next(2) == ["c"] && reader.count == 3)
    #expect(try reader.next(2).isEmpty)
  }
}
