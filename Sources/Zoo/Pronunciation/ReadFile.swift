import Glibc

/// The bytes of a file.
///
/// - Throws: `LexiconError` with the operating system's reason; a directory counts as unreadable.
func readFile(_ path: String) throws(LexiconError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw LexiconError(
      file: path, problem: errno == ENOENT ? .missing : .unreadable(reason: reason(errno)))
  }
  defer { close(descriptor) }
  // The size is only a first guess: a pipe such as /dev/stdin has none.
  var status = stat()
  var chunk = 1 << 16
  if fstat(descriptor, &status) == 0, status.st_size > 0 {
    chunk = Int(status.st_size) + 1
  }
  var bytes: [UInt8] = []
  while true {
    let previous = bytes.count
    var received = 0
    bytes.append(contentsOf: repeatElement(0, count: chunk))
    bytes.withUnsafeMutableBytes { buffer in
      received = read(descriptor, buffer.baseAddress! + previous, chunk)
    }
    if received < 0 && errno != EINTR {
      throw LexiconError(file: path, problem: .unreadable(reason: reason(errno)))
    }
    bytes.removeLast(chunk - max(received, 0))
    if received == 0 { return bytes }
  }
}

private func reason(_ code: Int32) -> String {
  String(cString: strerror(code))
}
