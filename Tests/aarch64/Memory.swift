import Kernels

@_silgen_name("mmap")
private func map(
  _ address: UnsafeMutableRawPointer?, _ size: Int, _ protection: Int32, _ flags: Int32,
  _ file: Int32, _ offset: Int
) -> UnsafeMutableRawPointer

@_silgen_name("munmap")
private func unmap(_ address: UnsafeMutableRawPointer, _ size: Int) -> Int32

@_silgen_name("mprotect")
private func protect(
  _ address: UnsafeMutableRawPointer, _ size: Int, _ protection: Int32
) -> Int32

/// The arrays of a case, of which each is given back, and looked at, when the case is over.
///
/// Unsafe, as there is one thread.
nonisolated(unsafe) private var living: [(pages: UnsafeMutableRawPointer, size: Int, marks: Int)] =
  []

/// Gives the memory of all arrays back; ends the program where a kernel has written before one.
func endCase() {
  for room in living {
    let marks = room.pages.assumingMemoryBound(to: UInt8.self)
    for place in 0..<room.marks where marks[place] != 0xa5 {
      fatalError("a kernel has written before an array")
    }
    _ = unmap(room.pages, room.size)
  }
  living.removeAll(keepingCapacity: true)
}

/// An array between a page of mark bytes and one that nobody may touch: who reads or writes beyond its
/// end ends the program, and who writes before its start is seen.
struct Room<Element: BitwiseCopyable> {
  let start: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int) {
    let page = 4096
    let bytes = count * MemoryLayout<Element>.stride
    let size = (bytes + page - 1) / page * page + 2 * page
    // Read and write; private and anonymous.
    let pages = map(nil, size, 3, 0x22, -1, 0)
    guard protect(pages + (size - page), page, 0) == 0 else { fatalError("no memory") }
    pages.initializeMemory(as: UInt8.self, repeating: 0xa5, count: size - page)
    let marks = size - page - bytes
    living.append((pages, size, marks))
    start = (pages + marks).assumingMemoryBound(to: Element.self)
    self.count = count
  }

  var input: UnsafePointer<Element> { UnsafePointer(start) }
}

extension Room where Element: BinaryFloatingPoint {
  init(_ values: [Double]) {
    self.init(count: values.count)
    for index in 0..<count { start[index] = Element(values[index]) }
  }

  var values: [Double] { (0..<count).map { Double(start[$0]) } }
}

extension Room where Element == Bool {
  init(_ values: [Bool]) {
    self.init(count: values.count)
    for index in 0..<count { start[index] = values[index] }
  }

  var values: [Bool] { (0..<count).map { start[$0] } }
}
