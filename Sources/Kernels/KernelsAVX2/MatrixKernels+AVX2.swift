#if arch(x86_64)

  package import Kernels

  extension MatrixKernels<Float> {
    package static let avx2 = MatrixKernels(
      "avx2", product: { AVX2Float.matrixProduct($0) },
      pack: { AVX2Float.pack($0, $1, $2, $3, $4, $5) },
      packedCount: { AVX2Float.packedCount($0, $1) }, peak: { AVX2Float.peak($0) })
  }

  extension MatrixKernels<Double> {
    package static let avx2 = MatrixKernels(
      "avx2", product: { AVX2Double.matrixProduct($0) },
      pack: { AVX2Double.pack($0, $1, $2, $3, $4, $5) },
      packedCount: { AVX2Double.packedCount($0, $1) }, peak: { AVX2Double.peak($0) })
  }

#endif
