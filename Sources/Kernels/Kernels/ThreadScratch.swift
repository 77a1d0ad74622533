private import Glibc

/// Memory that a thread keeps from one call to the next, so that a matrix product allocates
/// nothing once it has run at its largest size. It is freed when the thread ends.
@usableFromInline
enum ThreadScratch {
  private static let alignment = 64

  private typealias Slot = (address: UnsafeMutableRawPointer?, size: Int)

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { value in
      guard let slot = value?.assumingMemoryBound(to: Slot.self) else { return }
      slot.pointee.address?.deallocate()
      slot.deallocate()
    }
    guard status == 0 else {
      fatalError("no thread-specific memory is left: pthread_key_create gave \(status)")
    }
    return key
  }()

  /// At least `count` scalars, aligned to cache lines, with whatever was in them; they are the
  /// calling thread's until it asks again.
  @usableFromInline
  static func scalars<Scalar: KernelScalar>(
    _ count: Int, _: Scalar.Type
  ) -> UnsafeMutablePointer<Scalar> {
    bytes(count * MemoryLayout<Scalar>.stride).assumingMemoryBound(to: Scalar.self)
  }

  @usableFromInline
  static func bytes(_ size: Int) -> UnsafeMutableRawPointer {
    let slot: UnsafeMutablePointer<Slot>
    if let known = pthread_getspecific(key) {
      slot = known.assumingMemoryBound(to: Slot.self)
    } else {
      slot = .allocate(capacity: 1)
      slot.initialize(to: (nil, 0))
      pthread_setspecific(key, slot)
    }
    if let address = slot.pointee.address, slot.pointee.size >= size { return address }
    slot.pointee.address?.deallocate()
    let address = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
    slot.pointee = (address, size)
    return address
  }
}
