import Platform
import Synchronization

/// Memory for tensors, reused: a freed buffer is kept for the next tensor of about its size, so
/// that a steady training loop touches no fresh page.
///
/// Buffers of at most `smallest` bytes come from the C library, whose own cache for each thread is
/// as fast. Larger ones are 64-byte aligned, and rounded up to one of eight sizes an octave, so at
/// most an eighth is wasted and sequences of nearly equal lengths share buffers. Buffers of at least
/// `large` bytes are whole pages of one region, where what is freed serves any size
/// (`BufferRegion`).
///
/// Two conditions of the compiler find errors that this hides (`Tests/sanitizers.sh`). With `TAPESTRY_EXACT_BUFFERS` each
/// buffer is one of the C library's, of exactly its size, so that the address sanitizer sees its end. In debug builds,
/// and with `TAPESTRY_POISONED_BUFFERS`, fresh memory is full of NaN.
public enum BufferPool {
  static let smallest = 1024
  static let large = 1 << 16

  private struct State: ~Copyable {
    /// The first free buffer of each size class, 0 where there is none. In its first word each holds
    /// the next: a list takes no memory of its own, and a step is two moves. Addresses are integers,
    /// as what the lock guards is `Sendable`.
    var free = InlineArray<512, UInt>(repeating: 0)
    /// When a buffer of the size class was last taken or returned.
    var lastUse = InlineArray<512, Int>(repeating: 0)
    var region = BufferRegion()
    var time = 0
    /// Bytes in `free`; the region counts its own.
    var pooled = 0
    var cached: Int { pooled + region.free }
    var used = 0
    var peak = 0
    var allocations = 0

    mutating func use(_ index: Int) {
      time &+= 1
      lastUse[index] = time
    }

    /// Takes a free buffer of a size class; nil if none is.
    mutating func take(ofClass index: Int) -> UInt? {
      guard let first = UnsafePointer<UInt>(bitPattern: free[index]) else { return nil }
      free[index] = first.pointee
      pooled -= BufferPool.size(ofClass: index)
      return UInt(bitPattern: first)
    }

    mutating func put(_ address: UInt, ofClass index: Int) {
      UnsafeMutablePointer<UInt>(bitPattern: address)!.pointee = free[index]
      free[index] = address
      pooled += BufferPool.size(ofClass: index)
    }

    /// Takes out a buffer that is too much; nil if none is.
    mutating func surplus() -> UInt? {
      guard cached > 0, cached + used > max(peak + peak / 2, 1 << 26) else { return nil }
      if region.free > 0 {
        region.release()
        return surplus()
      }
      var oldest: Int?
      for index in free.indices where free[index] != 0 {
        if oldest.map({ lastUse[index] < lastUse[$0] }) ?? true { oldest = index }
      }
      return oldest.flatMap { take(ofClass: $0) }
    }
  }

  private static let state = Mutex(State())

  /// What the pool holds, in bytes, and how often it had to ask the system.
  public struct Statistics: Sendable {
    /// Bytes in buffers of living tensors (large buffers only).
    public var used: Int
    /// The largest `used` so far.
    public var peak: Int
    /// Bytes kept for reuse.
    public var cached: Int
    /// Buffers that were taken from the system so far.
    public var allocations: Int
  }

  /// The pool's figures now.
  public static var statistics: Statistics {
    state.withLock {
      Statistics(used: $0.used, peak: $0.peak, cached: $0.cached, allocations: $0.allocations)
    }
  }

  /// Gives all buffers that no tensor uses back to the system, and forgets the peak.
  public static func trim() {
    let addresses = state.withLock { state in
      var addresses: [UInt] = []
      for index in state.free.indices {
        while let address = state.take(ofClass: index) { addresses.append(address) }
      }
      state.region.release()
      state.peak = state.used
      return addresses
    }
    for address in addresses { free(address) }
  }

