public import Autograd

/// Adds waves to a sequence that tell its positions apart (Vaswani et al., 2017, section 3.5). At
/// position p, with E features, `wave[2i] = sin(p / base^(2i / E))` and `wave[2i + 1] = cos` of
/// the same.
public struct SinusoidalPositions<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The waves, `[limit, size]`: a constant.
  public let table: Tensor<Scalar>
  /// How much slower the last wave is than the first.
  public let base: Double

  /// - Parameters:
  ///   - limit: number of positions.
  ///   - size: E, number of features.
  ///   - base: how much slower the last wave is than the first.
  public init(limit: Int, size: Int, base: Double = 10_000) {
    expect(limit, atLeast: 0, "SinusoidalPositions", "limit")
    expect(size, atLeast: 1, "SinusoidalPositions", "size")
    expect(base, .positive, "SinusoidalPositions", "base")
    self.base = base
    if let outline = Tensor<Scalar>.outline([limit, size]) {
      table = outline
      return
    }
    let angles = positionAngles(limit, (size + 1) / 2, size, base)  // [limit, E/2]
    let waves = Tensor<Double>.stacked([sin(angles), cos(angles)], axis: 2)
    table = waves.flattened(axes: 1...).narrowed(axis: 1, to: 0..<size).converted(to: Scalar.self)
  }

  /// - Parameters:
  ///   - x: `[batch, time, size]`
  ///   - start: position of the first step.
  public func callAsFunction(_ x: Tensor<Scalar>, from start: Int = 0) -> Tensor<Scalar> {
    x + positions(of: x, from: start, in: table, "SinusoidalPositions")
  }
}

/// Adds a learned vector for each position (Gehring et al., 2017, section 3.1).
public struct LearnedPositions<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[limit, size]`
  @Parameter public var weight: Tensor<Scalar>

  /// - Parameters:
  ///   - limit: number of positions.
  ///   - size: number of features.
  ///   - generator: vectors start normal with deviation 0.02.
  public init(limit: Int, size: Int, using generator: inout some RandomNumberGenerator) {
    _weight = Parameter(
      wrappedValue: .normal([limit, size], deviation: 0.02, using: &generator))
  }

  /// - Parameters:
  ///   - x: `[batch, time, size]`
  ///   - start: position of the first step.
  public func callAsFunction(_ x: Tensor<Scalar>, from start: Int = 0) -> Tensor<Scalar> {
    x + positions(of: x, from: start, in: weight, "LearnedPositions")
  }
}

/// The rows of a table for the steps of a sequence, `[time, size]`.
private func positions<Scalar: FloatingPointScalar>(
  of x: Tensor<Scalar>, from start: Int, in table: Tensor<Scalar>, _ layer: String
) -> Tensor<Scalar> {
  if x.rank != 3 || x.shape[2] != table.shape[1] {
    trap("\(layer): an input of shape \(x.shape); [batch, time, \(table.shape[1])] is expected")
  }
  return table.narrowed(axis: 0, to: positionRange(start, x.shape[1], table.shape[0], layer))
}

/// The positions of a sequence, which a table must have.
func positionRange(_ start: Int, _ time: Int, _ limit: Int, _ layer: String) -> Range<Int> {
  if start < 0 || start + time > limit {
    trap("\(layer): positions \(start) ..< \(start + time) of a table of \(limit)")
  }
  return start..<(start + time)
}

/// `position / base^(2i / size)`: `[limit, count]`, in double precision, as large positions need.
func positionAngles(_ limit: Int, _ count: Int, _ size: Int, _ base: Double) -> Tensor<Double> {
  let exponents = Tensor<Double>((0..<count).map { -2 * Double($0) / Double(size) })
  let rates = pow(Tensor<Double>(base), exponents)
  return Tensor<Double>((0..<limit).map { Double($0) }, shape: [limit, 1]) * rates
}
