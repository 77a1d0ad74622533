import Autograd
import Kernels
import Layers
import Testing

/// A decoder with attention over all its steps, against the same made step by step: with additive
/// scores and the library's cells all steps are one operation.
@Suite struct AttentionSequenceTests {
  typealias Score = AdditiveScore<Double>

  /// Sizes that no two of are equal.
  private static let (batch, time, keys, inputSize, hidden, keySize, valueSize) = (
    3, 4, 5, 2, 6, 7, 3
  )

  /// A decoder: differentiated are inputs, the first state, keys, values and all weights.
  fileprivate struct Decoder<Cell: RecurrentCell>: Layer where Cell.Scalar == Double {
    let attention: Attention<Score>
    let cell: Cell
    let start: (Tensor<Double>, Tensor<Double>) -> Cell.State
    let parts: (Cell.State) -> [Tensor<Double>]

    init(
      _ cell: Cell, _ score: Score,
      _ start: @escaping (Tensor<Double>, Tensor<Double>) -> Cell.State,
      _ parts: @escaping (Cell.State) -> [Tensor<Double>]
    ) {
      (attention, self.cell, self.start, self.parts) = (Attention(score), cell, start, parts)
    }

    /// Outputs, contexts, weights and the last state.
    func sequence(_ x: [Tensor<Double>], _ mask: Tensor<Bool>?) -> [Tensor<Double>] {
      let memory = attention.prepare(keys: x[3], values: x[4], keyMask: mask)
      let result = attention.sequence(x[0], cell: cell, initialState: start(x[1], x[2]), memory)
      return [result.outputs, result.contexts, result.weights] + parts(result.finalState)
    }

    /// Outputs, contexts, weights and the last state, each step by itself.
    func steps(_ x: [Tensor<Double>], _ mask: Tensor<Bool>?) -> [Tensor<Double>] {
      let memory = attention.prepare(keys: x[3], values: x[4], keyMask: mask)
      var state = start(x[1], x[2])
      var lists: [[Tensor<Double>]] = [[], [], []]
      for input in x[0].unstacked(axis: 1) {
        let (context, weights) = attention(state.output, memory)
        state = cell(.concatenated([input, context], axis: 1), state)
        for (list, part) in [state.output, context, weights].enumerated() {
          lists[list].append(part)
        }
      }
      return lists.map { .stacked($0, axis: 1) } + parts(state)
    }
  }

  private static func inputs(_ batch: Int = batch) -> [Tensor<Double>] {
    var generator = Generator(seed: 4)
    let shapes: [Shape] = [
      [batch, time, inputSize], [batch, hidden], [batch, hidden], [batch, keys, keySize],
      [batch, keys, valueSize],
    ]
    return shapes.map { .normal($0, using: &generator) }
  }

  /// The last sentence may have no key at all.
  private static func mask(_ hasEmptyRow: Bool) -> Tensor<Bool> {
    Tensor<Bool>(
      [
        true, true, true, true, true, true, false, true, false, false, !hasEmptyRow, false, false,
        false, false,
      ], shape: [batch, keys])
  }

  /// Calls the body with a decoder of the named cell.
  private static func withDecoder(_ cell: CellName, _ body: (any Checkable) -> Void) {
    var generator = Generator(seed: 5)
    let score = Score(
      querySize: hidden, keySize: keySize, hiddenSize: 4, using: &generator)
    score.$bias!.tensor = .normal([4], using: &generator)
    let width = inputSize + valueSize
    func plain<Cell: RecurrentCell>(_ cell: Cell) where Cell.State == Tensor<Double> {
      body(
        Decoder(cell, score) { hidden, _ in
          hidden
        } _: {
          [$0]
        })
    }
    switch cell {
    case .tanh: plain(RNNCell<Double>(inputSize: width, hiddenSize: hidden, using: &generator))
    case .relu:
      plain(
        RNNCell<Double>(inputSize: width, hiddenSize: hidden, activation: .relu, using: &generator))
    case .gru: plain(GRUCell<Double>(inputSize: width, hiddenSize: hidden, using: &generator))
    case .gruWithoutBias:
      plain(GRUCell<Double>(inputSize: width, hiddenSize: hidden, bias: false, using: &generator))
    case .gruResetFirst:
      plain(
        GRUCell<Double>(
          inputSize: width, hiddenSize: hidden, reset: .beforeProduct, using: &generator))
    case .lstm, .lstmWithoutBias:
      let cell = LSTMCell<Double>(
        inputSize: width, hiddenSize: hidden, bias: cell == .lstm, using: &generator)
      body(
        Decoder(cell, score) {
          LSTMState(hidden: $0, cell: $1)
        } _: {
          [$0.hidden, $0.cell]
        })
    case .layerNormLSTM:
      let cell = LayerNormLSTMCell<Double>(inputSize: width, hiddenSize: hidden, using: &generator)
      body(
        Decoder(cell, score) {
          LSTMState(hidden: $0, cell: $1)
        } _: {
          [$0.hidden, $0.cell]
        })
    }
  }

