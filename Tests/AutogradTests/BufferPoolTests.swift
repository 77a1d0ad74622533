import Autograd
import Foundation
import Testing

@Suite struct BufferPoolTests {
  /// Sizes from the C library, from a class of sizes, and from whole pages.
  @Test(arguments: [8, 1024, 5000, 1 << 17])
  func `poisoned memory is NaN in either type and no index`(byteCount: Int) {
    let memory = BufferPool.allocate(byteCount)
    defer { BufferPool.deallocate(memory, byteCount) }
    #if !(DEBUG || TAPESTRY_POISONED_BUFFERS)
      // What debug builds, and Tests/sanitizers.sh, do to each.
      BufferPool.poison(memory, byteCount)
    #endif
    for offset in stride(from: 0, to: byteCount, by: 8) {
      #expect(memory.load(fromByteOffset: offset, as: Float.self).isNaN)
      #expect(memory.load(fromByteOffset: offset, as: Double.self).isNaN)
      #expect(memory.load(fromByteOffset: offset, as: Int32.self) < 0)
    }
  }
}
