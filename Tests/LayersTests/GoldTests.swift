import Autograd
import Foundation
import Layers
import Testing
import Training

/// Layers that PyTorch has no module for, against their formulas in PyTorch: values, and gradients
/// of inputs and parameters (Tests/Gold/generate.py).
@Suite struct GoldTests {
  /// In double precision and with at most a few hundred roundings of numbers of size 1 to 10, the
  /// tolerance of the conformance cases, 1e-9, is generous.
  private func gold(_ name: String) throws -> AttentionCase<Double> {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Gold").path
    return try AttentionCase(SafeTensors(contentsOf: "\(folder)/\(name).safetensors"))
  }

  /// A model and tensors that are all differentiated.
  private struct Probe<Model: Layer>: Layer {
    let model: Model
    let inputs: [Parameter<Double>]
  }

  /// Checks outputs, and the gradients of inputs and parameters, in evaluation.
  private func check(
    _ test: AttentionCase<Double>, _ model: some Layer, inputs count: Int,
    _ outputs: ([Tensor<Double>]) -> [Tensor<Double>]
  ) throws {
    try test.load(into: model)
    let inputs = try (0..<count).map {
      Parameter(wrappedValue: try #require(try test.tensor("input.\($0)")))
    }
    var results: [Tensor<Double>] = []
    let cotangents = try (0..<2).map { try test.tensor("cotangent.\($0)") }
    let gradients = valueWithGradient(evaluating: Probe(model: model, inputs: inputs)) { _ in
      results = outputs(inputs.map(\.wrappedValue))
      return zip(results, cotangents).reduce(Tensor(0)) { $0 + ($1.0 * $1.1!).sum() }
    }.gradients
    for (number, result) in results.enumerated() {
      try test.compare(
        result, "output.\(number)", with: #require(try test.tensor("output.\(number)")))
    }
    for (number, input) in inputs.enumerated() {
      let expected = try #require(try test.tensor("gradient.\(number)"))
      try test.compare(gradients[input], "gradient.\(number)", with: expected)
    }
    try test.check(parametersOf: model, gradients)
  }

  // MARK: Attention

  private func stepwise<Score: HistoryScore>(
    _ name: String, _ score: Score
  ) throws where Score.Scalar == Double {
    let test = try gold(name)
    let attention = Attention(score)
    let mask = try #require(try test.mask("input.3"))
    try check(test, attention, inputs: 3) { inputs in
      let memory = attention.prepare(keys: inputs[1], values: inputs[2], mask: mask)
      var history = attention.initialHistory(memory)
      var (contexts, all): ([Tensor<Double>], [Tensor<Double>]) = ([], [])
      for query in inputs[0].unstacked(1) {
        let step = attention(query, memory, after: history)
        history = step.history
        contexts.append(step.context)
        all.append(step.weights)
      }
      return [.stacked(contexts, axis: 1), .stacked(all, axis: 1)]
    }
  }

  @Test func `the location term is that of the formula`() throws {
    var generator = Generator(seed: 1)
    try stepwise(
      "LocationAttention", LocationScore(3, 5, 7, filters: 3, size: 5, using: &generator))
  }

  @Test func `the coverage term and its loss are those of the formula`() throws {
    var generator = Generator(seed: 1)
    try stepwise("CoverageAttention", CoverageScore(3, 5, 7, using: &generator))
    try check(gold("CoverageLoss"), Dropout<Double>(0), inputs: 1) { [coverageLoss($0[0])] }
  }

  @Test(arguments: ["LocalMonotonic", "LocalPredictive"])
  func `local attention is that of the formula`(name: String) throws {
    var generator = Generator(seed: 1)
    let test = try gold(name)
    let attention = LocalAttention(
      GeneralScore<Double>(3, 5, using: &generator), reach: test.size("reach"),
      predictor: name == "LocalPredictive" ? PlacePredictor(3, 4, using: &generator) : nil)
    let mask = try #require(try test.mask("input.3"))
    try check(test, attention, inputs: 3) { inputs in
      let memory = attention.prepare(keys: inputs[1], values: inputs[2], mask: mask)
      let (context, weights) = attention(inputs[0], memory, step: test.size("step"))
      return [context, weights]
    }
  }

  // MARK: Cells

  /// Outputs and the last state's cell of an LSTM, over a whole sequence.
  private func lstm<Cell: RecurrentCell>(
    _ name: String, _ cell: Cell
  ) throws where Cell.State == LSTMState<Double> {
    try check(gold(name), cell, inputs: 3) { inputs in
      let (outputs, state) = cell.sequence(
        inputs[0], from: LSTMState(hidden: inputs[1], cell: inputs[2]), lengths: nil,
        isReverse: false)
      return [outputs, state.cell]
    }
  }

  @Test func `the layer-normalised LSTM is that of the formula`() throws {
    var generator = Generator(seed: 1)
    try lstm("LayerNormLSTM", LayerNormLSTMCell<Double>(3, 4, using: &generator))
  }

  @Test func `zoneout in evaluation is its expectation`() throws {
    var generator = Generator(seed: 1)
    try lstm("ZoneoutLSTM", Zoneout(LSTMCell<Double>(3, 4, using: &generator), rates: 0.1, 0.4))
  }

  @Test func `the reset gate in front of the product is that of the formula`() throws {
    var generator = Generator(seed: 1)
    let cell = GRUCell<Double>(3, 4, reset: .beforeProduct, using: &generator)
    try check(gold("GRUResetBefore"), cell, inputs: 2) { inputs in
      let (outputs, state) = cell.sequence(
        inputs[0], from: inputs[1], lengths: nil, isReverse: false)
      return [outputs, state]
    }
  }

  @Test func `a mask keeps a cell from its own output`() throws {
    var generator = Generator(seed: 1)
    let rnn = RNNCell<Double>(3, 4, using: &generator)
    try check(gold("MaskedRNN"), rnn, inputs: 3) { [rnn($0[0], $0[1], mask: $0[2])] }
    let gru = GRUCell<Double>(3, 4, using: &generator)
    try check(gold("MaskedGRU"), gru, inputs: 3) { [gru($0[0], $0[1], mask: $0[2])] }
    let lstm = LSTMCell<Double>(3, 4, using: &generator)
    try check(gold("MaskedLSTM"), lstm, inputs: 4) { inputs in
      let next = lstm(inputs[0], LSTMState(hidden: inputs[1], cell: inputs[2]), mask: inputs[3])
      return [next.hidden, next.cell]
    }
  }

  // MARK: Positions and ties

  @Test(arguments: [RotaryPositions<Double>.Pairing.neighbours, .halves])
  func `rotary positions turn pairs of features`(pairing: RotaryPositions<Double>.Pairing) throws {
    let rotary = RotaryPositions<Double>(20, 8, pairing: pairing)
    let name = pairing == .neighbours ? "RotaryNeighbours" : "RotaryHalves"
    // The script's turns of neighbours begin at position 7, those of halves too.
    try check(gold(name), rotary, inputs: 1) { [rotary($0[0], from: 7)] }
  }

  @Test func `multi-head attention with rotary positions is that of the formula`() throws {
    var generator = Generator(seed: 1)
    let attention = MultiHeadAttention<Double>(
      8, heads: 2, rotary: RotaryPositions(10, 4), using: &generator)
    try check(gold("RotaryAttention"), attention, inputs: 1) {
      [attention(queries: $0[0], keys: $0[0], mask: causalMask(5)).output]
    }
  }

  @Test func `sinusoidal positions are added from any start`() throws {
    let positions = SinusoidalPositions<Double>(50, 6)
    try check(gold("SinusoidalPositions"), positions, inputs: 1) {
      [positions($0[0], from: 30)]
    }
  }

  @Test func `a tied weight gets the sum of both gradients`() throws {
    struct Model: Layer {
      let embedding: Embedding<Double>
      let output: Linear<Double>
    }
    var generator = Generator(seed: 1)
    let embedding = Embedding<Double>(5, 4, using: &generator)
    let model = Model(
      embedding: embedding, output: Linear(sharing: embedding.$weight, bias: false))
    try check(gold("TiedEmbedding"), model, inputs: 1) { inputs in
      let symbols = Tensor<Int32>([0, 3, 1, 2, 2, 4], shape: [2, 3])
      return [model.output(tanh(matmul(model.embedding(symbols), inputs[0])))]
    }
  }
}
