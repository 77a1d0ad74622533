#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One piece of address space that large buffers are cut from. A buffer gets the smallest free
/// place that holds it; free places side by side become one. So what one part of a training step
/// has freed serves the next part whatever its sizes, and a step takes hardly more memory than
/// the tensors that live at once.
struct BufferRegion: ~Copyable {
  /// Buffers are whole pages.
  private static let page = 1 << 12
  private static let hugePage: UInt = 1 << 21

  private struct Place {
    var start: UInt
    var end: UInt
    /// How much of it the system has given memory for, as if that were at its start.
    var resident: Int
    var size: Int { Int(end - start) }
  }

  /// Free places below `top`, ascending; no two touch.
  private var places: [Place] = []
  /// The address space; what is from `top` on has never been used.
  private var bounds: Range<UInt>?
  private var top: UInt = 0
  /// How far huge pages have been asked for.
  private var advised: UInt = 0
  /// Resident bytes in free places.
  private(set) var free = 0

  init() {}

  static func size(_ byteCount: Int) -> Int { (byteCount + page - 1) & ~(page - 1) }

  func contains(_ address: UInt) -> Bool { bounds?.contains(address) ?? false }

  /// A place of so many bytes, a multiple of the page, and whether the system has still to give
  /// memory for it; nil where the address space is used up, or the system gives none.
  mutating func take(_ size: Int) -> (address: UInt, isFresh: Bool)? {
    guard let bounds = bounds ?? reserve() else { return nil }
    var best: Int?
    for index in places.indices where places[index].size >= size {
      if best.map({ places[index].size < places[$0].size }) ?? true { best = index }
    }
    if let best {
      let place = places[best]
      let resident = min(place.resident, size)
      free -= resident
      if place.size == size {
        places.remove(at: best)
      } else {
        places[best].start += UInt(size)
        places[best].resident -= resident
      }
      return (place.start, resident < size)
    }
    // The last place grows.
    var start = top
    if let last = places.last, last.end == top { start = last.start }
    guard bounds.upperBound - start >= UInt(size) else { return nil }
    if start < top {
      free -= places.removeLast().resident
    }
    top = start + UInt(size)
    adviseHugePages()
    return (start, true)
  }

  /// Takes back a place.
  mutating func put(_ address: UInt, _ size: Int) {
    var place = Place(start: address, end: address + UInt(size), resident: size)
    free += size
    var index = firstPlace(behind: address)
    if index < places.count, places[index].start == place.end {
      place.end = places[index].end
      place.resident += places[index].resident
      places.remove(at: index)
    }
    if index > 0, places[index - 1].end == place.start {
      index -= 1
      place.start = places[index].start
      place.resident += places[index].resident
      places[index] = place
    } else {
      places.insert(place, at: index)
    }
  }

  /// Gives the memory of all free places back to the system.
  mutating func release() {
    for index in places.indices where places[index].resident > 0 {
      let place = places[index]
      madvise(UnsafeMutableRawPointer(bitPattern: place.start), place.size, MADV_DONTNEED)
      places[index].resident = 0
    }
    free = 0
    if let last = places.last, last.end == top {
      top = last.start
      places.removeLast()
    }
  }

  /// Index of the first free place behind an address.
  private func firstPlace(behind address: UInt) -> Int {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].start < address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Address space for twice what the machine has of memory: none of it counts before it is used.
  private mutating func reserve() -> Range<UInt>? {
    let size = 2 * sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    #if os(Linux)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    #else
      let flags = MAP_PRIVATE | MAP_ANON | MAP_NORESERVE
    #endif
    let memory = mmap(nil, max(size, 1 << 30), PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let memory, memory != MAP_FAILED else {
      bounds = 0..<0
      return bounds
    }
    let start = UInt(bitPattern: memory)
    let first = (start + Self.hugePage - 1) & ~(Self.hugePage - 1)
    bounds = first..<(start + UInt(max(size, 1 << 30)))
    (top, advised) = (first, first)
    return bounds
  }

  /// Asks for huge pages as far as buffers have come: hundreds of times fewer page faults when they
  /// are fresh, and fewer misses of the translation buffer ever after.
  private mutating func adviseHugePages() {
    #if os(Linux)
      let end = top & ~(Self.hugePage - 1)
      guard advised < end else { return }
      madvise(UnsafeMutableRawPointer(bitPattern: advised), Int(end - advised), MADV_HUGEPAGE)
      advised = end
    #endif
  }
}
