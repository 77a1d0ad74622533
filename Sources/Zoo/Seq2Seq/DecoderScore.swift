public import Autograd
public import Layers

/// Any score of the family: the one that a configuration names.
public struct DecoderScore<Scalar: FloatingPointScalar>: FusableScore, CustomReflectable, Sendable {
  /// The score; its parameters go by this layer's name.
  public let score: any AttentionScore<Scalar> & Sendable

  /// A score of any kind.
  init(_ score: any AttentionScore<Scalar> & Sendable) { self.score = score }

  /// Nil where there is no attention.
  init?(
    _ name: ScoreName, _ querySize: Int, _ keySize: Int, _ hiddenSize: Int,
    using generator: inout some RandomNumberGenerator
  ) {
    switch name {
    case .additive:
      score = AdditiveScore<Scalar>(
        querySize: querySize, keySize: keySize, hiddenSize: hiddenSize, using: &generator)
    case .concat:
      score = ConcatScore<Scalar>(
        querySize: querySize, keySize: keySize, hiddenSize: hiddenSize, using: &generator)
    case .general:
      score = GeneralScore<Scalar>(querySize: querySize, keySize: keySize, using: &generator)
    case .dot:
      score = ProjectedScore<Scalar>(
        DotScore(), Linear(inputs: keySize, outputs: querySize, bias: false, using: &generator))
    case .scaledDot:
      score = ProjectedScore<Scalar>(
        ScaledDotScore(),
        Linear(inputs: keySize, outputs: querySize, bias: false, using: &generator))
    case .fixed, .none: return nil
    }
  }

  /// What the score makes of the keys.
  public func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> { score.prepare(keys: keys) }

  /// `[batch, queries, querySize]` and prepared keys to `[batch, queries, keys]`.
  public func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar> {
    score(queries: queries, keys: keys)
  }

  /// That of the score.
  package var additiveForm: AdditiveScore<Scalar>? {
    (score as? any FusableScore<Scalar>)?.additiveForm
  }

  /// The score's mirror, so that its parameters are found under this layer's name.
  public var customMirror: Mirror { Mirror(reflecting: score) }
}

extension DecoderScore: PyTorchNamed {
  /// None.
  public static var pyTorchModule: String? { nil }
  /// The score's, whose parameters go by this layer's name.
  public var pyTorchNames: [NameRule] { (score as? any PyTorchNamed)?.pyTorchNames ?? [] }
}

/// A score of keys that are projected to another size first.
package struct ProjectedScore<Scalar: FloatingPointScalar>: AttentionScore, Sendable {
  package let score: any AttentionScore<Scalar> & Sendable
  package let projection: Linear<Scalar>

  init(_ score: any AttentionScore<Scalar> & Sendable, _ projection: Linear<Scalar>) {
    self.score = score
    self.projection = projection
  }

  package func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> {
    score.prepare(keys: projection(keys))
  }

  package func callAsFunction(
    queries: Tensor<Scalar>, keys: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    score(queries: queries, keys: keys)
  }
}
