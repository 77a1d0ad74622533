extension VectorInstructions {
  /// Multiply-adds on a tile of registers alone: what one core could do if memory were free.
  ///
  /// - Returns: The number of floating-point operations, two for each multiply-add.
  @inlinable @inline(never)
  public static func peak(iterations: Int) -> Double {
    let count = Tile.rows &* panelWidth
    let memory = UnsafeMutablePointer<Stored>.allocate(capacity: count)
    defer { memory.deallocate() }
    // Different numbers in every accumulator, or the compiler would compute equal ones once.
    for index in 0..<count { memory[index] = Stored(storing: Scalar(index)) }
    var tile = Tile(memory, panelWidth)
    let b = Tile.Group(memory)
    let x = splat(Scalar(1) / 64)
    var rest = iterations
    while rest > 0 {
      tile.multiplyAdd(x, b)
      rest &-= 1
    }
    tile.store(memory, panelWidth)
    return memory[0].computed.isNaN ? .nan : 2 * Double(count) * Double(iterations)
  }
}
