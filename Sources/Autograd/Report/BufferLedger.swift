import Platform
import Synchronization

/// The buffers that a thread has allocated since the ledger was opened and that still live, each
/// under the name of the operation that it was for.
final class BufferLedger {
  private var sizes: [UInt: (bytes: Int, name: String?)] = [:]
  /// Buffers that no operation has claimed yet.
  private var unclaimed: [UInt] = []

  /// Number of open ledgers of all threads: as long as there is none, allocation pays for one look.
  private static let count = Atomic<Int>(0)
  private static let bound = ThreadLocal()

  /// Runs the body with the ledger open on this thread.
  func open<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let before = Self.bound.address
    Self.bound.address = Unmanaged.passUnretained(self).toOpaque()
    Self.count.add(1, ordering: .relaxed)
    defer {
      Self.count.subtract(1, ordering: .relaxed)
      Self.bound.address = before
    }
    return try withExtendedLifetime(self) { () throws(Failure) in try body() }
  }

  @inline(__always)
  static func allocated(_ address: UnsafeMutableRawPointer, _ bytes: Int) {
    if count.load(ordering: .relaxed) > 0 { current?.add(UInt(bitPattern: address), bytes) }
  }

  @inline(__always)
  static func freed(_ address: UnsafeMutableRawPointer) {
    if count.load(ordering: .relaxed) > 0 {
      _ = current?.sizes.removeValue(forKey: UInt(bitPattern: address))
    }
  }

  private static var current: BufferLedger? {
    guard let address = bound.address else { return nil }
    return Unmanaged<BufferLedger>.fromOpaque(address).takeUnretainedValue()
  }

  private func add(_ address: UInt, _ bytes: Int) {
    sizes[address] = (bytes, nil)
    unclaimed.append(address)
  }

  /// The buffers that are new since the last call are those of an operation.
  func attribute(to name: String) {
    for address in unclaimed where sizes[address] != nil { sizes[address]!.name = name }
    unclaimed.removeAll(keepingCapacity: true)
  }

  /// Bytes of all living buffers that an operation has claimed.
  var bytesByName: [String: Int] {
    var result: [String: Int] = [:]
    for case (let bytes, let name?) in sizes.values { result[name, default: 0] += bytes }
    return result
  }
}
