public import Autograd

// How parameters start. Sizes first, then options, then the generator: the order of every
// initialiser of this library.

extension Tensor where Scalar: FloatingPointScalar {
  /// Uniform in ±1/sqrt(fanIn), as PyTorch initialises linear and recurrent layers.
  public static func fanInUniform(
    _ shape: Shape, fanIn: Int, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    let bound = fanIn > 0 ? Scalar(1 / Double(fanIn).squareRoot()) : 0
    return .uniform(shape, from: -bound, to: bound, using: &generator)
  }

  /// Uniform in ±sqrt(6 / (fanIn + fanOut)), which keeps the variance of values and gradients
  /// (Glorot and Bengio, 2010).
  ///
  /// - Parameter shape: `[out, in]`
  public static func glorotUniform(
    _ shape: Shape, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    if shape.rank != 2 { trap("glorotUniform: [out, in] is expected, not \(shape)") }
    let bound = Scalar((6 / Double(shape[0] + shape[1])).squareRoot())
    return .uniform(shape, from: -bound, to: bound, using: &generator)
  }

  /// A matrix whose rows, or columns if there are fewer, are orthonormal (Saxe, McClelland and
  /// Ganguli, 2014).
  ///
  /// - Parameter shape: `[rows, columns]`
  public static func orthogonal(
    _ shape: Shape, using generator: inout some RandomNumberGenerator
  ) -> Tensor {
    if shape.rank != 2 { trap("orthogonal: [rows, columns] is expected, not \(shape)") }
    let isWide = shape[0] <= shape[1]
    let (count, length) = isWide ? (shape[0], shape[1]) : (shape[1], shape[0])
    let random = Tensor<Double>.normal([count, length], using: &generator).scalars
    var rows = (0..<count).map { Array(random[($0 * length)..<(($0 + 1) * length)]) }
    for i in 0..<count {
      // Gram-Schmidt, twice, since once leaves what rounding has left.
      for _ in 0..<2 {
        for j in 0..<i {
          let overlap = zip(rows[i], rows[j]).reduce(0) { $0 + $1.0 * $1.1 }
          for k in 0..<length { rows[i][k] -= overlap * rows[j][k] }
        }
      }
      let norm = rows[i].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for k in 0..<length { rows[i][k] /= norm }
    }
    let flat = Tensor(rows.flatMap { $0.map { Scalar($0) } }, shape: [count, length])
    return isWide ? flat : Tensor(flat.transposed().scalars, shape: shape)
  }
}
