import Autograd
import Foundation
import Layers
import Testing
import Training

/// Layers that PyTorch has no module for, against their formulas in PyTorch: values, and gradients
/// of inputs and parameters (Tests/Gold/generate.py), in double and in single precision.
@Suite struct GoldTests {
  @Test func `the location term is that of the formula`() throws {
    try Gold<Double>().location()
    try Gold<Float>().location()
  }

  @Test func `the coverage term and its loss are those of the formula`() throws {
    try Gold<Double>().coverage()
    try Gold<Float>().coverage()
  }

  @Test(arguments: ["LocalMonotonic", "LocalPredictive"])
  func `local attention is that of the formula`(name: String) throws {
    try Gold<Double>().local(name)
    try Gold<Float>().local(name)
  }

  @Test func `the layer-normalised LSTM is that of the formula`() throws {
    try Gold<Double>().layerNormLSTM()
    try Gold<Float>().layerNormLSTM()
  }

  @Test func `zoneout in evaluation is its expectation`() throws {
    try Gold<Double>().zoneout()
    try Gold<Float>().zoneout()
  }

  @Test func `the reset gate before the product is that of the formula`() throws {
    try Gold<Double>().resetBefore()
    try Gold<Float>().resetBefore()
  }

  @Test func `a mask keeps a cell from its own output`() throws {
    try Gold<Double>().maskedCells()
    try Gold<Float>().maskedCells()
  }

  @Test func `rotary positions turn pairs of features`() throws {
    try Gold<Double>().rotary()
    try Gold<Float>().rotary()
  }

  @Test func `multi-head attention with rotary positions is that of the formula`() throws {
    try Gold<Double>().rotaryAttention()
    try Gold<Float>().rotaryAttention()
  }

  @Test func `sinusoidal positions are added from any start`() throws {
    try Gold<Double>().sinusoidal()
    try Gold<Float>().sinusoidal()
  }

  @Test func `a tied weight gets the sum of both gradients`() throws {
    try Gold<Double>().tied()
    try Gold<Float>().tied()
  }
}

/// The checks, in one precision.
private struct Gold<Scalar: FloatingPointScalar> {
  private func gold(_ name: String) throws -> AttentionCase<Scalar> {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Gold").path
    return try AttentionCase(SafeTensors(contentsOf: "\(folder)/\(name).safetensors"))
  }

  /// A model and tensors that are all differentiated.
  private struct Probe<Model: Layer>: Layer {
    let model: Model
    let inputs: [Parameter<Scalar>]
  }

