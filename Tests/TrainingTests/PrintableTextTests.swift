import Testing
import Training

@Suite struct PrintableTextTests {
  @Test(arguments: [
    ("weight", "weight"), ("größe 大 🙂", "größe 大 🙂"), ("a\u{1B}[2Jb", "a\\u{1B}[2Jb"),
    ("a\nzoo: fine", "a\\u{A}zoo: fine"), ("\u{7F}\u{9B}\0", "\\u{7F}\\u{9B}\\u{0}"),
    ("\u{202E}txt\u{2066}", "\\u{202E}txt\\u{2066}"), ("", ""),
  ])
  func `a name has nothing that a terminal would obey`(text: String, shown: String) {
    #expect(PrintableText.name(text) == shown)
    #expect(
      PrintableText.lines(text.filter { $0 != "\n" }, isShortened: true)
        == shown.replacing("\\u{A}", with: ""))
  }

  @Test func `lines stay lines`() {
    #expect(PrintableText.lines("a\tb\r\nc\n", isShortened: true) == "a\tb\\u{D}\nc\n")
  }

  @Test func `what is long is shortened in its middle`() {
    let name = PrintableText.name(String(repeating: "a", count: 500) + "end")
    #expect(name.count == 205 && name.hasPrefix("aaa") && name.hasSuffix("aend"))
    #expect(PrintableText.name(String(repeating: "ä", count: 200)).count == 200)
    let line = String(repeating: "b", count: 100_000)
    #expect(PrintableText.lines("x\n\(line)\ny", isShortened: true).count == 1005 + 4)
    #expect(PrintableText.lines("x\n\(line)\ny", isShortened: false).count == 100_004)
  }

  @Test func `errors show names so`() {
    let error = TensorFileError(
      "one line", found: "\u{1B}]0;x", at: .init(file: "a\u{7}b", tensor: "t\n2"))
    #expect(
      "\(error)" == "a\\u{7}b, tensor 't\\u{A}2': expected one line, found \\u{1B}]0;x")
    #expect(
      "\(FileError(path: "a\nb", attempt: .open, reason: "x"))" == "cannot open 'a\\u{A}b': x")
  }
}
