/// Several arrays in one piece of memory, each at the start of a cache line: to find and to free a
/// piece for each takes a small layer as long as its arithmetic.
///
/// The memory is the pool's, as that of values is, and is given back when its only owner ends.
/// Marked as `MatrixProduct` is: threads work on parts of their own.
struct Workspace: ~Copyable, @unchecked Sendable {
  // Unchecked: whoever gives it to several threads sees to it that each has a part of its own.
  private let start: UnsafeMutableRawPointer
  private let bytes: Int

  /// Memory for so many numbers, not yet written.
  init<Scalar: FloatingPointScalar>(_: Scalar.Type, _ count: Int) {
    bytes = Swift.max(count, 1) * MemoryLayout<Scalar>.stride
    start = BufferPool.allocate(bytes)
  }

  /// Memory for all that is reserved, not yet written.
  init<Scalar>(_ layout: Layout<Scalar>) { self.init(Scalar.self, layout.count) }

  deinit { BufferPool.deallocate(start, bytes) }

  /// The first number.
  func pointer<Scalar>(_: Scalar.Type = Scalar.self) -> UnsafeMutablePointer<Scalar> {
    start.assumingMemoryBound(to: Scalar.self)
  }

  /// Where the arrays are.
  struct Layout<Scalar: FloatingPointScalar> {
    private(set) var count = 0

    /// Room for so many numbers, as a distance from the first.
    mutating func reserve(_ numbers: Int) -> Int {
      let line = 64 / MemoryLayout<Scalar>.stride
      defer { count += (numbers + line - 1) / line * line }
      return count
    }
  }
}