  enum CellName: CaseIterable {
    case tanh, relu, gru, gruWithoutBias, gruResetFirst, lstm, lstmWithoutBias, layerNormLSTM
  }

  /// What a decoder gives, with derivatives, as one operation or step by step.
  fileprivate protocol Checkable {
    func results(
      _ inputs: [Tensor<Double>], _ mask: Tensor<Bool>?, isStepwise: Bool, order: Int
    ) -> [Tensor<Double>]
    /// The derivatives of all outputs.
    func jacobian(_ inputs: [Tensor<Double>]) -> [Tensor<Double>]
    /// Those of one output.
    func gradients(_ inputs: [Tensor<Double>], ofOutput index: Int) -> [Tensor<Double>]
  }

  @Test(arguments: CellName.allCases, [nil, false, true] as [Bool?])
  func `values and derivatives of both orders and modes are those of the steps`(
    cell: CellName, hasEmptyRow: Bool?
  ) {
    let mask = hasEmptyRow.map { Self.mask($0) }
    Self.withDecoder(cell) { decoder in
      let ours = decoder.results(Self.inputs(), mask, isStepwise: false, order: 2)
      let theirs = decoder.results(Self.inputs(), mask, isStepwise: true, order: 2)
      #expect(ours.count == theirs.count)
      for (index, (a, b)) in zip(ours, theirs).enumerated() {
        // Sums of some hundred terms of size 1 to 10, in another order.
        #expect(a.isClose(to: b, within: 1e-11), "\(cell), result \(index)")
      }
    }
  }

  @Test(arguments: CellName.allCases, [Double.nan, .infinity, -1e30])
  func `what stands at a key that is masked changes no bit`(cell: CellName, junk: Double) {
    let mask = Self.mask(false)
    func filled(_ number: Double) -> [Tensor<Double>] {
      var inputs = Self.inputs()
      for index in 3...4 {
        inputs[index] = inputs[index].filled(where: !mask.unsqueezed(axis: 2), with: number)
      }
      return inputs
    }
    Self.withDecoder(cell) { decoder in
      let ours = decoder.results(filled(junk), mask, isStepwise: false, order: 2)
      #expect(ours == decoder.results(filled(0.3), mask, isStepwise: false, order: 2), "\(cell)")
    }
  }

  @Test(arguments: CellName.allCases)
  func `keys added to a sentence after a mask change nothing`(cell: CellName) {
    let inputs = Self.inputs()
    let longer = inputs[..<3] + inputs[3...].map { $0.extended(1, by: 3, with: .nan) }
    let mask = Tensor<Bool>(
      (0..<(Self.batch * (Self.keys + 3))).map { $0 % (Self.keys + 3) < Self.keys },
      shape: [Self.batch, Self.keys + 3])
    Self.withDecoder(cell) { decoder in
      let short = decoder.results(inputs, nil, isStepwise: false, order: 1)
      let long = decoder.results(Array(longer), mask, isStepwise: false, order: 1)
      for (a, b) in zip(short, long) {
        let part = a.shape == b.shape ? b : b.cropped(to: a.shape)
        // More terms, which are 0, may join a sum in another order: a few roundings.
        #expect(part.isSame(as: a, roundings: 32), "\(cell)")
      }
    }
  }

