import Autograd
import Layers
import Testing

@Suite struct CheckpointedTests {
  private struct Model: Layer {
    let first: Linear<Double>
    let dropout = Dropout<Double>(0.4)
    let norm = BatchNorm<Double>(5)
    let second: Linear<Double>

    init() {
      var generator = Generator(seed: 2)
      first = Linear(inputs: 3, outputs: 5, using: &generator)
      second = Linear(inputs: 5, outputs: 2, using: &generator)
    }

    func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> {
      dropout(second(norm(dropout(tanh(first(x))))))
    }
  }

  private let x: Tensor<Double> = {
    var generator = Generator(seed: 1)
    return .normal([6, 3], using: &generator)
  }()

  @Test func `parameters, dropout and running statistics are as without a checkpoint`() throws {
    func run(_ body: (Model) -> Tensor<Double>) throws -> [Tensor<Double>] {
      let model = Model()
      var generator = Generator(seed: 9)
      let (value, gradients) = valueWithGradient(at: model, using: &generator) {
        // The draw after the segment is to be the same as well.
        model.dropout(body($0)).sum() + square($0.first.weight).sum()
      }
      #expect(gradients.count == 6)
      return [
        value, try #require(gradients[model.first.$weight]),
        try #require(gradients[model.first.$bias!]),
        try #require(gradients[model.norm.$weight!]),
        try #require(gradients[model.second.$weight]),
        model.norm.runningMean!, model.norm.runningVariance!, model.norm.batchCount!,
      ]
    }
    let plain = try run { $0(x) }
    #expect(try run { model in checkpointed(x) { model($0) } } == plain)
    #expect(try run { model in checkpointed(x) { checkpointed($0) { model($0) } } } == plain)
  }

  @Test func `frozen and foreign parameters stay constants`() {
    let (model, other) = (Model(), Model())
    model.first.$weight.isFrozen = true
    let gradients = valueWithGradient(evaluating: model) { model in
      checkpointed(x) { model($0) * other($0) }.sum()
    }.gradients
    #expect(gradients.count == 5)
    #expect(gradients[model.first.$weight] == nil)
    #expect(gradients[other.second.$weight] == nil)
  }

  @Test(arguments: [nil, [7, 3, 0, 9]] as [[Int]?], [false, true])
  func `a checkpointed cell is the cell`(lengths: [Int]?, isBidirectional: Bool) throws {
    var generator = Generator(seed: 4)
    let plain = LSTM<Double>(
      inputSize: 3, hiddenSize: 4, isBidirectional: isBidirectional, using: &generator)
    var again = Generator(seed: 4)
    let saved = Recurrent<Checkpointed<LSTMCell<Double>>>(
      inputSize: 3, isBidirectional: isBidirectional
    ) {
      Checkpointed(LSTMCell(inputSize: $0, hiddenSize: 4, using: &again))
    }
    let inputs = Tensor<Double>.normal([4, 9, 3], using: &generator)
    func loss<Cell: RecurrentCell>(
      _ network: Recurrent<Cell>, _ inputs: Tensor<Double>
    ) -> Tensor<Double> where Cell.State == LSTMState<Double>, Cell.Scalar == Double {
      let result = network(inputs, lengths: lengths)
      return square(result.outputs).sum() + (result.finalStates[0].cell * 2).sum()
    }
    let ours = valueWithGradient(at: saved) { loss($0, inputs) }
    let theirs = valueWithGradient(at: plain) { loss($0, inputs) }
    #expect(ours.value == theirs.value)
    let names = saved.parameters.map(\.name)
    #expect(names[0] == "layers.0.forward.cell.weightInput")
    for (a, b) in zip(saved.parameters, plain.parameters) {
      let box = try #require(a.parameter as? Parameter<Double>)
      let other = try #require(b.parameter as? Parameter<Double>)
      // Sums over the steps in another order: a few roundings of numbers of size 10.
      #expect(
        try #require(ours.gradients[box]).isClose(
          to: try #require(theirs.gradients[other]), within: 1e-13), "\(a.name)")
    }
    let check = GradientCheck(at: [inputs], order: 2) { loss(saved, $0[0]) }
    #expect(check.passes, "\(check)")
  }

  @Test func `outputs can be taken together segment by segment`() throws {
    var generator = Generator(seed: 5)
    let cell = LSTMCell<Double>(inputSize: 3, hiddenSize: 4, using: &generator)
    let saved = Checkpointed(cell)
    let inputs = Tensor<Double>.normal([2, 10, 3], using: &generator)
    let targets = Tensor<Double>.normal([2, 10, 4], using: &generator)
    func loss(_ cell: LSTMCell<Double>) -> Tensor<Double> {
      let state = cell.initialState(batch: 2)
      let result = cell.sequence(inputs, initialState: state, lengths: nil, isReverse: false)
      return square(result.outputs - targets).sum() + result.finalState.cell.sum()
    }
    let ours = valueWithGradient(at: saved) { saved in
      let state = saved.initialState(batch: 2)
      let (result, last) = saved.reduce(inputs, initialState: state, into: [Tensor(0)]) {
        [$0[0] + square($1 - targets.narrowed(axis: 1, to: $2)).sum()]
      }
      return result[0] + last.cell.sum()
    }
    let theirs = valueWithGradient(at: cell) { loss($0) }
    // Sums in another order: a few roundings.
    #expect(ours.value.isClose(to: theirs.value, within: 1e-12))
    for (_, parameter) in cell.parameters {
      let box = try #require(parameter as? Parameter<Double>)
      #expect(
        try #require(ours.gradients[box]).isClose(
          to: try #require(theirs.gradients[box]), within: 1e-13))
    }
  }
}
