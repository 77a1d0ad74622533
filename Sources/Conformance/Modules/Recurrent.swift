import Autograd
import Layers

extension ModuleTable {
  /// RNN, GRU, LSTM and their cells.
  static var recurrent: [String: Builder] {
    [
      "RNN": rnn, "GRU": gru, "LSTM": lstm, "RNNCell": rnnCell, "GRUCell": gruCell,
      "LSTMCell": lstmCell,
    ]
  }

  // MARK: Cells

  private static func rnnCell(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let cell = RNNCell<Scalar>(
      inputSize: try weights.attributes.integer("input_size"),
      hiddenSize: try weights.attributes.integer("hidden_size"),
      activation: try activation(weights), bias: try weights.attributes.flag("bias"),
      using: &generator)
    return .single(cell) { call in
      try cell(call[0], call.optional(1) ?? cell.initialState(batch: call[0].shape[0]))
    }
  }

  private static func gruCell(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let cell = GRUCell<Scalar>(
      inputSize: try weights.attributes.integer("input_size"),
      hiddenSize: try weights.attributes.integer("hidden_size"),
      bias: try weights.attributes.flag("bias"), using: &generator)
    return .single(cell) { call in
      try cell(call[0], call.optional(1) ?? cell.initialState(batch: call[0].shape[0]))
    }
  }

  private static func lstmCell(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let cell = LSTMCell<Scalar>(
      inputSize: try weights.attributes.integer("input_size"),
      hiddenSize: try weights.attributes.integer("hidden_size"),
      bias: try weights.attributes.flag("bias"), using: &generator)
    return Module(cell) { call in
      var state = cell.initialState(batch: try call[0].shape[0])
      if let hidden = call.optional(1) { state.hidden = hidden }
      if let memory = call.optional(2) { state.cell = memory }
      let next = cell(try call[0], state)
      return Results(outputs: [.numbers(next.hidden), .numbers(next.cell)])
    }
  }

  // MARK: Sequences

  private static func rnn(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let sizes = try RecurrentSizes(weights.attributes)
    let network = RNN<Scalar>(
      inputSize: sizes.input, hiddenSize: sizes.hidden, layers: sizes.layers,
      isBidirectional: sizes.isBidirectional,
      activation: try activation(weights), bias: sizes.bias, using: &generator)
    return sequence(network, sizes) { hidden, _ in
      hidden
    } _: {
      [$0]
    }
  }

  private static func gru(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let sizes = try RecurrentSizes(weights.attributes)
    let network = GRU<Scalar>(
      inputSize: sizes.input, hiddenSize: sizes.hidden, layers: sizes.layers,
      isBidirectional: sizes.isBidirectional,
      bias: sizes.bias, using: &generator)
    return sequence(network, sizes) { hidden, _ in
      hidden
    } _: {
      [$0]
    }
  }

  private static func lstm(_ weights: Weights<Scalar>) throws -> Module<Scalar> {
    var generator = Generator(seed: 0)
    let sizes = try RecurrentSizes(weights.attributes)
    let network = LSTM<Scalar>(
      inputSize: sizes.input, hiddenSize: sizes.hidden, layers: sizes.layers,
      isBidirectional: sizes.isBidirectional,
      projectionSize: sizes.projection, bias: sizes.bias, using: &generator)
    return sequence(network, sizes) {
      LSTMState(hidden: $0, cell: $1)
    } _: {
      [$0.hidden, $0.cell]
    }
  }

  /// A network as PyTorch has it: states of all layers and directions stacked along a first axis.
  private static func sequence<Cell: RecurrentCell<Scalar>>(
    _ network: Recurrent<Cell>, _ sizes: RecurrentSizes,
    _ join: @escaping (_ hidden: Tensor<Scalar>, _ memory: Tensor<Scalar>) -> Cell.State,
    _ parts: @escaping (Cell.State) -> [Tensor<Scalar>]
  ) -> Module<Scalar> {
    return Module(network) { call in
      let input = try sizes.isBatchFirst ? call[0] : call[0].transposed(axes: 0, 1)
      func zeros(_ size: Int) -> Tensor<Scalar> {
        .zeros([sizes.layers * sizes.directions, input.shape[0], size])
      }
      let hidden = call.optional(1) ?? zeros(sizes.projection ?? sizes.hidden)
      let memory = call.optional(2) ?? zeros(sizes.hidden)
      // Without any given state, the network's own initial one is what is tested.
      func states(_ direction: Int) -> [Cell.State]? {
        if call.optional(1) == nil && call.optional(2) == nil { return nil }
        return (0..<sizes.layers).map {
          let index = $0 * sizes.directions + direction
          return join(hidden.selected(axis: 0, at: index), memory.selected(axis: 0, at: index))
        }
      }
      let result = network(
        input, initialStates: states(0),
        reverseInitialStates: sizes.isBidirectional ? states(1) : nil,
        lengths: sizes.lengths)
      let finals = (0..<sizes.layers).flatMap { layer in
        [result.finalStates[layer]]
          + (sizes.isBidirectional ? [result.reverseFinalStates[layer]] : [])
      }.map(parts)
      let stacked = finals[0].indices.map { part in
        Tensor.stacked(finals.map { $0[part] }, axis: 0)
      }
      let outputs = sizes.isBatchFirst ? result.outputs : result.outputs.transposed(axes: 0, 1)
      return Results(outputs: ([outputs] + stacked).map { .numbers($0) })
    }
  }

  private static func activation(
    _ weights: Weights<Scalar>
  ) throws -> RNNCell<Scalar>.Activation {
    try weights.attributes.text("nonlinearity") == "relu" ? .relu : .tanh
  }
}

/// The attributes that all recurrent networks have.
private struct RecurrentSizes {
  let input: Int
  let hidden: Int
  let layers: Int
  let bias: Bool
  let isBatchFirst: Bool
  let isBidirectional: Bool
  let lengths: [Int]?
  let projection: Int?

  init(_ attributes: Attributes) throws {
    input = try attributes.integer("input_size")
    hidden = try attributes.integer("hidden_size")
    layers = try attributes.integer("num_layers")
    bias = try attributes.flag("bias")
    isBatchFirst = try attributes.flag("batch_first")
    isBidirectional = try attributes.flag("bidirectional")
    let projection = attributes.has("proj_size") ? try attributes.integer("proj_size") : 0
    self.projection = projection == 0 ? nil : projection
    lengths = attributes.has("lengths") ? try attributes.integers("lengths") : nil
  }

  var directions: Int { isBidirectional ? 2 : 1 }
}
