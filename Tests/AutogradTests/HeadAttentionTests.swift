import Autograd
import Kernels
import Testing

/// Attention of several heads as one operation, against the same in single operations.
@Suite struct HeadAttentionTests {
  /// Queries, keys, values, and the projection's weight and bias.
  private struct Example {
    let inputs: [Tensor<Double>]
    let mask: Tensor<Bool>
    let dropout: Tensor<Double>

    /// With two sentences and two heads, of four features each, three of the values.
    init(queries: Int, keys: Int) {
      var generator = Generator(seed: 5)
      inputs = [[2, queries, 2, 4], [2, keys, 2, 4], [2, keys, 2, 3], [5, 6], [5]].enumerated().map
      {
        let x = Tensor<Double>.normal(Shape($1), using: &generator)
        return $0 < 3 ? x.transposed(axes: 1, 2) : x
      }
      let shape: Shape = [2, 2, queries, keys]
      // The first query of all may attend to nothing, nobody to the last key.
      mask = Tensor(
        (0..<(2 * queries * keys)).map {
          $0 % 3 != 1 && $0 % keys < keys - 1 && $0 / keys % queries > 0
        }, shape: [2, 1, queries, keys])
      dropout =
        (Tensor.uniform(shape, using: &generator) .< Tensor(0.75))
        .converted(to: Double.self) / 0.75
    }
  }

  private func fused(
    _ x: [Tensor<Double>], _ mask: Tensor<Bool>?, _ dropout: Tensor<Double>?
  ) -> Tensor<Double> {
    Tensor(
      headAttention(
        x[0].untyped, x[1].untyped, x[2].untyped, projection: (x[3].untyped, x[4].untyped),
        mask: mask?.untyped, dropout: dropout?.untyped, scale: 0.6))
  }

  private func composed(
    _ x: [Tensor<Double>], _ mask: Tensor<Bool>?, _ dropout: Tensor<Double>?
  ) -> Tensor<Double> {
    let weights = Tensor<Double>(
      headWeights(x[0].untyped, x[1].untyped, mask: mask?.untyped, scale: 0.6))
    let kept = dropout.map { weights * $0 } ?? weights
    let context = Tensor<Double>(headContexts(kept.untyped, x[2].untyped, mask: mask?.untyped))
    return linear(context, x[3], x[4])
  }

  @Test(
    arguments: [(3, 5), (1, 1), (40, 4100)],
    [(false, false), (false, true), (true, false), (true, true)])
  func `values and derivatives of both orders and modes are those of single operations`(
    size: (queries: Int, keys: Int), form: (isMasked: Bool, drops: Bool)
  ) {
    // The most keys make blocks of 16 queries, the last of them short.
    let example = Example(queries: size.queries, keys: size.keys)
    let (mask, dropout) = (
      form.isMasked ? example.mask : nil, form.drops ? example.dropout : nil
    )
    let ours = allDerivatives(example.inputs) { fused($0, mask, dropout) }
    let theirs = allDerivatives(example.inputs) { composed($0, mask, dropout) }
    #expect(ours[0] == theirs[0])
    #expect(largestDifference(ours, theirs) < 1e-11)
  }

  /// NaN or infinity at a key that nobody may attend to, and at a query that may attend to nothing,
  /// and in that one's gradient.
  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `what is left out changes no bit`(junk: Double) {
    let example = Example(queries: 3, keys: 5)
    func run(_ number: Double, gradient: Double) -> [Tensor<Double>] {
      var inputs = example.inputs
      let isLastKey = Tensor<Bool>((0..<5).map { $0 == 4 }, shape: [5, 1])
      let isFirstQuery = Tensor<Bool>((0..<3).map { $0 == 0 }, shape: [3, 1])
      inputs[0] = inputs[0].filled(where: isFirstQuery, with: number)
      inputs[1] = inputs[1].filled(where: isLastKey, with: number)
      inputs[2] = inputs[2].filled(where: isLastKey, with: number)
      var factor = Tensor<Double>.ones([2, 3, 5])
      factor = factor.filled(where: isFirstQuery, with: gradient)
      // Of queries, keys and values alone: the projection sees all gradients.
      let found = vectorJacobianProduct(at: Array(inputs[..<3])) {
        [fused($0 + inputs[3...], example.mask, nil)]
      } cotangents: { _ in
        [factor]
      }
      return found.outputs + found.gradients.map { $0! }
    }
    let plain = run(0.5, gradient: 1)
    #expect(run(junk, gradient: 1) == plain)
    #expect(run(0.5, gradient: junk) == plain)
    #expect(run(junk, gradient: junk) == plain)
  }

  @Test(arguments: [(0, 3), (3, 0)])
  func `without queries or keys nothing is attended to`(queries: Int, keys: Int) {
    var generator = Generator(seed: 5)
    let inputs = [[2, 2, queries, 4], [2, 2, keys, 4], [2, 2, keys, 3], [5, 6], [5]].map {
      Tensor<Double>.normal(Shape($0), using: &generator)
    }
    let result = fused(inputs, nil, nil)
    #expect(result == inputs[4].expanded(to: [2, queries, 5]))
    let gradients = valueWithGradient(at: inputs) { fused($0, nil, nil).sum() }.gradients
    let shared = Tensor<Double>(repeating: Double(2 * queries), shape: [5])
    #expect(gradients == inputs[..<4].map { .zeros($0.shape) } + [shared])
  }

  @Test func `results do not depend on the number of threads`() {
    let example = Example(queries: 90, keys: 1200)
    let before = Threads.count
    defer { Threads.count = before }
    func run(_ threads: Int) -> [Tensor<Double>] {
      Threads.count = threads
      return valueWithGradient(at: example.inputs) {
        square(fused($0, example.mask, example.dropout)).sum()
      }.gradients
    }
    #expect(run(1) == run(2))
  }

  @Test func `nothing of the size of the weights stays`() {
    let example = Example(queries: 90, keys: 80)
    let (_, report) = tapeReport {
      valueWithGradient(at: example.inputs) { fused($0, nil, nil).sum() }
    }
    #expect(report.total.bytesHeld == 0)
  }
}
