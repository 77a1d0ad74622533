import Kernels

/// The matrix product of one instruction set for one scalar type.
struct MatrixKernels<Scalar: TestedScalar>: Sendable {
  let name: String
  let product: @Sendable (MatrixProduct<Scalar>) -> Void
  let pack:
    @Sendable (UnsafePointer<Scalar>, Int, Int, Int, Int, UnsafeMutablePointer<Scalar>) -> Void
  let packedCount: @Sendable (Int, Int) -> Int
  let peak: @Sendable (Int) -> Double

  /// Those that this machine can run.
  static var all: [MatrixKernels] {
    Machine.all.map { machine in
      let table = Scalar.table(machine)
      return MatrixKernels(
        name: machine.description, product: table.matrixProduct, pack: table.pack,
        packedCount: table.packedCount, peak: table.peak)
    }
  }
}
