import Autograd

/// An operation as the tests of derivatives see it: its name, arguments at which it is smooth, and
/// the function. For each file of operations there is one here that lists its own, as
/// `ElementwiseCases.swift` for `Elementwise.swift`; `all` is the whole list.
struct DerivativeCase: Sendable {
  let name: String
  /// Shapes of the arguments.
  let shapes: [Shape]
  /// Interval from which the arguments are drawn.
  let domain: ClosedRange<Double>
  let function: @Sendable ([Tensor<Double>]) -> Tensor<Double>

  init(
    _ name: String, _ shapes: [Shape] = [[2, 3]], in domain: ClosedRange<Double> = -2...2,
    _ function: @escaping @Sendable ([Tensor<Double>]) -> Tensor<Double>
  ) {
    self.name = name
    self.shapes = shapes
    self.domain = domain
    self.function = function
  }

  /// Every differentiable operation of the module.
  static var all: [DerivativeCase] {
    [
      elementwise, smoothUnits, arithmetic, choices, subscripts, reductions, shapes, indexing,
      products, normalizations, activations, statistics, windows, rearrangements, ordering,
      convolutions, pooling, contractions, furtherNormalizations, attention, additiveScores,
      featureAttention, maskedProducts, crossEntropy, layerNorms, headAttention, feedForward, tape,
    ].flatMap(\.self)
  }
}
