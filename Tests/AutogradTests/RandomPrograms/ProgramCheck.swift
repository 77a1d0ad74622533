import Autograd

/// The derivatives of one program against finite differences.
struct ProgramCheck {
  enum Verdict: Equatable {
    case agrees
    /// A kink is so close that differences of two steps disagree with each other.
    case unclear
    case differs(String)
  }

  private let name: String
  private let inputs: [Tensor<Double>]
  /// In which the inputs move.
  private let direction: [Tensor<Double>]
  private let program: ([Tensor<Double>]) -> Tensor<Double>

  init(
    _ name: String, at inputs: [Tensor<Double>], along direction: [Tensor<Double>],
    _ program: @escaping ([Tensor<Double>]) -> Tensor<Double>
  ) {
    self.name = name
    self.inputs = inputs
    self.direction = direction
    self.program = program
  }

  init(_ program: RandomProgram) {
    self.init(
      "program \(program.seed), \(program.names)", at: program.inputs,
      along: program.direction, program.callAsFunction)
  }

  /// A miss counts if it is one at three points: a kink may stand within a billionth of one.
  var verdict: Verdict {
    var result = Verdict.unclear
    for offset in [0, 0.0013, -0.0021] {
      let point = zip(inputs, direction).map { $0 + $1 * offset }
      result = verdict(at: point)
      guard case .differs = result else { return result }
    }
    return result
  }

  private func verdict(at point: [Tensor<Double>]) -> Verdict {
    let v = direction
    func dot(_ a: [Tensor<Double>]) -> Tensor<Double> {
      zip(a, v).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
    }
    func slope(_ x: [Tensor<Double>]) -> Tensor<Double> {
      dot(valueWithGradient(at: x) { program($0) }.gradients)
    }
    func moved(_ step: Double) -> [Tensor<Double>] { zip(point, v).map { $0 + $1 * step } }

    let value = program(point).scalar
    let (again, gradients) = valueWithGradient(at: point) { program($0) }
    let (outputs, tangents) = jacobianVectorProduct(at: point, along: v) { [program($0)] }
    if again.scalar != value || outputs[0].scalar != value {
      return miss("values \(value), \(again.scalar), \(outputs[0].scalar)")
    }
    let first = dot(gradients).scalar
    let firstDifference = Difference { program(moved($0)).scalar }
    let second = dot(valueWithGradient(at: point) { slope($0) }.gradients).scalar
    let secondForward = jacobianVectorProduct(at: point, along: v) { [slope($0)] }
      .tangents[0].scalar
    let secondDifference = Difference { slope(moved($0)).scalar }
    if !firstDifference.isClear || !secondDifference.isClear { return .unclear }
    // The same products in another order.
    if !isClose(tangents[0].scalar, first, 1e-9) {
      return miss("tangent \(tangents[0].scalar), gradient \(first)")
    }
    if !isClose(secondForward, second, 1e-9) {
      return miss("second order: forward \(secondForward), reverse \(second)")
    }
    if !firstDifference.agrees(with: first) {
      return miss("gradient \(first), differences \(firstDifference)")
    }
    if !secondDifference.agrees(with: second) {
      return miss("second order \(second), differences \(secondDifference)")
    }
    return .agrees
  }

  private func miss(_ sentence: String) -> Verdict {
    .differs("\(name): \(sentence)")
  }
}

private func isClose(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

/// Central differences with two steps.
private struct Difference: CustomStringConvertible {
  let wide: Double
  let narrow: Double

  init(_ function: (Double) -> Double) {
    func difference(_ step: Double) -> Double { (function(step) - function(-step)) / (2 * step) }
    (wide, narrow) = (difference(2e-4), difference(1e-4))
  }

  var description: String { "\(wide), \(narrow)" }

  /// They differ by 3 h² in the third derivative over 6, if there is one.
  var isClear: Bool { isClose(wide, narrow, 1e-4) }

  /// Extrapolated, the error is of fourth order in h; what the two steps differ by bounds it
  /// amply. Rounding errors of numbers of size 100 over h are 1e-10.
  func agrees(with derivative: Double) -> Bool {
    let best = (4 * narrow - wide) / 3
    let scale = max(1, abs(derivative), abs(best))
    return abs(derivative - best) <= abs(wide - narrow) + 1e-7 * scale
  }
}
