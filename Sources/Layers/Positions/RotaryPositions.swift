public import Autograd

/// Turns pairs of features by angles that grow with the position (Su et al., 2021, equation 34), so
/// that inner products of queries and keys depend on the distance of their positions alone.
///
/// At position p the i-th pair (a, b) of E features becomes
/// `(a cos θ - b sin θ, a sin θ + b cos θ)`, `θ = p / base^(2i / E)`. `MultiHeadAttention` takes it
/// as an option, and turns the queries and keys of each head.
public struct RotaryPositions<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// Which features make a pair.
  public enum Pairing: String, Codable, Sendable {
    /// 2i and 2i + 1, as in the paper.
    case neighbours
    /// i and i + E/2, as in GPT-NeoX and Llama.
    case halves
  }

  /// Which features make a pair.
  public let pairing: Pairing
  /// How much slower the last pair turns than the first.
  public let base: Double
  /// `[limit, size / 2]`: constants.
  private let cosines: Tensor<Scalar>
  private let sines: Tensor<Scalar>

  /// - Parameters:
  ///   - limit: number of positions.
  ///   - size: E, number of features, even; in multi-head attention those of one head.
  ///   - base: how much slower the last pair turns than the first.
  ///   - pairing: which features make a pair.
  public init(
    limit: Int, size: Int, base: Double = 10_000, pairing: Pairing = .neighbours
  ) {
    if size < 2 || size % 2 != 0 {
      trap("RotaryPositions: \(size) features; pairs need an even number")
    }
    expect(limit, atLeast: 0, "RotaryPositions", "limit")
    expect(base, .positive, "RotaryPositions", "base")
    let angles = positionAngles(limit, size / 2, size, base)
    cosines = cos(angles).converted(to: Scalar.self)
    sines = sin(angles).converted(to: Scalar.self)
    self.pairing = pairing
    self.base = base
  }

  /// E, number of features.
  public var size: Int { 2 * cosines.shape[1] }

  /// - Parameters:
  ///   - x: `[..., time, size]`
  ///   - start: position of the first step.
  public func callAsFunction(_ x: Tensor<Scalar>, from start: Int = 0) -> Tensor<Scalar> {
    let half = cosines.shape[1]
    if x.rank < 2 || x.shape[x.rank - 1] != 2 * half {
      trap("RotaryPositions: an input of shape \(x.shape); [..., time, \(2 * half)] is expected")
    }
    let time = x.shape[x.rank - 2]
    let range = positionRange(start, time, cosines.shape[0], "RotaryPositions")
    let (cosine, sine) = (cosines.narrowed(axis: 0, to: range), sines.narrowed(axis: 0, to: range))
    let outer = Array(x.shape.dropLast())
    let pairAxis = pairing == .neighbours ? x.rank : x.rank - 1
    let pairs = x.reshaped(Shape(outer + (pairing == .neighbours ? [half, 2] : [2, half])))
      .unstacked(axis: pairAxis)
    let turned = [
      pairs[0] * cosine - pairs[1] * sine, pairs[0] * sine + pairs[1] * cosine,
    ]
    return Tensor.stacked(turned, axis: pairAxis).reshaped(x.shape)
  }
}
