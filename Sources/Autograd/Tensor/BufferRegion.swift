import Platform

/// One piece of address space that large buffers are cut from. A buffer gets the smallest free
/// gap that holds it; gaps side by side become one. So what one part of a training step
/// has freed serves the next part whatever its sizes, and a step takes hardly more memory than
/// the tensors that live at once.
package struct BufferRegion: ~Copyable {
  /// Buffers are whole pages.
  private static let page = SystemMemory.pageSize
  private static let hugePage: UInt = 1 << 21

  private struct Gap {
    var start: UInt
    var end: UInt
    /// How much of it the system has given memory for, as if that were at its start.
    var resident: Int
    var size: Int { Int(end - start) }
  }

  /// Free memory below `top`, ascending; no two gaps touch.
  private var gaps: [Gap] = []
  /// The address space; what is from `top` on has never been used.
  private var bounds: Range<UInt>?
  private var top: UInt = 0
  /// How far huge pages have been asked for.
  private var advised: UInt = 0
  /// Resident bytes in gaps.
  package private(set) var free = 0

  package init() {}

  package static func size(_ byteCount: Int) -> Int { (byteCount + page - 1) & ~(page - 1) }

  package func contains(_ address: UInt) -> Bool { bounds?.contains(address) ?? false }

  /// Memory of so many bytes, a multiple of the page, and whether the system has still to give
  /// memory for it; nil where the address space is used up, or the system gives none.
  package mutating func take(_ size: Int) -> (address: UInt, isFresh: Bool)? {
    guard let bounds = bounds ?? reserve() else { return nil }
    var best: Int?
    for index in gaps.indices where gaps[index].size >= size {
      if best.map({ gaps[index].size < gaps[$0].size }) ?? true { best = index }
    }
    if let best {
      let gap = gaps[best]
      let resident = min(gap.resident, size)
      free -= resident
      if gap.size == size {
        gaps.remove(at: best)
      } else {
        gaps[best].start += UInt(size)
        gaps[best].resident -= resident
      }
      return (gap.start, resident < size)
    }
    // The last gap grows.
    var start = top
    if let last = gaps.last, last.end == top { start = last.start }
    guard bounds.upperBound - start >= UInt(size) else { return nil }
    if start < top {
      free -= gaps.removeLast().resident
    }
    top = start + UInt(size)
    adviseHugePages()
    return (start, true)
  }

  /// Takes back memory, which becomes a gap or a part of one.
  package mutating func put(_ address: UInt, _ size: Int) {
    var gap = Gap(start: address, end: address + UInt(size), resident: size)
    free += size
    var index = firstGap(after: address)
    if index < gaps.count, gaps[index].start == gap.end {
      gap.end = gaps[index].end
      gap.resident += gaps[index].resident
      gaps.remove(at: index)
    }
    if index > 0, gaps[index - 1].end == gap.start {
      index -= 1
      gap.start = gaps[index].start
      gap.resident += gaps[index].resident
      gaps[index] = gap
    } else {
      gaps.insert(gap, at: index)
    }
  }

  /// Gives the memory of all gaps back to the system.
  package mutating func release() {
    for index in gaps.indices where gaps[index].resident > 0 {
      let gap = gaps[index]
      SystemMemory.release(gap.start, gap.size)
      gaps[index].resident = 0
    }
    free = 0
    if let last = gaps.last, last.end == top {
      top = last.start
      gaps.removeLast()
    }
  }

  /// Index of the first gap after an address.
  private func firstGap(after address: UInt) -> Int {
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].start < address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Address space for twice what the machine has of memory: none of it counts before it is used.
  private mutating func reserve() -> Range<UInt>? {
    let size = max(2 * SystemMemory.physicalBytes, 1 << 30)
    guard let memory = SystemMemory.reserve(size) else {
      bounds = 0..<0
      return bounds
    }
    let start = UInt(bitPattern: memory)
    let first = (start + Self.hugePage - 1) & ~(Self.hugePage - 1)
    bounds = first..<(start + UInt(size))
    (top, advised) = (first, first)
    return bounds
  }

  /// Asks for huge pages as far as buffers have come: hundreds of times fewer page faults when they
  /// are fresh, and fewer misses of the translation buffer ever after.
  private mutating func adviseHugePages() {
    let end = top & ~(Self.hugePage - 1)
    guard advised < end else { return }
    SystemMemory.adviseHugePages(advised, Int(end - advised))
    advised = end
  }
}
