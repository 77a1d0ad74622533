import Autograd
import Testing

@Suite struct BufferRegionTests {
  private static let page = BufferRegion.size(1)

  /// A gap; the address space of a test is never used up.
  private func take(
    _ region: inout BufferRegion, _ size: Int
  ) throws -> (address: UInt, isFresh: Bool) {
    let place = region.take(size)
    return try #require(place)
  }

  @Test func `buffers do not overlap, and what is freed is one gap again`() throws {
    var generator = Generator(seed: 1)
    var region = BufferRegion()
    var living: [(address: UInt, size: Int)] = []
    var most: UInt = 0
    let first = try take(&region, Self.page).address
    region.put(first, Self.page)
    for _ in 0..<2000 {
      if living.count > 30 || generator.next() % 3 == 0, !living.isEmpty {
        let buffer = living.remove(at: Int(generator.next() % UInt64(living.count)))
        region.put(buffer.address, buffer.size)
      } else {
        let size = Self.page * Int(1 + generator.next() % 40)
        let address = try take(&region, size).address
        for other in living {
          #expect(
            address >= other.address + UInt(other.size) || other.address >= address + UInt(size))
        }
        let isInside = region.contains(address) && region.contains(address + UInt(size) - 1)
        #expect(isInside)
        most = max(most, address + UInt(size))
        living.append((address, size))
      }
    }
    for buffer in living { region.put(buffer.address, buffer.size) }
    let free = region.free
    #expect(free == Int(most - first))
    let whole = try take(&region, free)
    let rest = region.free
    #expect(whole.address == first && !whole.isFresh && rest == 0)
  }

  @Test func `the smallest gap that is large enough is taken`() throws {
    var region = BufferRegion()
    let sizes = [5, 1, 3, 1, 4, 1].map { $0 * Self.page }
    var buffers: [UInt] = []
    for size in sizes { buffers.append(try take(&region, size).address) }
    for index in [0, 2, 4] { region.put(buffers[index], sizes[index]) }
    let four = try take(&region, 4 * Self.page)
    #expect(four.address == buffers[4])
    let two = try take(&region, 2 * Self.page)
    #expect(two.address == buffers[2])
    let free = region.free
    #expect(free == 6 * Self.page)
  }

  @Test func `what is given back to the system is fresh again, and zero`() throws {
    var region = BufferRegion()
    let address = try take(&region, Self.page).address
    let memory = try #require(UnsafeMutableRawPointer(bitPattern: address))
    memory.storeBytes(of: 7, as: UInt8.self)
    region.put(address, Self.page)
    region.release()
    let free = region.free
    #expect(free == 0)
    let again = try take(&region, Self.page)
    #expect(again.address == address && again.isFresh)
    #expect(memory.load(as: UInt8.self) == 0)
  }

  /// What was given back does not count again because a neighbour is used.
  @Test func `only what is resident counts as free`() throws {
    var region = BufferRegion()
    let large = try take(&region, 100 * Self.page).address
    let wall = try take(&region, Self.page).address
    region.put(large, 100 * Self.page)
    region.release()
    for _ in 0..<3 {
      let small = try take(&region, Self.page).address
      region.put(small, Self.page)
      let free = region.free
      #expect(free == Self.page)
    }
    region.put(wall, Self.page)
    region.release()
    let free = region.free
    #expect(free == 0)
  }
}
