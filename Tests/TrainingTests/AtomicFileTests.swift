import Foundation
import Testing
import Training

@Suite struct AtomicFileTests {
  @Test func makesAFileAndLeavesNothingElse() throws {
    try withTemporaryDirectory { directory in
      try AtomicFile.write("hello", to: "\(directory)/a.txt")
      #expect(try text(of: "\(directory)/a.txt") == "hello")
      #expect(try names(in: directory) == ["a.txt"])
    }
  }

  @Test func replacesTheWholeContent() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/a.txt"
      try AtomicFile.write("a long first content", to: path)
      try AtomicFile.write(pieces: [[0x61], [], [0x62, 0x63]], to: path)
      #expect(try text(of: path) == "abc")
      #expect(try names(in: directory) == ["a.txt"])
    }
  }

  @Test func theOldFileIsKeptUnderAnotherName() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/a.txt"
      for (content, all) in [
        ("1", ["a.txt": "1"]), ("2", ["a.txt": "2", "b.txt": "1"]),
        ("3", ["a.txt": "3", "b.txt": "2"]),
      ] {
        try AtomicFile.write(
          pieces: [StoredBytes(Array(content.utf8))], to: path,
          keepingPrevious: "\(directory)/b.txt")
        let found = try names(in: directory).map { ($0, try text(of: "\(directory)/\($0)")) }
        #expect(Dictionary(uniqueKeysWithValues: found) == all)
      }
    }
  }

  @Test func aReaderThatHasTheOldFileOpenKeepsIt() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/a.txt"
      try AtomicFile.write("old", to: path)
      let reader = try #require(FileHandle(forReadingAtPath: path))
      try AtomicFile.write("new", to: path)
      #expect(try reader.readToEnd() == Data("old".utf8))
    }
  }

  @Test func keepsPermissionsAndLinks() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/a.txt"
      let link = "\(directory)/link"
      try AtomicFile.write("old", to: path)
      chmod(path, 0o640)
      symlink("a.txt", link)
      try AtomicFile.write("new", to: link)
      #expect(try text(of: path) == "new")
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a.txt")
    }
  }

  @Test func takesTheLongestPossibleName() throws {
    try withTemporaryDirectory { directory in
      let name = String(repeating: "n", count: 255)
      try AtomicFile.write("x", to: "\(directory)/\(name)")
      #expect(try names(in: directory) == [name])
    }
  }

  @Test func aPipeIsWrittenToAndNotReplaced() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      // Open for both, so that neither side waits for the other.
      let reader = open(path, O_RDWR | O_NONBLOCK)
      defer { close(reader) }
      try AtomicFile.write("through", to: path)
      var bytes = [UInt8](repeating: 0, count: 20)
      #expect(read(reader, &bytes, bytes.count) == 7)
      #expect(try names(in: directory) == ["pipe"])
    }
  }

  @Test func failuresSayWhatAndWhyAndLeaveNothing() throws {
    try withTemporaryDirectory { directory in
      let missing = "\(directory)/no/a.txt"
      #expect(
        throws: FileError(
          path: missing, attempt: .create, reason: "No such file or directory")
      ) { try AtomicFile.write("x", to: missing) }

      try createDirectory("\(directory)/folder")
      #expect(
        throws: FileError(
          path: "\(directory)/folder", attempt: .replace, reason: "Is a directory")
      ) { try AtomicFile.write("x", to: "\(directory)/folder") }

      try AtomicFile.write("file", to: "\(directory)/file")
      #expect(
        throws: FileError(
          path: "\(directory)/file/a", attempt: .create, reason: "Not a directory")
      ) { try AtomicFile.write("x", to: "\(directory)/file/a") }

      // The temporary file can be made, but the renaming fails.
      let long = "\(directory)/\(String(repeating: "n", count: 256))"
      #expect(
        throws: FileError(path: long, attempt: .replace, reason: "File name too long")
      ) { try AtomicFile.write("x", to: long) }
      #expect(try names(in: directory) == ["file", "folder"])
    }
  }

  @Test func aWriteThatFailsHalfWayLeavesTheOldFile() async throws {
    // A limit on the size of files stands for the full disk. It holds for a whole process.
    await #expect(processExitsWith: .success) {
      try withTemporaryDirectory { directory in
        let path = "\(directory)/a.txt"
        try AtomicFile.write("old", to: path)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
        precondition(setrlimit(__rlimit_resource_t(1), &limit) == 0)  // 1 is RLIMIT_FSIZE
        let expected = FileError(path: path, attempt: .write, reason: "File too large")
        #expect(throws: expected) {
          try AtomicFile.write([UInt8](repeating: 0, count: 5000), to: path)
        }
        #expect(try text(of: path) == "old")
        #expect(try names(in: directory) == ["a.txt"])
      }
    }
  }

  @Test(arguments: ["", "a\0b"])
  func pathsThatCannotBeAreRefused(path: String) {
    #expect(throws: FileError.self) { try AtomicFile.write("x", to: path) }
    #expect(throws: FileError.self) { try readFile(path) }
    #expect(throws: FileError.self) { try createDirectory(path) }
  }
}

@Suite struct ReadFileTests {
  @Test func readsFilesOfAnySize() throws {
    try withTemporaryDirectory { directory in
      for count in [0, 1, 65_535, 65_536, 200_000] {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try AtomicFile.write(bytes, to: "\(directory)/a")
        #expect(try readFile("\(directory)/a") == bytes)
      }
    }
  }

  @Test func readsWhatDoesNotTellItsSize() throws {
    #expect(try !readFile("/proc/self/status").isEmpty)
    try withTemporaryDirectory { directory in
      let path = "\(directory)/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      // Several times what the first read has room for.
      let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      Thread.detachNewThread { try? AtomicFile.write(bytes, to: path) }
      #expect(try readFile(path) == bytes)
    }
  }

  @Test func saysWhyAFileCannotBeRead() throws {
    try withTemporaryDirectory { directory in
      let missing = FileError(
        path: "\(directory)/a", attempt: .open, reason: "No such file or directory")
      #expect(throws: missing) { try readFile("\(directory)/a") }
      #expect(
        missing.description == "cannot open '\(directory)/a': No such file or directory")
      #expect(
        throws: FileError(path: directory, attempt: .read, reason: "Is a directory")
      ) { try readFile(directory) }
    }
  }

  @Test func aFileBeyondMemoryIsAnErrorAndNotTheEnd() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/sparse"
      try AtomicFile.write("", to: path)
      try #require(truncate(path, 1 << 43) == 0)
      #expect(throws: FileError.self) { try readFile(path) }
    }
  }

  @Test func makesDirectoriesWithThoseAbove() throws {
    try withTemporaryDirectory { directory in
      try createDirectory("\(directory)/a/b/c/")
      try createDirectory("\(directory)/a/b/c")
      try AtomicFile.write("x", to: "\(directory)/a/b/c/file")
      #expect(
        throws: FileError(
          path: "\(directory)/a/b/c/file", attempt: .create, reason: "Not a directory")
      ) { try createDirectory("\(directory)/a/b/c/file") }
    }
  }
}
