/// The matrix product of one instruction set for one scalar type, for tests and measurements that
/// compare instruction sets.
package struct MatrixKernels<Scalar: KernelScalar>: Sendable {
  package let name: String
  package let product: @Sendable (MatrixProduct<Scalar>) -> Void
  package let pack:
    @Sendable (UnsafePointer<Scalar>, Int, Int, Int, Int, UnsafeMutablePointer<Scalar>) -> Void
  package let packedCount: @Sendable (Int, Int) -> Int
  package let peak: @Sendable (Int) -> Double

  package init(
    _ name: String,
    product: @escaping @Sendable (MatrixProduct<Scalar>) -> Void,
    pack:
      @escaping @Sendable (
        UnsafePointer<Scalar>, Int, Int, Int, Int, UnsafeMutablePointer<Scalar>
      ) -> Void,
    packedCount: @escaping @Sendable (Int, Int) -> Int,
    peak: @escaping @Sendable (Int) -> Double
  ) {
    self.name = name
    self.product = product
    self.pack = pack
    self.packedCount = packedCount
    self.peak = peak
  }
}