  @Test(arguments: CellName.allCases)
  func `results do not depend on the number of threads`(cell: CellName) {
    let before = Threads.count
    defer { Threads.count = before }
    Self.withDecoder(cell) { decoder in
      // So many sentences that they are shared out.
      func run(_ threads: Int) -> [Tensor<Double>] {
        Threads.count = threads
        return decoder.results(Self.inputs(150), nil, isStepwise: false, order: 1)
      }
      #expect(run(1) == run(3), "\(cell)")
    }
  }

  @Test(arguments: CellName.allCases)
  func `records that are kept can be taken back again`(cell: CellName) {
    Self.withDecoder(cell) { decoder in
      // One pass for each output, over the same records.
      let rows = decoder.jacobian(Self.inputs())
      for index in 0..<rows[0].shape[0] {
        let alone = decoder.gradients(Self.inputs(), ofOutput: index)
        for (ours, whole) in zip(alone, rows) {
          #expect(ours == whole.selected(axis: 0, at: index), "\(cell), output \(index)")
        }
      }
    }
  }

  @Test(arguments: CellName.allCases, [2, 150])
  func `results do not depend on how operands lie in memory`(cell: CellName, batch: Int) {
    let inputs = Self.inputs(batch)
    // As an encoder's states lie, which are keys and values.
    let timeMajor = inputs.map {
      $0.rank < 3 ? $0 : .stacked($0.unstacked(axis: 1), axis: 0).transposed(axes: 0, 1)
    }
    // As of a decoder that gets the same at each step.
    var repeated = inputs
    repeated[0] = inputs[0].narrowed(axis: 1, to: 0..<1).expanded(to: inputs[0].shape)
    var copied = inputs
    copied[0] = .stacked(repeated[0].unstacked(axis: 1), axis: 1)
    Self.withDecoder(cell) { decoder in
      func results(_ inputs: [Tensor<Double>]) -> [Tensor<Double>] {
        decoder.results(inputs, nil, isStepwise: false, order: 1)
      }
      for (a, b) in zip(results(timeMajor), results(inputs)) {
        // A weight of the keys gets a sum of some hundred terms of size 1 to 10, in another order.
        #expect(a.isClose(to: b, within: 1e-11), "\(cell)")
      }
      #expect(results(repeated) == results(copied), "\(cell)")
    }
  }

  @Test func `a score that looks back sees the steps before`() {
    var generator = Generator(seed: 8)
    let score = LocationScore<Double>(
      querySize: Self.hidden, keySize: Self.keySize, hiddenSize: 4, filters: 2, width: 3,
      using: &generator)
    let attention = Attention(score)
    let cell = GRUCell<Double>(
      inputSize: Self.inputSize + Self.valueSize, hiddenSize: Self.hidden, using: &generator)
    let x = Self.inputs()
    let memory = attention.prepare(keys: x[3], values: x[4], keyMask: Self.mask(true))
    let result = attention.sequence(x[0], cell: cell, initialState: x[1], memory)
    var state = x[1]
    var history = attention.initialHistory(memory)
    for (t, input) in x[0].unstacked(axis: 1).enumerated() {
      let (context, weights, next) = attention(state, memory, after: history)
      state = cell(.concatenated([input, context], axis: 1), state)
      history = next
      #expect(result.weights.selected(axis: 1, at: t) == weights, "step \(t)")
      #expect(result.contexts.selected(axis: 1, at: t) == context, "step \(t)")
    }
    #expect(result.finalState == state)
    // The second step would look elsewhere without a past.
    let forgetful = attention(result.outputs.selected(axis: 1, at: 0), memory).weights
    #expect(result.weights.selected(axis: 1, at: 1) != forgetful)
  }

  /// An additive score and a term of its own, which says what the former says of itself.
  private struct Favouring: AttentionScore {
    let base: Score
    let favour: Tensor<Double>

    var additive: Score? { base }
    var additiveForm: Score? { base }
    func prepare(keys: Tensor<Double>) -> Tensor<Double> { base.prepare(keys: keys) }
    func callAsFunction(queries: Tensor<Double>, keys: Tensor<Double>) -> Tensor<Double> {
      base(queries: queries, keys: keys) + favour
    }
  }

