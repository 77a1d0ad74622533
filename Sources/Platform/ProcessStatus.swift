/// What Linux tells of this process.
package enum ProcessStatus {
  /// What follows a name and a colon in `/proc/self/status`; nil on other systems.
  package static subscript(name: String) -> Substring? {
    guard
      let bytes = try? FileDescriptor("/proc/self/status", for: .reading).readToEnd(limit: 1 << 20)
    else {
      return nil
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return line?.dropFirst(name.count + 1)
  }

  /// Bytes of memory that this process holds; nil on other systems.
  package static var residentBytes: Int? {
    guard let text = ProcessStatus["VmRSS"] else { return nil }
    return text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