  /// Index of the size class, and the size of its buffers.
  @inline(__always)
  static func sizeClass(_ byteCount: Int) -> (index: Int, size: Int) {
    let octave = Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount
    let index = octave &* 8 &+ (byteCount &- 1 &- (1 &<< octave)) &>> (octave &- 3)
    return (index, size(ofClass: index))
  }

  /// The size of a class's buffers.
  @inline(__always)
  private static func size(ofClass index: Int) -> Int {
    let (octave, part) = (index >> 3, index & 7)
    return (1 &<< octave) &+ (part &+ 1) &<< (octave &- 3)
  }

  /// Memory that is not yet written.
  package static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let address = find(byteCount)
    #if DEBUG || TAPESTRY_POISONED_BUFFERS
      poison(address, byteCount)
    #endif
    BufferLedger.allocated(address, byteCount)
    return address
  }

  /// Fills memory with what is NaN in `Float` and in `Double`, no index of any axis, and no truth value.
  package static func poison(_ address: UnsafeMutableRawPointer, _ byteCount: Int) {
    address.initializeMemory(as: UInt8.self, repeating: 0xFF, count: byteCount)
  }

  #if TAPESTRY_EXACT_BUFFERS
    /// Whether buffers have exactly their size, and none is kept.
    package static let isExact = true

    private static func takesFromLibrary(_: Int) -> Bool { true }
  #else
    /// Whether buffers have exactly their size, and none is kept.
    package static let isExact = false

    @inline(__always)
    private static func takesFromLibrary(_ byteCount: Int) -> Bool { byteCount <= smallest }
  #endif

  private static func find(_ byteCount: Int) -> UnsafeMutableRawPointer {
    if takesFromLibrary(byteCount) { return SystemMemory.allocate(byteCount) }
    let isLarge = byteCount >= large
    let (index, size) = isLarge ? (0, BufferRegion.size(byteCount)) : sizeClass(byteCount)
    let found = state.withLock { state -> UInt? in
      state.used += size
      state.peak = max(state.peak, state.used)
      if isLarge {
        let taken = state.region.take(size)
        if taken?.isFresh ?? true { state.allocations += 1 }
        return taken?.address
      }
      state.use(index)
      let reused = state.take(ofClass: index)
      if reused == nil { state.allocations += 1 }
      return reused
    }
    if let found { return UnsafeMutableRawPointer(bitPattern: found)! }
    guard let fresh = SystemMemory.allocate(size, alignment: 64) else {
      failForLackOfMemory(byteCount)
    }
    return fresh
  }

  @inline(never)
  private static func failForLackOfMemory(_ byteCount: Int) -> Never {
    let sentence = "out of memory: a tensor of \(byteCount) bytes cannot be allocated"
    if CurrentProcess.endsInOrderWithoutMemory.load(ordering: .relaxed) {
      CurrentProcess.end(saying: "tapestry: \(sentence)")
    }
    trap(sentence)
  }

  private static func free(_ address: UInt) {
    SystemMemory.deallocate(UnsafeMutableRawPointer(bitPattern: address)!)
  }

  /// Takes memory of so many bytes back.
  package static func deallocate(_ address: UnsafeMutableRawPointer, _ byteCount: Int) {
    BufferLedger.freed(address)
    if takesFromLibrary(byteCount) { return SystemMemory.deallocate(address) }
    let number = UInt(bitPattern: address)
    var surplus = state.withLock { state -> UInt? in
      if byteCount >= large {
        let size = BufferRegion.size(byteCount)
        state.used -= size
        // From the system where the region had no gap.
        guard state.region.contains(number) else { return number }
        state.region.put(number, size)
      } else {
        let (index, size) = sizeClass(byteCount)
        state.use(index)
        state.used -= size
        state.put(number, ofClass: index)
      }
      return state.surplus()
    }
    while let address = surplus {
      free(address)
      surplus = state.withLock { $0.surplus() }
    }
  }
}
