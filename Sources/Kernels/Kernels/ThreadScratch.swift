private import Platform

/// Memory that a thread keeps from one call to the next, so that a matrix product, or the backward
/// pass of a recurrent layer, allocates nothing for its own use once it has run at its largest size.
/// It is freed when the thread ends.
@usableFromInline
package struct ThreadScratch: Sendable {
  /// For operands as a product lays them out, and for sums of few rows.
  @usableFromInline static let packing = ThreadScratch()
  /// For results of products that are turned back afterwards.
  @usableFromInline static let turning = ThreadScratch()
  /// For what a recurrent layer's backward pass takes from step to step.
  package static let steps = ThreadScratch()

  private static let alignment = 64

  private typealias Slot = (address: UnsafeMutableRawPointer?, size: Int)

  private let slot = ThreadLocal { value in
    let slot = value.assumingMemoryBound(to: Slot.self)
    slot.pointee.address?.deallocate()
    slot.deallocate()
  }

  private init() {}

  /// At least `count` numbers, aligned to cache lines, with whatever was in them; they are the
  /// calling thread's until it asks again.
  @usableFromInline
  package func numbers<Stored: StoredScalar>(
    _ count: Int, _: Stored.Type
  ) -> UnsafeMutablePointer<Stored> {
    bytes(count * MemoryLayout<Stored>.stride).assumingMemoryBound(to: Stored.self)
  }

  private func bytes(_ size: Int) -> UnsafeMutableRawPointer {
    let slot: UnsafeMutablePointer<Slot>
    if let known = self.slot.address {
      slot = known.assumingMemoryBound(to: Slot.self)
    } else {
      slot = .allocate(capacity: 1)
      slot.initialize(to: (nil, 0))
      self.slot.address = UnsafeMutableRawPointer(slot)
    }
    if let address = slot.pointee.address, slot.pointee.size >= size { return address }
    slot.pointee.address?.deallocate()
    let address = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.alignment)
    slot.pointee = (address, size)
    return address
  }
}
