import Foundation
import Testing

/// The program as a shell starts it: what it says where its output cannot be written, and of its
/// environment.
@Suite struct ProcessTests {
  @Test(arguments: ["list", "--help", "help train", "train --help"])
  func `output that cannot be written is a sentence and status 2`(command: String) throws {
    #expect(try shell("zoo \(command)").status == 0)
    let full = try shell("zoo \(command) > /dev/full")
    #expect(full.status == 2)
    #expect(full.errors == "zoo: cannot write 'standard output': No space left on device\n")
    let closed = try shell("zoo \(command) >&-")
    #expect(closed.status == 2)
    #expect(closed.errors == "zoo: cannot write 'standard output': Bad file descriptor\n")
  }

  @Test func `a page that cannot be written is a sentence and status 2`() throws {
    let full = try shell("zoo pronounce cat --html /dev/full > /dev/null")
    #expect(full.status == 2)
    #expect(full.errors == "zoo: cannot write '/dev/full': No space left on device\n")
  }

  @Test func `where the reader has gone, the program ends by the signal and without a word`() throws
  {
    // The reader ends at once; the writer waits for that.
    let gone = try shell("{ sleep 0.2; zoo list; echo $? >&2; } | true")
    #expect(gone.errors == "141\n")
    #expect(try shell("zoo list | head -n 1").errors.isEmpty)
  }

  @Test func `standard input is read line by line, and one that is not UTF-8 is named`() throws {
    let said = try shell("printf 'cat\\nact' | zoo apply seq2seq")
    #expect(said.status == 0 && said.output == "cat\tK AE T\nact\tAE K T\n")
    let bad = try shell("printf 'cat\\ncaf\\351\\n' | zoo apply seq2seq")
    #expect(bad.status == 2 && bad.output.isEmpty)
    #expect(bad.errors == "zoo: standard input:2: the line is not UTF-8\n")
    #expect(try shell("zoo apply seq2seq < /dev/null").status == 0)
    let closed = try shell("zoo apply seq2seq <&-")
    #expect(closed.errors == "zoo: standard input cannot be read: Bad file descriptor\n")
    // Answers come before the input has ended.
    let early = try shell(
      "{ yes cat | head -n 256; sleep 2; } | zoo apply seq2seq | { read line; echo \"$line\"; }")
    #expect(early.output == "cat\tK AE T\n")
  }

  @Test func `results do not end in a file where standard output is closed`() throws {
    let path = FileManager.default.temporaryDirectory.path + "/page-\(UUID().uuidString).html"
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try shell("zoo pronounce cat --html '\(path)' >&- 2>&-").status == 2)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(arguments: [
    ("TAPESTRY_THREADS", "abc", "must be a whole number of at least 1, not \"abc\""),
    ("TAPESTRY_THREADS", "0", "must be a whole number of at least 1, not \"0\""),
    ("TAPESTRY_INSTRUCTION_SET", "foo", "=foo is not an instruction set; there are baseline"),
    (
      "TAPESTRY_THREAD", "1", " is no variable that is read; there are TAPESTRY_INSTRUCTION_SET,"
    ),
  ])
  func `a variable of the environment without meaning is told, whatever the command`(
    name: String, value: String, sentence: String
  ) throws {
    let result = try shell("zoo list", environment: [name: value])
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("tapestry: \(name)") && result.errors.contains(sentence))
    #expect(result.errors.count { $0 == "\n" } == 1)
  }

  @Test func `a variable that is empty says nothing`() throws {
    let result = try shell(
      "zoo list", environment: ["TAPESTRY_THREADS": "", "TAPESTRY_INSTRUCTION_SET": ""])
    #expect(result.status == 0)
  }
}
