/// An operation as the tests of derivatives see it: its name, arguments at which it is smooth, and
/// the function. Every file of operations lists its own; `all` is the whole list.
package struct DerivativeCase: Sendable {
  package let name: String
  /// Shapes of the arguments.
  package let shapes: [Shape]
  /// Interval from which the arguments are drawn.
  package let domain: ClosedRange<Double>
  package let function: @Sendable ([Tensor<Double>]) -> Tensor<Double>

  package init(
    _ name: String, _ shapes: [Shape] = [[2, 3]], in domain: ClosedRange<Double> = -2...2,
    _ function: @escaping @Sendable ([Tensor<Double>]) -> Tensor<Double>
  ) {
    self.name = name
    self.shapes = shapes
    self.domain = domain
    self.function = function
  }

  /// Every differentiable operation of this module.
  package static var all: [DerivativeCase] {
    [
      elementwise, smoothUnits, arithmetic, choices, subscripts, reductions, shapes, indexing,
      products, normalizations, activations, statistics, windows, rearrangements, ordering,
      convolutions, pooling, contractions, furtherNormalizations, attention, additiveScores,
      featureAttention, maskedProducts, crossEntropy, layerNorms, headAttention, feedForward,
    ].flatMap(\.self)
  }
}
