/// Plain loops in the place of the matrix product until the branch with the real one is merged.
extension InstructionSet {
  /// `KernelTable.matrixProduct`.
  @inlinable
  public static func matrixProduct(_ p: MatrixProduct<Scalar>) {
    for i in 0..<p.m {
      for j in 0..<p.n {
        var sum = p.accumulate ? p.c[i &* p.cRow &+ j] : 0
        for q in 0..<p.k {
          let b = p.packed.map { $0[q &* p.n &+ j] } ?? p.b[q &* p.bRow &+ j &* p.bColumn]
          sum += p.a[i &* p.aRow &+ q &* p.aColumn] * b
        }
        p.c[i &* p.cRow &+ j] = sum + (p.bias.map { $0[j] } ?? 0)
      }
    }
  }

  /// `KernelTable.pack`.
  @inlinable
  public static func pack(
    _ b: UnsafePointer<Scalar>, _ rowStride: Int, _ columnStride: Int, _ rows: Int,
    _ columns: Int, _ result: UnsafeMutablePointer<Scalar>
  ) {
    for i in 0..<rows {
      for j in 0..<columns {
        result[i &* columns &+ j] = b[i &* rowStride &+ j &* columnStride]
      }
    }
  }

  /// `KernelTable.packedCount`.
  @inlinable
  public static func packedCount(_ rows: Int, _ columns: Int) -> Int { rows &* columns }

  /// `KernelTable.peak`.
  @inlinable
  public static func peak(_ iterations: Int) -> Double { 0 }
}
