import Autograd
import Layers
import Testing

/// Sequences of random lengths in batches of random shapes, with NaN after their ends, against each
/// sequence alone, in values and in gradients of inputs and parameters. All of it is in evaluation.
@Suite struct PaddingPropertyTests {
  /// A shape with lengths, and its numbers.
  private struct Example {
    let lengths: [Int]
    let time: Int
    let size: Int
    let inputs: Tensor<Double>

    init(_ generator: inout Generator) {
      func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
      time = draw(1...6)
      size = draw(1...4)
      let time = time
      lengths = (0..<draw(1...5)).map { _ in draw(0...time) }
      inputs = .normal([lengths.count, time, size], using: &generator)
    }

    var isAfterEnd: Tensor<Bool> { !sequenceMask(lengths: lengths, time: time).unsqueezed(axis: 2) }

    /// The sequence of a row alone.
    func alone(_ row: Int) -> Tensor<Double> {
      inputs.narrowed(axis: 0, to: row..<(row + 1)).narrowed(axis: 1, to: 0..<lengths[row])
    }
  }

  /// A model, and tensors that are differentiated with it.
  private struct Probe<Model: Layer>: Layer {
    let model: Model
    let input: Parameter<Double>
  }

  /// Compares a layer over a batch with the layer over each of its sequences.
  ///
  /// - Parameter run: outputs `[batch, time, any size]` of inputs and lengths.
  private func compare<Model: Layer>(
    _ example: Example, _ model: Model, _ name: String,
    _ run: (Model, Tensor<Double>, [Int]) -> Tensor<Double>
  ) {
    func differentiate(
      _ inputs: Tensor<Double>, _ lengths: [Int]
    ) -> (outputs: Tensor<Double>, input: Tensor<Double>, gradients: Gradients) {
      let probe = Probe(model: model, input: Parameter(wrappedValue: inputs))
      var outputs = inputs
      let gradients = valueWithGradient(evaluating: probe) { probe in
        let result = run(probe.model, probe.input.wrappedValue, lengths)
        outputs = result.detached
        return (square(result) + result).sum()
      }.gradients
      return (outputs, gradients[probe.input] ?? .zeros(inputs.shape), gradients)
    }
    let together = differentiate(
      example.inputs.filled(where: example.isAfterEnd, with: .nan), example.lengths)
    var sum: [Tensor<Double>?] = model.parameters.map { _ in nil }
    for (row, length) in example.lengths.enumerated() {
      let rest = length..<example.time
      func part(_ x: Tensor<Double>, _ range: Range<Int>) -> Tensor<Double> {
        x.narrowed(axis: 0, to: row..<(row + 1)).narrowed(axis: 1, to: range)
      }
      #expect(part(together.outputs, rest).scalars.allSatisfy { $0 == 0 }, "\(name)")
      #expect(part(together.input, rest).scalars.allSatisfy { $0 == 0 }, "\(name)")
      if length == 0 { continue }
      let alone = differentiate(example.alone(row), [length])
      // Products of one row or of several may add up in another order: a few roundings.
      #expect(
        part(together.outputs, 0..<length).isClose(to: alone.outputs, within: 1e-13), "\(name)")
      #expect(
        part(together.input, 0..<length).isClose(to: alone.input, within: 1e-11), "\(name)")
      for (index, entry) in model.parameters.enumerated() {
        guard let gradient = alone.gradients[entry.parameter as! Parameter<Double>] else {
          continue
        }
        sum[index] = sum[index].map { $0 + gradient } ?? gradient
      }
    }
    for (entry, expected) in zip(model.parameters, sum) {
      let ours = together.gradients[entry.parameter as! Parameter<Double>]
      let zeros = Tensor<Double>.zeros(entry.parameter.shape)
      #expect(
        (ours ?? zeros).isClose(to: expected ?? zeros, within: 1e-11), "\(name) \(entry.name)")
    }
  }

  private func compare<Cell: RecurrentCell>(
    _ example: Example, _ generator: inout Generator,
    _ makeCell: (Int, inout Generator) -> Cell
  ) where Cell.Scalar == Double {
    let network = Recurrent(
      inputSize: example.size, layers: Int.random(in: 1...2, using: &generator),
      isBidirectional: Bool.random(using: &generator)
    ) { makeCell($0, &generator) }
    compare(example, network, "\(Cell.self), lengths \(example.lengths)") {
      $0($1, lengths: $2).outputs
    }
  }

  @Test(arguments: 0..<25)
  func `cells that run step by step`(seed: Int) {
    var generator = Generator(seed: UInt64(seed))
    let example = Example(&generator)
    compare(example, &generator) {
      GRUCell(inputSize: $0, hiddenSize: 3, reset: .beforeProduct, using: &$1)
    }
    compare(example, &generator) { LayerNormLSTMCell(inputSize: $0, hiddenSize: 3, using: &$1) }
    compare(example, &generator) {
      LSTMCell(inputSize: $0, hiddenSize: 3, projectionSize: 2, using: &$1)
    }
    compare(example, &generator) {
      Zoneout(LSTMCell(inputSize: $0, hiddenSize: 3, using: &$1), rates: 0.2, 0.4)
    }
    compare(example, &generator) {
      VariationalDropout(
        RNNCell(inputSize: $0, hiddenSize: 3, using: &$1), inputSize: $0, input: 0.3, recurrent: 0.3
      )
    }
  }

  @Test(arguments: 0..<25)
  func `attention that looks back, or near by`(seed: Int) {
    var generator = Generator(seed: UInt64(seed))
    let example = Example(&generator)
    let queries = Tensor<Double>.normal([1, 3, 2], using: &generator)
    /// Contexts of the same three queries, where there is a position for them among the outputs.
    func padded(_ contexts: Tensor<Double>, _ lengths: [Int], _ time: Int) -> Tensor<Double> {
      let whole = contexts.sum(axes: 1, keepsAxes: true)
        .expanded(to: [lengths.count, time, contexts.shape[2]])
      return whole.filled(
        where: !sequenceMask(lengths: lengths, time: time).unsqueezed(axis: 2), with: 0)
    }
    func steps<Score: HistoryScore>(_ attention: Attention<Score>)
    where Score.Scalar == Double {
      compare(example, attention, "\(Score.self), lengths \(example.lengths)") {
        attention, inputs, lengths in
        let mask = sequenceMask(lengths: lengths, time: inputs.shape[1])
        let memory = attention.prepare(keys: inputs, keyMask: mask)
        var history = attention.initialHistory(memory)
        var contexts: [Tensor<Double>] = []
        for query in queries.expanded(to: [lengths.count, 3, 2]).unstacked(axis: 1) {
          let step = attention(query, memory, after: history)
          history = step.history
          contexts.append(step.context)
        }
        return padded(.stacked(contexts, axis: 1), lengths, inputs.shape[1])
      }
    }
    steps(
      Attention(
        LocationScore(
          querySize: 2, keySize: example.size, hiddenSize: 4, filters: 2, width: 3,
          using: &generator)))
    steps(
      Attention(
        CoverageScore(querySize: 2, keySize: example.size, hiddenSize: 4, using: &generator)))
    for predictor in [
      nil, PositionPredictor<Double>(querySize: 2, hiddenSize: 3, using: &generator),
    ] {
      let local = LocalAttention(
        AdditiveScore<Double>(
          querySize: 2, keySize: example.size, hiddenSize: 4, using: &generator), window: 2,
        predictor: predictor)
      compare(example, local, "local attention, lengths \(example.lengths)") {
        let mask = sequenceMask(lengths: $2, time: $1.shape[1])
        let memory = $0.prepare(keys: $1, keyMask: mask)
        let contexts = $0(queries.expanded(to: [$2.count, 3, 2]), memory).context
        return padded(contexts, $2, $1.shape[1])
      }
    }
  }
}