  @Test func `a score that adds a term to another keeps it`() {
    var generator = Generator(seed: 9)
    let base = Score(
      querySize: Self.hidden, keySize: Self.keySize, hiddenSize: 4, using: &generator)
    let attention = Attention(Favouring(base: base, favour: Tensor([0, 0, 3, 0, 0])))
    let cell = GRUCell<Double>(
      inputSize: Self.inputSize + Self.valueSize, hiddenSize: Self.hidden, using: &generator)
    let x = Self.inputs()
    let memory = attention.prepare(keys: x[3], values: x[4])
    let result = attention.sequence(x[0], cell: cell, initialState: x[1], memory)
    var state = x[1]
    for (t, input) in x[0].unstacked(axis: 1).enumerated() {
      let (context, weights) = attention(state, memory)
      state = cell(.concatenated([input, context], axis: 1), state)
      #expect(result.weights.selected(axis: 1, at: t) == weights, "step \(t)")
    }
    #expect(result.finalState == state)
    // Without the term the third key has no more than the others.
    let plain = Attention(base).sequence(x[0], cell: cell, initialState: x[1], memory)
    #expect(plain.weights != result.weights)
  }

  @Test func `without steps the state stays`() {
    Self.withDecoder(.lstm) { decoder in
      var inputs = Self.inputs()
      inputs[0] = .zeros([Self.batch, 0, Self.inputSize])
      let results = decoder.results(inputs, nil, isStepwise: false, order: 0)
      #expect(results[0].shape == [Self.batch, 0, Self.hidden])
      #expect(results[1].shape == [Self.batch, 0, Self.valueSize])
      #expect(results[2].shape == [Self.batch, 0, Self.keys])
      #expect(results[3] == inputs[1] && results[4] == inputs[2])
    }
  }
}

extension AttentionSequenceTests.Decoder: AttentionSequenceTests.Checkable {
  private func outputs(_ inputs: [Tensor<Double>]) -> Tensor<Double> {
    sequence(inputs, nil)[0].flattened()
  }

  fileprivate func jacobian(_ inputs: [Tensor<Double>]) -> [Tensor<Double>] {
    Autograd.jacobian(at: inputs, of: outputs)
  }

  fileprivate func gradients(
    _ inputs: [Tensor<Double>], ofOutput index: Int
  ) -> [Tensor<Double>] {
    valueWithGradient(at: inputs) { outputs($0).selected(axis: 0, at: index) }.gradients
  }

  /// Values; from order 1 on gradients of inputs and weights and a tangent; of order 2 the
  /// gradients of a product with the gradients of inputs.
  fileprivate func results(
    _ inputs: [Tensor<Double>], _ mask: Tensor<Bool>?, isStepwise: Bool, order: Int
  ) -> [Tensor<Double>] {
    func function(_ x: [Tensor<Double>]) -> [Tensor<Double>] {
      isStepwise ? steps(x, mask) : sequence(x, mask)
    }
    if order == 0 { return function(inputs) }
    func loss(_ x: [Tensor<Double>]) -> Tensor<Double> {
      function(x).reduce(Tensor(0)) { $0 + (square($1) + $1).sum() }
    }
    let along = inputs.indices.map {
      Tensor<Double>(repeating: 0.7 - 0.3 * Double($0), shape: inputs[$0].shape)
    }
    func first(_ x: [Tensor<Double>]) -> [Tensor<Double>] {
      valueWithGradient(at: x, of: loss).gradients
    }
    let ofWeights = valueWithGradient(at: self) { _ in loss(inputs) }.gradients
    var results = function(inputs) + first(inputs)
    results += parameters.map {
      let parameter = $0.parameter as! Parameter<Double>
      return ofWeights[parameter] ?? .zeros(parameter.shape)
    }
    results += jacobianVectorProduct(at: inputs, along: along, of: function).tangents
    if order > 1 {
      results +=
        valueWithGradient(at: inputs) { x in
          zip(first(x), along).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
        }.gradients
    }
    return results
  }
}

extension Tensor where Scalar == Double {
  /// The first positions along each axis.
  fileprivate func cropped(to shape: Shape) -> Tensor {
    (0..<rank).reduce(self) { $0.narrowed(axis: $1, to: 0..<shape[$1]) }
  }
}
