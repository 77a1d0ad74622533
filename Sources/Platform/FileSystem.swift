#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files by their paths.
package enum FileSystem {
  /// What stands at a path, at the end of symbolic links.
  package static func status(of path: String) throws(SystemError) -> FileStatus {
    var status = stat()
    _ = try SystemError.checking { stat(path, &status) }
    return FileStatus(status)
  }

  /// Whether there is anything at a path.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether this program may read what stands at a path.
  package static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

  /// Throws where this program may not write to what stands at a path.
  package static func checkWritable(_ path: String) throws(SystemError) {
    _ = try SystemError.checking { access(path, W_OK) }
  }

  /// Makes a directory in one that is there.
  package static func makeDirectory(_ path: String) throws(SystemError) {
    _ = try SystemError.checking { mkdir(path, 0o777) }
  }

  /// The path without symbolic links.
  package static func resolve(_ path: String) throws(SystemError) -> String {
    guard let real = realpath(path, nil) else { throw .last }
    defer { free(real) }
    return String(cString: real)
  }

  /// Gives a file another name, which it takes from the file that has it.
  package static func rename(_ path: String, to new: String) throws(SystemError) {
    _ = try SystemError.checking { renameFile(path, new) }
  }

  /// Gives a file a second name, which no file has yet.
  package static func link(_ path: String, to new: String) throws(SystemError) {
    _ = try SystemError.checking { linkFile(path, new) }
  }

  /// The names of what is in a directory, but for `.` and `..`, in any order.
  package static func names(in directory: String) throws(SystemError) -> [String] {
    guard let stream = opendir(directory) else { throw .last }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes a file, if it is there.
  package static func remove(_ path: String) { unlink(path) }
}

// Out of reach of the methods with the names of C's.

private func linkFile(_ path: String, _ new: String) -> CInt { link(path, new) }

private func renameFile(_ path: String, _ new: String) -> CInt { rename(path, new) }
