extension VectorInstructions {
  /// All kernels of this instruction set. It is specialised, and so compiled with that set's
  /// instructions, in the target that makes the table of a concrete instruction set.
  @inlinable @inline(__always)
  public static var table: KernelTable<Scalar> {
    KernelTable(
      unary: { unary($0, $1, $2, $3) },
      binary: { binary($0, $1, $2, $3, $4, $5, $6) },
      compare: { compare($0, $1, $2, $3, $4, $5, $6) },
      addScaled: { addScaled($0, $1, $2, $3) },
      addBlock: { addBlock($0, $1, $2, $3) },
      reduce: { reduce($0, $1, $2, $3) },
      softmax: { softmax($0, $1, $2, $3, $4) },
      softmaxGradient: { softmaxGradient($0, $1, $2, $3, $4) },
      layerNorm: { layerNorm($0, $1, $2, $3, $4, $5, $6, $7, $8) },
      layerNormGradient: { layerNormGradient($0, $1, $2, $3, $4, $5, $6, $7) },
      recurrentSteps: { recurrentSteps($0, $1) },
      recurrentStepGradients: { recurrentStepGradients($0, $1) },
      additiveScores: { additiveScores($0, $1, $2, $3, $4, $5, $6) },
      additiveScoresGradient: {
        additiveScoresGradient($0, $1, $2, $3, $4, $5, $6, $7, $8, $9)
      },
      featureAttention: { featureAttention($0, $1, $2, $3, $4, $5) },
      featureAttentionGradient: { featureAttentionGradient($0, $1, $2, $3, $4, $5, $6, $7) },
      rowProducts: { rowProducts($0, $1, $2, $3, $4, $5) },
      sgd: { sgd($0, $1, $2, $3, $4) },
      adam: { adam($0, $1, $2, $3, $4, $5, $6) },
      matrixProduct: { matrixProduct($0) },
      windowProduct: { windowProduct($0) },
      transpose: { copyTransposed($0, $1, $3, $2, $5, $4) },
      readsInPlace: { readsInPlace($0) },
      pack: { pack($0, $1, $2, $3, $4, $5) },
      packedCount: { packedCount($0, $1) },
      peak: { peak($0) })
  }
}
