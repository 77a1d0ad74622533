#if arch(x86_64)

  package import Kernels

  extension MatrixKernels<Float> {
    package static let avx512 = MatrixKernels(
      "avx512", product: { AVX512Float.matrixProduct($0) },
      pack: { AVX512Float.pack($0, $1, $2, $3, $4, $5) },
      packedCount: { AVX512Float.packedCount($0, $1) }, peak: { AVX512Float.peak($0) })
  }

  extension MatrixKernels<Double> {
    package static let avx512 = MatrixKernels(
      "avx512", product: { AVX512Double.matrixProduct($0) },
      pack: { AVX512Double.pack($0, $1, $2, $3, $4, $5) },
      packedCount: { AVX512Double.packedCount($0, $1) }, peak: { AVX512Double.peak($0) })
  }

#endif
