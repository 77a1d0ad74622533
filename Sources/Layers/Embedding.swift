public import Autograd

/// A table of vectors, looked up by index.
public struct Embedding<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[count, size]`
  @Parameter public var weight: Tensor<Scalar>
  /// The row that stands for padding: looked up like any other, but it gets no gradient.
  public let padding: Int?

  /// - Parameters:
  ///   - count: number of rows.
  ///   - size: extent of a row.
  ///   - padding: a row that training leaves as it is; it starts at zero.
  ///   - deviation: that of the normal distribution that the rows start from.
  ///   - generator: what they are drawn from.
  public init(
    count: Int, size: Int, padding: Int? = nil, deviation: Scalar = 1,
    using generator: inout some RandomNumberGenerator
  ) {
    var table = Tensor<Scalar>.normal([count, size], deviation: deviation, using: &generator)
    if let padding {
      if padding < 0 || padding >= count {
        trap("Embedding: padding row \(padding) of a table with \(count) rows")
      }
      // An outline has no row of its own.
      if Tensor<Scalar>.awaited([count, size]) == nil {
        table.withUnsafeMutableScalars { scalars in
          for i in 0..<size { scalars[padding * size + i] = 0 }
        }
      }
    }
    _weight = Parameter(wrappedValue: table)
    self.padding = padding
  }

  /// - Parameter indices: any shape.
  /// - Returns: `[*indices.shape, size]`
  public func callAsFunction(_ indices: Tensor<Int32>) -> Tensor<Scalar> {
    embedding(indices, weight, padding: padding)
  }
}

/// Rows of a table; the row `padding` is read as any other and gets no gradient.
///
/// - Parameters:
///   - indices: any shape.
///   - weight: `[count, size]`
///   - padding: a negative one is counted from the end.
/// - Returns: `[*indices.shape, size]`
public func embedding<Scalar: FloatingPointScalar>(
  _ indices: Tensor<Int32>, _ weight: Tensor<Scalar>, padding: Int? = nil
) -> Tensor<Scalar> {
  if weight.rank != 2 {
    trap(
      "embedding: a table of shape \(weight.shape); [count, size] is expected"
        + Compute.layerPath(weight.untyped))
  }
  guard let padding else { return weight.rows(indices) }
  let count = weight.shape[0]
  if padding < -count || padding >= count {
    trap(
      "embedding: padding row \(padding) of a table with \(count) rows"
        + Compute.layerPath(weight.untyped))
  }
  let row = padding < 0 ? padding + count : padding
  let isPadding = Tensor<Bool>((0..<count).map { $0 == row }, shape: [count, 1])
  return select(isPadding, weight.detached, weight).rows(indices)
}
