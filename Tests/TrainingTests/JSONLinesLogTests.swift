import Foundation
import Testing
import Training

@Suite struct JSONLinesLogTests {
  @Test func `each row is in the file at once, and is JSON`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.jsonl"
      var log = try JSONLinesLog(path: path)
      try log.append([("epoch", 1), ("loss", 0.5), ("best", true), ("part", "a \"b\"\n\\")])
      try log.append([("loss", Double.nan), ("rate", Float.infinity), ("unit", "µ")])
      let lines = try text(of: path).split(separator: "\n")
      #expect(lines[0] == #"{"epoch":1,"loss":0.5,"best":true,"part":"a \"b\"\u000a\\"}"#)
      #expect(lines[1] == #"{"loss":null,"rate":null,"unit":"µ"}"#)
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
      #expect(object["part"] as? String == "a \"b\"\n\\")
    }
  }

  @Test func `an old file lives until the first row`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.jsonl"
      try AtomicFile.write("{}\n", to: path)
      var log = try JSONLinesLog(path: path)
      #expect(try text(of: path) == "{}\n")
      try log.append([("a", 2)])
      #expect(try text(of: path) == "{\"a\":2}\n")
    }
  }

  @Test(arguments: [0, 1, 2, 5])
  func `a resumed training goes on after the rows that are kept`(rows: Int) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.jsonl"
      // A quote in a text is no end of it, and a cut line is none.
      let lines = ["{\"a\":\"\\\"\"}\n", "{\"a\":2}\n"]
      try AtomicFile.write(lines.joined() + "{\"a\":", to: path)
      var log = try JSONLinesLog(path: path, append: true, keeping: rows)
      try log.append([("a", 9)])
      #expect(try text(of: path) == lines.prefix(rows).joined() + "{\"a\":9}\n")
    }
  }

  @Test func `a missing directory is an error at once`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/no/log.jsonl"
      let expected = FileError(
        path: path, attempt: .create, reason: "No such file or directory")
      #expect(throws: expected) { _ = try JSONLinesLog(path: path) }
    }
  }
}
