import Testing
import Training

/// Errors have nothing that a terminal would obey, whatever a file or an argument says.
@Suite struct ErrorTextTests {
  @Test func `errors show names so`() {
    let error = TensorFileError(
      "one line", found: "\u{1B}]0;x", at: .init(file: "a\u{7}b", tensor: "t\n2"))
    #expect(
      "\(error)" == "a\\u{7}b, tensor 't\\u{A}2': expected one line, found \\u{1B}]0;x")
    #expect(
      "\(FileError(path: "a\nb", attempt: .open, reason: "x"))" == "cannot open 'a\\u{A}b': x")
  }
}
