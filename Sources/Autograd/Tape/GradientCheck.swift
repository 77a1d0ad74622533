/// The comparison of a function's gradients with finite differences.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// The largest |ours - difference| / max(1, |ours|, |difference|).
  public let error: Double
  /// Where the largest error is, with both numbers.
  public let worst: String
  /// Number of derivatives compared.
  public let count: Int
  /// What `error` may be.
  public let tolerance: Double

  /// Whether all derivatives agree.
  public var passes: Bool { error <= tolerance }

  /// One sentence with the largest error and its place.
  public var description: String {
    "\(count) derivatives \(passes ? "agree" : "do not all agree") with finite differences: "
      + "error \(error), tolerance \(tolerance)\(worst.isEmpty ? "" : ", at \(worst)")"
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
    func weighted(_ output: Tensor<Double>) -> Tensor<Double> {
      var generator = Generator(seed: 7)
      return (output * .uniform(output.shape, from: 0.5, to: 1.5, using: &generator)).sum()
    }
    var checks = [Self.compare(inputs, step, "") { weighted(function($0)) }]
    if order > 1 {
      let directional = { (inputs: [Tensor<Double>]) -> Tensor<Double> in
        let gradients = valueWithGradient(at: inputs) { weighted(function($0)) }.gradients
        return gradients.enumerated().reduce(Tensor(0)) { sum, entry in
          var generator = Generator(seed: UInt64(entry.offset) + 11)
          let direction = Tensor<Double>.uniform(
            entry.element.shape, from: -1, to: 1, using: &generator)
          return sum + (entry.element * direction).sum()
        }
      }
      checks.append(Self.compare(inputs, step, "second order, ", directional))
      checks.append(Self.compareForward(inputs, "forward mode") { [weighted(function($0))] })
      checks.append(
        Self.compareForward(inputs, "forward mode over reverse mode") {
          valueWithGradient(at: $0) { weighted(function($0)) }.gradients
        })
    }
    let largest = checks.max { $0.error < $1.error }!
    error = largest.error
    worst = largest.worst
    count = checks.reduce(0) { $0 + $1.count }
    self.tolerance = tolerance
  }

  /// A function's tangents with the products of its gradients.
  private static func compareForward(
    _ inputs: [Tensor<Double>], _ name: String,
    _ function: ([Tensor<Double>]) -> [Tensor<Double>]
  ) -> (error: Double, worst: String, count: Int) {
    var generator = Generator(seed: 13)
    func directions(_ tensors: [Tensor<Double>]) -> [Tensor<Double>] {
      tensors.map { .uniform($0.shape, from: -1, to: 1, using: &generator) }
    }
    func dot(_ a: [Tensor<Double>], _ b: [Tensor<Double>]) -> Tensor<Double> {
      zip(a, b).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
    }
    let along = directions(inputs)
    let (outputs, tangents) = jacobianVectorProduct(at: inputs, along: along, of: function)
    let weights = directions(outputs)
    let gradients = valueWithGradient(at: inputs) { dot(function($0), weights) }.gradients
    let (forward, reverse) = (
      dot(tangents, weights).detached.scalar, dot(gradients, along).detached.scalar
    )
    let error =
      (forward - reverse).magnitude / Swift.max(1, Swift.max(forward.magnitude, reverse.magnitude))
    return (error.isNaN ? .infinity : error, "\(name): \(forward) for \(reverse)", 1)
  }

  private static func compare(
    _ inputs: [Tensor<Double>], _ step: Double, _ prefix: String,
    _ function: ([Tensor<Double>]) -> Tensor<Double>
  ) -> (error: Double, worst: String, count: Int) {
    let gradients = valueWithGradient(at: inputs, of: function).gradients
    var result = (error: 0.0, worst: "", count: 0)
    for (number, input) in inputs.enumerated() {
      let ours = gradients[number].detached.scalars
      var moved = inputs
      for element in 0..<input.count {
        func value(_ offset: Double) -> Double {
          moved[number] = input
          moved[number].withUnsafeMutableScalars { $0[element] += offset }
          return function(moved).detached.scalar
        }
        let difference = (value(step) - value(-step)) / (2 * step)
        let scale = Swift.max(1, Swift.max(ours[element].magnitude, difference.magnitude))
        let error = (ours[element] - difference).magnitude / scale
        result.count += 1
        if error > result.error || error.isNaN {
          result.error = error.isNaN ? .infinity : error
          result.worst =
            "\(prefix)input \(number), element \(element): \(ours[element]) for \(difference)"
        }
      }
      moved[number] = input
    }
    return result
  }
}
