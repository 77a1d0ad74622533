/// The comparison of a function's or a model's gradients with finite differences.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// The derivatives that were compared, and the two that differ most.
  package private(set) var comparison: DerivativeComparison
  /// What `error` may be.
  public let tolerance: Double

  /// The largest |ours - difference| / max(1, |ours|, |difference|); infinite where one of them is
  /// NaN.
  public var error: Double { comparison.error }
  /// Where the largest error is, with both numbers; empty where there is none.
  public var worst: String { comparison.worst }
  /// Number of derivatives compared.
  public var count: Int { comparison.count }
  /// Whether all derivatives agree.
  public var passes: Bool { error <= tolerance }

  /// One sentence with the largest error and its place.
  public var description: String {
    "\(count) derivatives \(passes ? "agree" : "do not all agree") with finite differences: "
      + "error \(error), tolerance \(tolerance)\(worst.isEmpty ? "" : ", at \(worst)")"
  }

  package init(_ comparison: DerivativeComparison, tolerance: Double) {
    self.comparison = comparison
    self.tolerance = tolerance
  }

  /// Compares the derivatives of a function with central differences.
  ///
  /// The function's elements are summed with fixed weights, so that it may return any shape. A
  /// central difference with step h errs by about h² in the function's third derivative and by
  /// the rounding error over h: with h = 1e-5, about 1e-10 each at numbers of size 1.
  ///
  /// - Parameters:
  ///   - inputs: where to differentiate; the function should be smooth there.
  ///   - order: 1, or 2 to check the gradient of the gradient too, and forward mode: what it gives
  ///     along a random direction is compared with the gradients.
  ///   - step: half the distance of the two points of a difference.
  ///   - tolerance: the relative error that passes.
  ///   - function: must give the same result for the same inputs.
  public init(
    at inputs: [Tensor<Double>], order: Int = 1, step: Double = 1e-5, tolerance: Double = 1e-7,
    of function: ([Tensor<Double>]) -> Tensor<Double>
  ) {
    Self.check(order: order, step: step)
    self.init(DerivativeComparison(), tolerance: tolerance)
    compare(inputs, step, "") { Self.weighted(function($0)) }
    guard order > 1 else { return }
    compare(inputs, step, "second order, ") { (inputs: [Tensor<Double>]) -> Tensor<Double> in
      let gradients = valueWithGradient(at: inputs) { Self.weighted(function($0)) }.gradients
      return gradients.enumerated().reduce(Tensor(0)) { sum, entry in
        var generator = Generator(seed: UInt64(entry.offset) + 11)
        let direction = Tensor<Double>.uniform(
          entry.element.shape, in: -1...1, using: &generator)
        return sum + (entry.element * direction).sum()
      }
    }
    compareForward(inputs, "forward mode") { [Self.weighted(function($0))] }
    compareForward(inputs, "forward mode over reverse mode") {
      valueWithGradient(at: $0) { Self.weighted(function($0)) }.gradients
    }
  }

  package static func check(order: Int, step: Double) {
    if order != 1 && order != 2 { trap("GradientCheck: order 1 or 2 is expected, not \(order)") }
    if !(step > 0 && step < .infinity) {
      trap("GradientCheck: a step larger than 0 is expected, not \(step)")
    }
  }

  /// The elements of a result, summed with weights of their own, the same at each call.
  package static func weighted(_ output: Tensor<Double>) -> Tensor<Double> {
    var generator = Generator(seed: 7)
    return (output * .uniform(output.shape, in: 0.5...1.5, using: &generator)).sum()
  }

  /// A function's tangents with the products of its gradients.
  private mutating func compareForward(
    _ inputs: [Tensor<Double>], _ name: String,
    _ function: ([Tensor<Double>]) -> [Tensor<Double>]
  ) {
    var generator = Generator(seed: 13)
    func directions(_ tensors: [Tensor<Double>]) -> [Tensor<Double>] {
      tensors.map { .uniform($0.shape, in: -1...1, using: &generator) }
    }
    func dot(_ a: [Tensor<Double>], _ b: [Tensor<Double>]) -> Tensor<Double> {
      zip(a, b).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
    }
    let along = directions(inputs)
    let (outputs, tangents) = jacobianVectorProduct(at: inputs, along: along, of: function)
    let weights = directions(outputs)
    let gradients = valueWithGradient(at: inputs) { dot(function($0), weights) }.gradients
    comparison.add(
      dot(tangents, weights).detached.scalar, dot(gradients, along).detached.scalar, name)
  }

  /// Each element of a function's gradients with the difference of two of its values.
  private mutating func compare(
    _ inputs: [Tensor<Double>], _ step: Double, _ prefix: String,
    _ function: ([Tensor<Double>]) -> Tensor<Double>
  ) {
    let gradients = valueWithGradient(at: inputs, of: function).gradients
    var moved = inputs
    for (number, input) in inputs.enumerated() {
      let ours = gradients[number].detached.scalars
      for element in 0..<input.count {
        func value(_ offset: Double) -> Double {
          moved[number] = input
          moved[number].withUnsafeMutableScalars { $0[element] += offset }
          return function(moved).detached.scalar
        }
        let difference = (value(step) - value(-step)) / (2 * step)
        comparison.add(
          ours[element], difference,
          "\(prefix)input \(number), element \(input.shape.position(element))")
      }
      moved[number] = input
    }
  }
}

/// Derivatives that are compared one after another with what they should be.
package struct DerivativeComparison: Sendable {
  package private(set) var error = 0.0
  package private(set) var worst = ""
  package private(set) var count = 0

  package init() {}

  /// Compares a derivative with another way to compute it.
  ///
  /// - Parameter name: what it is the derivative of, for the message.
  package mutating func add(_ ours: Double, _ other: Double, _ name: @autoclosure () -> String) {
    let size = Swift.max(1, Swift.max(ours.magnitude, other.magnitude))
    let difference = (ours - other).magnitude / size
    count += 1
    // Infinities that are equal have no difference, which is NaN.
    let error = ours == other ? 0 : (difference.isNaN ? .infinity : difference)
    if error > self.error {
      self.error = error
      worst = "\(name()): \(ours) for \(other)"
    }
  }
}
