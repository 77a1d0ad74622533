package import Kernels

extension MatrixKernels<Float> {
  package static let baseline = MatrixKernels(
    "baseline", product: { BaselineFloat.matrixProduct($0) },
    pack: { BaselineFloat.pack($0, $1, $2, $3, $4, $5) },
    packedCount: { BaselineFloat.packedCount($0, $1) }, peak: { BaselineFloat.peak($0) })
}

extension MatrixKernels<Double> {
  package static let baseline = MatrixKernels(
    "baseline", product: { BaselineDouble.matrixProduct($0) },
    pack: { BaselineDouble.pack($0, $1, $2, $3, $4, $5) },
    packedCount: { BaselineDouble.packedCount($0, $1) }, peak: { BaselineDouble.peak($0) })
}