  /// Checks outputs, and the gradients of inputs and parameters, in evaluation.
  private func check(
    _ test: AttentionCase<Scalar>, _ model: some Layer, inputs count: Int,
    _ outputs: ([Tensor<Scalar>]) -> [Tensor<Scalar>]
  ) throws {
    try test.load(into: model)
    let inputs = try (0..<count).map {
      Parameter(wrappedValue: try #require(try test.tensor("input.\($0)")))
    }
    var results: [Tensor<Scalar>] = []
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
  ) throws where Score.Scalar == Scalar {
    let test = try gold(name)
    let attention = Attention(score)
    let mask = try #require(try test.mask("input.3"))
    try check(test, attention, inputs: 3) { inputs in
      let memory = attention.prepare(keys: inputs[1], values: inputs[2], keyMask: mask)
      var history = attention.initialHistory(memory)
      var (contexts, all): ([Tensor<Scalar>], [Tensor<Scalar>]) = ([], [])
      for query in inputs[0].unstacked(axis: 1) {
        let step = attention(query, memory, after: history)
        history = step.history
        contexts.append(step.context)
        all.append(step.weights)
      }
      return [.stacked(contexts, axis: 1), .stacked(all, axis: 1)]
    }
  }

  func location() throws {
    var generator = Generator(seed: 1)
    try stepwise(
      "LocationAttention",
      LocationScore(
        querySize: 3, keySize: 5, hiddenSize: 7, filters: 3, width: 5, using: &generator))
  }

  func coverage() throws {
    var generator = Generator(seed: 1)
    try stepwise(
      "CoverageAttention", CoverageScore(querySize: 3, keySize: 5, hiddenSize: 7, using: &generator)
    )
    try check(gold("CoverageLoss"), Dropout<Scalar>(0), inputs: 1) { [coverageLoss($0[0])] }
  }

  func local(_ name: String) throws {
    var generator = Generator(seed: 1)
    let test = try gold(name)
    let attention = LocalAttention(
      GeneralScore<Scalar>(querySize: 3, keySize: 5, using: &generator), window: test.size("reach"),
      predictor: name == "LocalPredictive"
        ? PositionPredictor(querySize: 3, hiddenSize: 4, using: &generator) : nil)
    let mask = try #require(try test.mask("input.3"))
    try check(test, attention, inputs: 3) { inputs in
      let memory = attention.prepare(keys: inputs[1], values: inputs[2], keyMask: mask)
      let (context, weights) = attention(inputs[0], memory, step: test.size("step"))
      return [context, weights]
    }
  }

  // MARK: Cells

  /// Outputs and the last state's cell of an LSTM, over a whole sequence.
  private func lstm<Cell: RecurrentCell>(
    _ name: String, _ cell: Cell
  ) throws where Cell.State == LSTMState<Scalar> {
    try check(gold(name), cell, inputs: 3) { inputs in
      let (outputs, state) = cell.sequence(
        inputs[0], initialState: LSTMState(hidden: inputs[1], cell: inputs[2]), lengths: nil,
        isReverse: false)
      return [outputs, state.cell]
    }
  }

  func layerNormLSTM() throws {
    var generator = Generator(seed: 1)
    try lstm(
      "LayerNormLSTM", LayerNormLSTMCell<Scalar>(inputSize: 3, hiddenSize: 4, using: &generator))
  }

  func zoneout() throws {
    var generator = Generator(seed: 1)
    try lstm(
      "ZoneoutLSTM",
      Zoneout(LSTMCell<Scalar>(inputSize: 3, hiddenSize: 4, using: &generator), rates: 0.1, 0.4))
  }

  func resetBefore() throws {
    var generator = Generator(seed: 1)
    let cell = GRUCell<Scalar>(
      inputSize: 3, hiddenSize: 4, reset: .beforeProduct, using: &generator)
    try check(gold("GRUResetBefore"), cell, inputs: 2) { inputs in
      let (outputs, state) = cell.sequence(
        inputs[0], initialState: inputs[1], lengths: nil, isReverse: false)
      return [outputs, state]
    }
  }

  func maskedCells() throws {
    var generator = Generator(seed: 1)
    let rnn = RNNCell<Scalar>(inputSize: 3, hiddenSize: 4, using: &generator)
    try check(gold("MaskedRNN"), rnn, inputs: 3) { [rnn($0[0], $0[1], mask: $0[2])] }
    let gru = GRUCell<Scalar>(inputSize: 3, hiddenSize: 4, using: &generator)
    try check(gold("MaskedGRU"), gru, inputs: 3) { [gru($0[0], $0[1], mask: $0[2])] }
    let lstm = LSTMCell<Scalar>(inputSize: 3, hiddenSize: 4, using: &generator)
    try check(gold("MaskedLSTM"), lstm, inputs: 4) { inputs in
      let next = lstm(inputs[0], LSTMState(hidden: inputs[1], cell: inputs[2]), mask: inputs[3])
      return [next.hidden, next.cell]
    }
  }

  // MARK: Positions and ties

  func rotary() throws {
    for (name, pairing) in [
      ("RotaryNeighbours", RotaryPositions<Scalar>.Pairing.neighbours), ("RotaryHalves", .halves),
    ] {
      let rotary = RotaryPositions<Scalar>(limit: 20, size: 8, pairing: pairing)
      try check(gold(name), rotary, inputs: 1) { [rotary($0[0], from: 7)] }
    }
  }

  func rotaryAttention() throws {
    var generator = Generator(seed: 1)
    let attention = MultiHeadAttention<Scalar>(
      8, heads: 2, rotary: RotaryPositions(limit: 10, size: 4), using: &generator)
    try check(gold("RotaryAttention"), attention, inputs: 1) {
      [attention(queries: $0[0], keys: $0[0], mask: causalMask(5)).output]
    }
  }

  func sinusoidal() throws {
    let positions = SinusoidalPositions<Scalar>(limit: 50, size: 6)
    try check(gold("SinusoidalPositions"), positions, inputs: 1) {
      [positions($0[0], from: 30)]
    }
  }

  private struct Tied: Layer {
    let embedding: Embedding<Scalar>
    let output: Linear<Scalar>
  }

  func tied() throws {
    var generator = Generator(seed: 1)
    let embedding = Embedding<Scalar>(count: 5, size: 4, using: &generator)
    let model = Tied(
      embedding: embedding, output: Linear(sharing: embedding.$weight, bias: false))
    try check(gold("TiedEmbedding"), model, inputs: 1) { inputs in
      let symbols = Tensor<Int32>([0, 3, 1, 2, 2, 4], shape: [2, 3])
      return [model.output(tanh(matmul(model.embedding(symbols), inputs[0])))]
    }
  }
}
