import Foundation
import Testing
import Training

@Suite struct CSVLogTests {
  @Test func eachRowIsInTheFileAtOnce() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      var log = try CSVLog(path: path, columns: ["epoch", "loss", "best"])
      try log.append([1, 0.5, true])
      #expect(try text(of: path) == "epoch,loss,best\n1,0.5,true\n")
      try log.append([2, Float(0.1), false])
      #expect(try text(of: path) == "epoch,loss,best\n1,0.5,true\n2,0.1,false\n")
      #expect(try names(in: directory) == ["log.csv"])
    }
  }

  @Test func fieldsAreQuotedWhereTheyMustBe() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      var log = try CSVLog(path: path, columns: ["a", "b,c"])
      try log.append(["say \"hi\"", "two\nlines"])
      try log.append(["", "\"\r"])
      #expect(
        try text(of: path) == "a,\"b,c\"\n\"say \"\"hi\"\"\",\"two\nlines\"\n,\"\"\"\r\"\n")
    }
  }

  @Test func anOldFileLivesUntilTheFirstRow() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      try AtomicFile.write("a\n1\n", to: path)
      var log = try CSVLog(path: path, columns: ["b"])
      #expect(try text(of: path) == "a\n1\n")
      try log.append([2])
      #expect(try text(of: path) == "b\n2\n")
    }
  }

  @Test func aResumedTrainingGoesOn() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      for row in 1...3 {
        var log = try CSVLog(path: path, columns: ["a,", "b"], append: true)
        try log.append([row, "x\ny"])
      }
      #expect(try text(of: path) == "\"a,\",b\n1,\"x\ny\"\n2,\"x\ny\"\n3,\"x\ny\"\n")
    }
  }

  @Test(arguments: [0, 1, 2, 5])
  func `rows beyond those that are kept are removed`(rows: Int) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      let lines = ["1,\"x\ny\"\n", "2,z\n", "3,z\n"]
      try AtomicFile.write("a,b\n" + lines.joined(), to: path)
      var log = try CSVLog(path: path, columns: ["a", "b"], append: true, keeping: rows)
      try log.append([9, "z"])
      #expect(try text(of: path) == "a,b\n" + lines.prefix(rows).joined() + "9,z\n")
    }
  }

  @Test func `what is not a number has neither sign nor payload`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      var log = try CSVLog(path: path, columns: ["a", "b", "c"])
      try log.append([-Double.nan, Float(nan: 5, signaling: false), -Double.infinity])
      #expect(try text(of: path) == "a,b,c\nnan,nan,-inf\n")
    }
  }

  @Test(arguments: ["a,b\n1,2\n", "a,b\n1,2\n3", "a,b\n1,2\n3,\"4\n", "a,b\n1,2\n3,\"4\n5"])
  func aRowThatACrashCutShortIsRemoved(content: String) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      try AtomicFile.write(content, to: path)
      var log = try CSVLog(path: path, columns: ["a", "b"], append: true)
      try log.append([5, 6])
      #expect(try text(of: path) == "a,b\n1,2\n5,6\n")
    }
  }

  @Test func aHeaderThatACrashCutShortIsWrittenAgain() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      try AtomicFile.write("a,", to: path)
      var log = try CSVLog(path: path, columns: ["a", "b"], append: true)
      try log.append([5, 6])
      #expect(try text(of: path) == "a,b\n5,6\n")
    }
  }

  @Test func otherColumnsAreNotMixed() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/log.csv"
      try AtomicFile.write("a,b\n1,2\n", to: path)
      let expected = FileError(
        path: path, attempt: .open, reason: "Expected the columns a,c, found a,b")
      #expect(throws: expected) { _ = try CSVLog(path: path, columns: ["a", "c"], append: true) }
      #expect(try text(of: path) == "a,b\n1,2\n")
    }
  }

  @Test func aMissingDirectoryIsSaidAtOnce() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/no/log.csv"
      let expected = FileError(
        path: path, attempt: .create, reason: "No such file or directory")
      #expect(throws: expected) { _ = try CSVLog(path: path, columns: ["a"]) }
    }
  }
}
