import Autograd

/// Several arrays in one piece of memory, each at the start of a cache line.
struct Workspace<Scalar: FloatingPointScalar> {
  private var count = 0

  /// A place for so many numbers, as a distance from the start.
  mutating func place(_ numbers: Int) -> Int {
    let line = 64 / MemoryLayout<Scalar>.stride
    defer { count += (numbers + line - 1) / line * line }
    return count
  }

  /// Memory for all that has got its place.
  func allocate() -> Value { Value(Scalar.scalarType, [count]) }
}
