import Autograd

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@_silgen_name("malloc_trim")
private func trimLibrary(_ padding: Int) -> Int32

/// The process's resident memory, as Linux counts it.
package enum Resident {
  /// Bytes now.
  package static var now: Int { value("VmRSS:") }

  /// The most bytes since the process began or `forgetPeak` was called.
  package static var peak: Int { value("VmHWM:") }

  /// Gives memory that is not in use back to the system, as far as the C library can.
  package static func trim() {
    BufferPool.trim()
    _ = trimLibrary(0)
  }

  /// Sets the peak to what is resident now.
  package static func forgetPeak() {
    let file = open("/proc/self/clear_refs", O_WRONLY)
    guard file >= 0 else { fatalError("/proc/self/clear_refs cannot be written") }
    _ = write(file, "5", 1)
    close(file)
  }

  private static func value(_ name: String) -> Int {
    let file = open("/proc/self/status", O_RDONLY)
    guard file >= 0 else { fatalError("/proc/self/status cannot be read") }
    defer { close(file) }
    let text = String(unsafeUninitializedCapacity: 1 << 14) { buffer in
      max(read(file, buffer.baseAddress, buffer.count), 0)
    }
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let kilobytes = Int(line.filter(\.isNumber))
    else { fatalError("/proc/self/status has no number for \(name)") }
    return kilobytes * 1024
  }
}
