import Autograd
import Kernels
import Testing

/// Attention to each feature by itself as one operation, against the same in single operations.
@Suite struct FeatureAttentionTests {
  private struct Example {
    let scores: Tensor<Double>
    let states: Tensor<Double>

    init(_ batch: Int, _ time: Int, _ size: Int, isTimeMajor: Bool = false) {
      var generator = Generator(seed: 6)
      func draw() -> Tensor<Double> {
        isTimeMajor
          ? Tensor.normal([time, batch, size], using: &generator).transposed(axes: 0, 1)
          : .normal([batch, time, size], using: &generator)
      }
      (scores, states) = (draw(), draw())
    }
  }

  /// Without any knowledge of what is left out: scores and states there must be finite.
  private func composed(
    _ scores: Tensor<Double>, _ states: Tensor<Double>, _ mask: Tensor<Bool>?
  ) -> Tensor<Double> {
    let allowed = mask.map { $0.unsqueezed(axis: 2).expanded(to: states.shape) }
    return (softmax(tanh(scores), axis: 1, mask: allowed) * states).sum(axes: 1)
  }

  @Test(arguments: [1, 3, 8, 17], [false, true])
  func `values and derivatives of both orders and modes are those of single operations`(
    size: Int, isTimeMajor: Bool
  ) {
    let example = Example(3, 4, size, isTimeMajor: isTimeMajor)
    let mask = Tensor<Bool>(
      [true, false, true, true, false, false, false, false, true, true, true, true],
      shape: [3, 4])
    for mask in [nil, mask] {
      let inputs = [example.scores, example.states]
      let ours = allDerivatives(inputs) {
        featureAttention(scores: $0[0], states: $0[1], keyMask: mask)
      }
      let theirs = allDerivatives(inputs) { composed($0[0], $0[1], mask) }
      #expect(ours.count == theirs.count)
      for (a, b) in zip(ours, theirs) {
        // Sums of some ten terms of size 1 to 10.
        #expect(a.shape == b.shape && abs(a - b).max().scalar < 1e-12)
      }
    }
  }

  @Test func `a sequence with nothing to attend to gives zeros and gets none`() {
    let example = Example(2, 3, 5)
    let mask = Tensor<Bool>([false, false, false, true, true, false], shape: [2, 3])
    let all = allDerivatives([example.scores, example.states]) {
      featureAttention(scores: $0[0], states: $0[1], keyMask: mask)
    }
    for tensor in all { #expect(tensor.selected(axis: 0, at: 0).scalars.allSatisfy { $0 == 0 }) }
  }

  @Test func `without any step there is nothing to attend to`() {
    let result = featureAttention(
      scores: Tensor<Float>.zeros([2, 0, 3]), states: .zeros([2, 0, 3]))
    #expect(result == .zeros([2, 3]))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity], [false, true])
  func `what is left out changes no bit, in either order and mode`(
    junk: Double, isTimeMajor: Bool
  ) {
    let example = Example(2, 4, 9, isTimeMajor: isTimeMajor)
    let mask = Tensor<Bool>(
      [true, true, false, false, false, true, true, false], shape: [2, 4])
    let isOut = !mask.unsqueezed(axis: 2)
    func run(_ number: Double) -> [Tensor<Double>] {
      allDerivatives(
        [example.scores, example.states].map { $0.filled(where: isOut, with: number) }
      ) { featureAttention(scores: $0[0], states: $0[1], keyMask: mask) }
    }
    #expect(run(junk) == run(0.5))
  }

  @Test func `results do not depend on the number of threads`() {
    // More than one thread is worth it for; rows of 700 features, three to a thread.
    let example = Example(40, 20, 700)
    let before = Threads.count
    defer { Threads.count = before }
    func run(_ threads: Int) -> [Tensor<Double>] {
      Threads.count = threads
      return allDerivatives([example.scores, example.states]) {
        featureAttention(scores: $0[0], states: $0[1])
      }
    }
    #expect(run(1) == run(3))
  }
}
