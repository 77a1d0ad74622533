import Autograd
import Platform

/// The process's resident memory, as Linux counts it.
package enum Resident {
  /// Bytes now.
  package static var now: Int { value("VmRSS") }

  /// The most bytes since the process began or `forgetPeak` was called.
  package static var peak: Int { value("VmHWM") }

  /// Gives memory that is not in use back to the system, as far as the C library can.
  package static func trim() {
    BufferPool.trim()
    SystemMemory.trim()
  }

  /// Sets the peak to what is resident now.
  package static func forgetPeak() {
    do throws(SystemError) {
      try FileDescriptor("/proc/self/clear_refs", for: .writing).write("5".utf8)
    } catch { fatalError("/proc/self/clear_refs cannot be written: \(error)") }
  }

  private static func value(_ name: String) -> Int {
    guard let text = ProcessStatus[name], let kilobytes = Int(text.filter(\.isNumber)) else {
      fatalError("/proc/self/status has no number for \(name)")
    }
    return kilobytes * 1024
  }
}
