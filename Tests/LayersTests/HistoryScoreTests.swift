import Autograd
import Layers
import Testing

/// A score of a user: location and coverage in one.
private struct BothTerms: AdditiveHistoryScore {
  typealias Scalar = Double

  let location: LocationScore<Double>
  let coverage: CoverageScore<Double>
  var additive: AdditiveScore<Double> { location.additive }

  func term(_ history: AttentionHistory<Double>) -> Tensor<Double> {
    location.term(history) + coverage.term(history)
  }
}

/// Scores that look at what earlier steps have attended to.
@Suite struct HistoryScoreTests {
  private struct Example<Score: HistoryScore> where Score.Scalar == Double {
    let attention: Attention<Score>

    /// Contexts and weights of the steps, and the history after them.
    func run(
      _ inputs: [Tensor<Double>], mask: Tensor<Bool>? = nil
    ) -> (contexts: Tensor<Double>, weights: Tensor<Double>, history: AttentionHistory<Double>) {
      let memory = attention.prepare(keys: inputs[1], values: inputs[2], keyMask: mask)
      var history = attention.initialHistory(memory)
      var (contexts, weights): ([Tensor<Double>], [Tensor<Double>]) = ([], [])
      for query in inputs[0].unstacked(axis: 1) {
        let step = attention(query, memory, after: history)
        history = step.history
        contexts.append(step.context)
        weights.append(step.weights)
      }
      return (.stacked(contexts, axis: 1), .stacked(weights, axis: 1), history)
    }
  }

  private static func examples(
    _ body: (any HistoryScore<Double>) -> Void
  ) {
    var generator = Generator(seed: 1)
    body(
      LocationScore<Double>(
        querySize: 3, keySize: 4, hiddenSize: 5, filters: 2, width: 3, using: &generator))
    body(CoverageScore<Double>(querySize: 3, keySize: 4, hiddenSize: 5, using: &generator))
    body(
      BothTerms(
        location: LocationScore(
          querySize: 3, keySize: 4, hiddenSize: 5, filters: 2, width: 3, using: &generator),
        coverage: CoverageScore(querySize: 3, keySize: 4, hiddenSize: 5, using: &generator)))
  }

  private static func inputs(keys: Int) -> [Tensor<Double>] {
    var generator = Generator(seed: 2)
    return [[2, 3, 3], [2, keys, 4], [2, keys, 2]].map {
      .normal(Shape($0), using: &generator)
    }
  }

  @Test func `first and second derivatives agree with finite differences`() {
    func check(_ score: some HistoryScore<Double>) {
      let example = Example(attention: Attention(score))
      for mask in [nil, Tensor<Bool>([true, true, true, true, true, false], shape: [2, 3])] {
        let check = GradientCheck(at: Self.inputs(keys: 3), order: 2) {
          let (contexts, weights, history) = example.run($0, mask: mask)
          return .concatenated(
            [contexts, weights, history.total.unsqueezed(axis: 1).expanded(to: [2, 3, 3])], axis: 2)
        }
        #expect(check.passes, "\(check)")
      }
    }
    Self.examples { check($0) }
  }

  @Test func `a first step is that of a score without a past`() {
    func check(_ score: some HistoryScore<Double>) {
      let attention = Attention(score)
      let inputs = Self.inputs(keys: 4)
      let memory = attention.prepare(keys: inputs[1])
      let query = inputs[0].selected(axis: 1, at: 0)
      let first = attention(query, memory, after: attention.initialHistory(memory))
      #expect(first.weights.isClose(to: attention(query, memory).weights, within: 1e-15))
      #expect(first.history.previous == first.weights && first.history.total == first.weights)
      let second = attention(query, memory, after: first.history)
      #expect(!second.weights.isClose(to: first.weights, within: 1e-3))
      #expect(second.history.previous == second.weights)
      #expect(second.history.total == first.weights + second.weights)
    }
    Self.examples { check($0) }
  }

  @Test func `padding changes nothing, be it NaN, and an empty sentence has zeros`() {
    func check(_ score: some HistoryScore<Double>) {
      let example = Example(attention: Attention(score))
      let short = Self.inputs(keys: 3)
      func padded(_ junk: Double) -> [Tensor<Double>] {
        [short[0]]
          + short.dropFirst().map {
            .concatenated(
              [$0, Tensor(repeating: junk, shape: [2, 2, $0.shape[2]])], axis: 1)
          }
      }
      let mask = Tensor<Bool>((0..<10).map { $0 % 5 < 3 }, shape: [2, 5])
      let whole = example.run(short)
      for junk in [1, Double.nan, .infinity] {
        let (outputs, gradients) = vectorJacobianProduct(at: padded(junk)) {
          let result = example.run($0, mask: mask)
          return [result.contexts, result.weights]
        } cotangents: {
          $0.map { $0 + 1 }
        }
        // Sums of other lengths: a few roundings of numbers of size 1.
        #expect(outputs[0].isClose(to: whole.contexts, within: 1e-14))
        #expect(outputs[1].narrowed(axis: 2, to: 0..<3).isClose(to: whole.weights, within: 1e-14))
        #expect(outputs[1].narrowed(axis: 2, to: 3..<5) == .zeros([2, 3, 2]))
        #expect(gradients.allSatisfy { $0!.scalars.allSatisfy(\.isFinite) })
        #expect(gradients[1]!.narrowed(axis: 1, to: 3..<5) == .zeros([2, 2, 4]))
      }
      let empty = Tensor<Bool>((0..<10).map { $0 < 5 }, shape: [2, 5])
      let result = example.run(padded(.nan), mask: empty & mask)
      #expect(result.contexts.selected(axis: 0, at: 1) == .zeros([3, 2]))
      #expect(result.weights.selected(axis: 0, at: 1) == .zeros([3, 5]))
    }
    Self.examples { check($0) }
  }

  @Test func `a history follows its rows`() {
    let history = AttentionHistory<Double>(batch: 2, keys: 2)
      .followed(by: Tensor([[0.25, 0.75], [1, 0]])).followed(by: Tensor([[0.5, 0.5], [0, 1]]))
    let chosen = history.rows(Tensor<Int32>([1, 1, 0]))
    #expect(chosen.previous == Tensor([[0, 1], [0, 1], [0.5, 0.5]]))
    #expect(chosen.total == Tensor([[1, 1], [1, 1], [0.75, 1.25]]))
  }

  @Test func `attending to one position twice costs one, and to all positions once costs nothing`()
  {
    let twice = Tensor<Double>([1, 0, 0, 1, 0, 0], shape: [1, 2, 3])
    #expect(coverageLoss(twice) == Tensor([[0, 1]]))
    let each = Tensor<Double>([1, 0, 0, 0, 1, 0, 0, 0, 1], shape: [1, 3, 3])
    #expect(coverageLoss(each) == Tensor([[0, 0, 0]]))
    #expect(coverageLoss(Tensor<Double>.zeros([2, 0, 3])).shape == [2, 0])
  }
}
