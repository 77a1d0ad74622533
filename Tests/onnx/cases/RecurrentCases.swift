import Autograd
import Interchange
import Layers
import ONNX

/// Recurrent networks over sequences of different lengths, and single steps of their cells.
func recurrentCases() -> [Case] {
  var generator = Generator(seed: 4)
  typealias G = GRUCell<Float>
  return [
    network("rnn", RNN<Float>(inputSize: 5, hiddenSize: 6, using: &generator)),
    network(
      "rnn-relu-two-layers-both-directions",
      RNN<Float>(
        inputSize: 5, hiddenSize: 6, layers: 2, isBidirectional: true, activation: .relu,
        using: &generator)),
    network("gru", GRU<Float>(inputSize: 5, hiddenSize: 6, using: &generator)),
    network(
      "gru-two-layers-both-directions",
      GRU<Float>(
        inputSize: 5, hiddenSize: 6, layers: 2, isBidirectional: true, dropout: 0.5,
        using: &generator)),
    network(
      "gru-reset-before-product",
      GRU<Float>(inputSize: 5, hiddenSize: 6, reset: .beforeProduct, using: &generator)),
    network("lstm", LSTM<Float>(inputSize: 5, hiddenSize: 6, using: &generator)),
    network(
      "lstm-without-bias", LSTM<Float>(inputSize: 5, hiddenSize: 6, bias: false, using: &generator)),
    network(
      "lstm-two-layers-both-directions",
      LSTM<Float>(inputSize: 5, hiddenSize: 6, layers: 2, isBidirectional: true, using: &generator)),
    network(
      "lstm-projected-both-directions",
      LSTM<Float>(
        inputSize: 5, hiddenSize: 6, isBidirectional: true, projectionSize: 4, using: &generator)),
    // Norms magnify what is rounded off small sums, from step to step: in single precision either side
    // is up to 4e-6 away from the exact values. A large epsilon keeps that down; with a small one, which
    // is the same in both precisions, numbers are of double precision.
    network(
      "layer-norm-lstm",
      Recurrent(inputSize: 5) {
        LayerNormLSTMCell<Float>(
          inputSize: $0, hiddenSize: 6, epsilon: 0.25, using: &generator)
      }),
    network(
      "layer-norm-lstm-two-layers-both-directions-double",
      Recurrent(inputSize: 5, layers: 2, isBidirectional: true) {
        LayerNormLSTMCell<Double>(
          inputSize: $0, hiddenSize: 6, epsilon: 0x1p-17, using: &generator)
      }),
    network(
      "zoneout-lstm",
      Recurrent(inputSize: 5) {
        Zoneout(LSTMCell<Float>(inputSize: $0, hiddenSize: 6, using: &generator), rates: 0.1, 0.4)
      }),
    network(
      "zoneout-gru",
      Recurrent(inputSize: 5) {
        Zoneout(G(inputSize: $0, hiddenSize: 6, using: &generator), rates: 0.3)
      }),
    network(
      "variational-dropout-gru",
      Recurrent(inputSize: 5) {
        VariationalDropout(
          G(inputSize: $0, hiddenSize: 6, using: &generator), inputSize: $0, input: 0.2,
          recurrent: 0.3)
      }),
    network(
      "checkpointed-gru",
      Recurrent(inputSize: 5) {
        Checkpointed(G(inputSize: $0, hiddenSize: 6, using: &generator), segments: 2)
      }),
    cell("rnn-cell", RNNCell<Float>(inputSize: 5, hiddenSize: 6, using: &generator), 5),
    cell("gru-cell", G(inputSize: 5, hiddenSize: 6, using: &generator), 5),
    cell("lstm-cell", LSTMCell<Float>(inputSize: 5, hiddenSize: 6, using: &generator), 5),
    cell(
      "lstm-cell-projected",
      LSTMCell<Float>(inputSize: 5, hiddenSize: 6, projectionSize: 4, using: &generator), 5),
    cell(
      "layer-norm-lstm-cell",
      LayerNormLSTMCell<Float>(inputSize: 5, hiddenSize: 6, using: &generator), 5),
  ]
}

/// A network with inputs of five features.
private func network<Cell: ONNXRecurrentCell>(
  _ name: String, _ network: Recurrent<Cell>
) -> Case {
  Case(name, network) { run, network in
    let (x, lengths): (Tensor<Cell.Scalar>, [Int]) = run.sequences("x", size: 5)
    let made = network(x, lengths: lengths)
    run.output("outputs", made.outputs)
    for (name, states) in [
      ("finalStates", made.finalStates), ("reverseFinalStates", made.reverseFinalStates),
    ] {
      for (layer, state) in states.enumerated() {
        for (index, tensor) in tensors(state).enumerated() {
          run.output("\(name).\(layer).\(index)", tensor)
        }
      }
    }
  }
}

private func cell<Cell: ONNXRecurrentCell & ONNXExportable>(
  _ name: String, _ cell: Cell, _ inputSize: Int
) -> Case {
  Case(name, cell) { run, cell in
    let x: Tensor<Cell.Scalar> = run.input("x", [run.batch, inputSize])
    var number = 0
    let zeros = cell.initialState(batch: run.batch)
    let state = zeros.combined(with: zeros) { zeros, _ in
      defer { number += 1 }
      return run.input("state.\(number)", zeros.shape)
    }
    for (index, tensor) in tensors(cell(x, state)).enumerated() {
      run.output("next.\(index)", tensor)
    }
  }
}

private func tensors<State: RecurrentState>(_ state: State) -> [Tensor<State.Scalar>] {
  var tensors: [Tensor<State.Scalar>] = []
  _ = state.combined(with: state) { tensor, _ in
    tensors.append(tensor)
    return tensor
  }
  return tensors
}
