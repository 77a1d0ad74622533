extension InstructionSet {
  /// All kernels of this instruction set. It is specialised, and so compiled with that set's
  /// instructions, in the target that makes the table of a concrete instruction set.
  @inlinable @inline(__always)
  public static var table: KernelTable<Scalar> {
    KernelTable(
      unary: { unary($0, $1, $2, $3) },
      binary: { binary($0, $1, $2, $3, $4, $5, $6) },
      compare: { compare($0, $1, $2, $3, $4, $5, $6) },
      addScaled: { addScaled($0, $1, $2, $3) },
      reduce: { reduce($0, $1, $2, $3) },
      softmax: { softmax($0, $1, $2, $3, $4) },
      softmaxGradient: { softmaxGradient($0, $1, $2, $3, $4) },
      layerNorm: { layerNorm($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      layerNormGradient: { layerNormGradient($0, $1, $2, $3, $4, $5, $6, $7) },
      recurrentStep: { recurrentStep($0, $1) },
      recurrentStepGradient: { recurrentStepGradient($0, $1) },
      additiveScores: { additiveScores($0, $1, $2, $3, $4, $5, $6) },
      additiveScoresGradient: {
        additiveScoresGradient($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
      },
      matrixProduct: { matrixProduct($0) },
      pack: { pack($0, $1, $2, $3, $4, $5) },
      packedCount: { packedCount($0, $1) },
      peak: { peak($0) })
  }
}

/// The kernels that every machine of the architecture can run.
public enum BaselineKernels {
  /// The kernels for `Float`.
  public static let float: KernelTable<Float> = BaselineFloat.table
  /// The kernels for `Double`.
  public static let double: KernelTable<Double> = BaselineDouble.table
}
