import Autograd
import Kernels
import Testing

/// The feed-forward network as one operation, against the same in single operations.
@Suite struct FeedForwardTests {
  /// x, first, its bias, second, its bias; dropout.
  private struct Example {
    let inputs: [Tensor<Double>]
    let mask: Tensor<Double>

    init(rows: Int, _ size: Int, _ inner: Int, _ outputs: Int) {
      var generator = Generator(seed: 3)
      inputs = [[rows, size], [inner, size], [inner], [outputs, inner], [outputs]].map {
        Tensor.normal(Shape($0), using: &generator)
      }
      mask =
        (Tensor.uniform([rows, inner], using: &generator) .< Tensor(0.75))
        .converted(to: Double.self) / 0.75
    }

    var dropout: DropoutMask { DropoutMask(mask: mask.untyped, kept: 1 / 0.75) }
  }

  private func fused(
    _ x: [Tensor<Double>], _ activation: FeedForwardActivation, _ dropout: DropoutMask?
  ) -> Tensor<Double> {
    feedForward(x[0], first: x[1], x[2], second: x[3], x[4], activation, dropout: dropout)
  }

  private func composed(
    _ x: [Tensor<Double>], _ activation: FeedForwardActivation, _ mask: Tensor<Double>?
  ) -> Tensor<Double> {
    let z = linear(x[0], x[1], x[2])
    let a = activation == .relu ? relu(z) : gelu(z)
    return linear(mask.map { a * $0 } ?? a, x[3], x[4])
  }

  @Test(arguments: [FeedForwardActivation.relu, .gelu], [false, true])
  func `values and derivatives of both orders and modes are those of single operations`(
    activation: FeedForwardActivation, drops: Bool
  ) {
    // Three blocks of rows, the last of them short.
    let example = Example(rows: 1030, 3, 5, 2)
    let ours = allDerivatives(example.inputs) {
      fused($0, activation, drops ? example.dropout : nil)
    }
    let theirs = allDerivatives(example.inputs) {
      composed($0, activation, drops ? example.mask : nil)
    }
    // Sums of a thousand terms.
    #expect(largestDifference(ours, theirs) < 1e-12)
  }

  @Test(arguments: [FeedForwardActivation.relu, .gelu])
  func `without rows sums over them are zero`(activation: FeedForwardActivation) {
    let example = Example(rows: 0, 3, 5, 2)
    let gradients = valueWithGradient(at: example.inputs) { fused($0, activation, nil).sum() }
    #expect(gradients.gradients == example.inputs.map { .zeros($0.shape) })
  }

  @Test(arguments: [FeedForwardActivation.relu, .gelu])
  func `results do not depend on the number of threads`(activation: FeedForwardActivation) {
    let example = Example(rows: 700, 96, 200, 70)
    let before = Threads.count
    defer { Threads.count = before }
    func run(_ threads: Int) -> [Tensor<Double>] {
      Threads.count = threads
      return valueWithGradient(at: example.inputs) {
        square(fused($0, activation, example.dropout)).sum()
      }.gradients
    }
    #expect(run(1) == run(2))
  }

  /// Each row of a Jacobian takes the same records back.
  @Test(arguments: [FeedForwardActivation.relu, .gelu])
  func `what is kept is as it was where a further pass needs it`(activation: FeedForwardActivation)
  {
    let example = Example(rows: 2, 4, 5, 2)
    let ours = jacobian(at: example.inputs) { fused($0, activation, nil) }
    let theirs = jacobian(at: example.inputs) { composed($0, activation, nil) }
    #expect(largestDifference(ours, theirs) < 1e-13)
  }

  @Test func `of what is in between one tensor stays`() {
    let example = Example(rows: 600, 8, 40, 8)
    let dropout = example.dropout
    for activation in [FeedForwardActivation.relu, .gelu] {
      let (_, report) = tapeReport {
        valueWithGradient(at: example.inputs) { fused($0, activation, dropout).sum() }
      }
      #expect(report.total.bytesHeld == 600 * 40 * 8)
    }
  }
}
