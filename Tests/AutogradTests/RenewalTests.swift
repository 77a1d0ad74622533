import Autograd
import Testing

/// Results that are computed once more for a derivative, in place of being kept.
@Suite struct RenewalTests {
  /// 64 kilobytes, as of which it is done.
  private static let rows = 256

  private let inputs: [Tensor<Double>]

  init() {
    var generator = Generator(seed: 4)
    inputs = [[Self.rows, 32], [32], [32], [16, 32], [16, 32]].map {
      Tensor.normal(Shape($0), using: &generator)
    }
  }

  /// Two linear functions of one norm.
  private func function(_ x: [Tensor<Double>], rows: Int) -> Tensor<Double> {
    var result: [Tensor<Double>] = []
    for start in stride(from: 0, to: Self.rows, by: rows) {
      let part = x[0].narrowed(axis: 0, to: start..<(start + rows))
      let normal = layerNorm(part, shape: [32], weight: x[1], bias: x[2])
      result.append(linear(normal, x[3]) * linear(normal, x[4]))
    }
    return .concatenated(result, axis: 0)
  }

  @Test func `derivatives of both orders and modes are those with everything kept`() {
    // Parts of a few rows are too small to be computed anew.
    let renewed = allDerivatives(inputs) { function($0, rows: Self.rows) }
    let kept = allDerivatives(inputs) { function($0, rows: 8) }
    #expect(largestDifference(renewed, kept) < 1e-12)
  }

  @Test func `a norm is not kept for what comes after it`() {
    let (_, report) = tapeReport {
      valueWithGradient(at: inputs) { x in
        linear(layerNorm(x[0], shape: [32], weight: x[1], bias: x[2]), x[3]).sum()
      }
    }
    // Mean and deviation of each row.
    #expect(report.total.bytesHeld == 2 * Self.rows * 8)
  }

  @Test func `what was handed out may be changed`() {
    func run(_ changes: Bool) -> [Tensor<Double>] {
      valueWithGradient(at: inputs) { x in
        var normal = layerNorm(x[0], shape: [32], weight: x[1], bias: x[2])
        let result = square(linear(normal, x[3])).sum()
        if changes {
          withoutGradient { normal.withUnsafeMutableScalars { $0.update(repeating: 0) } }
        }
        return result
      }.gradients
    }
    #expect(run(true) == run(false))
  }

  @Test func `gradients are the same inside of a checkpointed segment`() {
    func run(_ checkpoints: Bool) -> [Tensor<Double>] {
      valueWithGradient(at: inputs) { x in
        let parts =
          checkpoints
          ? checkpointed(x) { [function($0, rows: Self.rows)] } : [function(x, rows: Self.rows)]
        return square(parts[0]).sum()
      }.gradients
    }
    #expect(run(true) == run(false))
  }
}
