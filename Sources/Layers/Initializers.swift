public import Autograd

// How parameters start. Sizes first, then options, then the generator: the order of every
// initialiser of this library.

/// Makes a model whose weights follow, as those of a file, without drawing random numbers for them.
///
/// ```swift
/// let model = awaitingWeights { Encoder(configuration, using: &generator) }
/// try model.load(from: "encoder.safetensors")
/// ```
///
/// Inside of the body, on this thread, whatever takes random numbers (`uniform`, `normal` and the
/// initialisers here) gives zeros, which take no memory until they are changed. What is computed of them
/// does. Ones, zeros and tables are as ever.
public func awaitingWeights<Model, Failure: Error>(
  _ body: () throws(Failure) -> Model
) throws(Failure) -> Model {
  try Outline.awaitWeights(body)
}

extension Tensor where Scalar: FloatingPointScalar {
  /// Uniform in ±1/sqrt(fanIn), as PyTorch initialises linear and recurrent layers.
  ///
  /// - Parameters:
  ///   - shape: any.
  ///   - fanIn: number of inputs that each output sums over.
  public static func fanInUniform(
    _ shape: Shape, fanIn: Int, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    if fanIn <= 0 { return .zeros(shape) }
    let bound = Scalar(1 / Double(fanIn).squareRoot())
    return .uniform(shape, in: -bound...bound, using: &generator)
  }

  /// Uniform in ±sqrt(6 / (fanIn + fanOut)), which keeps the variance of values and gradients
  /// (Glorot and Bengio, 2010).
  ///
  /// - Parameter shape: `[out, in]`
  public static func glorotUniform(
    _ shape: Shape, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    if shape.rank != 2 { trap("glorotUniform: [out, in] is expected, not \(shape)") }
    if shape.elementCount == 0 { return .zeros(shape) }
    let bound = Scalar((6 / Double(shape[0] + shape[1])).squareRoot())
    return .uniform(shape, in: -bound...bound, using: &generator)
  }

  /// A matrix whose rows, or columns if there are fewer, are orthonormal (Saxe, McClelland and
  /// Ganguli, 2014).
  ///
  /// - Parameter shape: `[rows, columns]`
  public static func orthogonal(
    _ shape: Shape, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    if shape.rank != 2 { trap("orthogonal: [rows, columns] is expected, not \(shape)") }
    // Rows of zeros cannot be made orthogonal.
    if let awaited = awaited(shape) { return awaited }
    let isWide = shape[0] <= shape[1]
    let wide: Shape = isWide ? shape : [shape[1], shape[0]]
    let random = Tensor<Double>.normal(wide, using: &generator)
    // Twice, since once leaves what rounding has left.
    let rows = orthonormalized(orthonormalized(random))
    let matrix = isWide ? rows : Tensor<Double>(rows.transposed().scalars, shape: shape)
    return matrix.converted(to: Scalar.self)
  }
}

/// What the method of Gram and Schmidt makes of the rows: each without its shares along those
/// before it, of length 1. By halves, so that nearly all of it is products of matrices.
///
/// - Parameter rows: `[rows, columns]`, not more rows than columns.
private func orthonormalized(_ rows: Tensor<Double>) -> Tensor<Double> {
  let count = rows.shape[0]
  if count == 0 { return rows }
  if count == 1 { return rows / sqrt(square(rows).sum()) }
  let first = orthonormalized(rows.narrowed(axis: 0, to: 0..<(count / 2)))
  let rest = rows.narrowed(axis: 0, to: (count / 2)..<count)
  let shares = matmul(matmul(rest, first.transposed()), first)
  return .concatenated([first, orthonormalized(rest - shares)], axis: 0)
}
