// The main program of the package that builds.sh makes: train steps of models at medium size, as a
// researcher's own package has them. Prints a name and milliseconds a line.

import AttentionRNN
import Autograd
import Layers
import SimpleRNN

/// A recurrent network whose last state goes through a linear layer.
struct Classifier<Cell: RecurrentCell>: Layer where Cell.Scalar == Float {
  let rnn: Recurrent<Cell>
  let fc: Linear<Float>

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> { fc(rnn(x).forward[0].output) }
}

/// An LSTM of one's own, in ordinary operations.
struct OwnCell: RecurrentCell {
  let input: Linear<Float>
  let hidden: Linear<Float>
  let hiddenSize: Int

  func initialState(batch: Int) -> LSTMState<Float> {
    LSTMState(hidden: .zeros([batch, hiddenSize]), cell: .zeros([batch, hiddenSize]))
  }

  func callAsFunction(_ x: Tensor<Float>, _ state: LSTMState<Float>) -> LSTMState<Float> {
    let gates = (input(x) + hidden(state.hidden)).split(1, every: hiddenSize)
    let cell = sigmoid(gates[1]) * state.cell + sigmoid(gates[0]) * tanh(gates[2])
    return LSTMState(hidden: sigmoid(gates[3]) * tanh(cell), cell: cell)
  }
}

/// An encoder-decoder with additive attention.
struct EncoderDecoder: Layer {
  let source: Embedding<Float>
  let target: Embedding<Float>
  let encoder: GRU<Float>
  let attention: Attention<AdditiveScore<Float>>
  let cell: GRUCell<Float>
  let output: Linear<Float>

  func callAsFunction(_ x: Tensor<Int32>, _ y: Tensor<Int32>) -> Tensor<Float> {
    let encoded = encoder(source(x))
    let memory = attention.prepare(keys: encoded.outputs)
    var hidden = encoded.forward[0]
    var features: [Tensor<Float>] = []
    for step in target(y).unstacked(1) {
      let context = attention(hidden, memory).context
      hidden = cell(.concatenated([step, context], axis: 1), hidden)
      features.append(.concatenated([hidden, context], axis: 1))
    }
    return output(.stacked(features, axis: 1))
  }
}

func report(_ name: String, _ step: () -> Void) {
  step()
  step()
  let clock = ContinuousClock()
  let times = (0..<9).map { _ in clock.measure(step) }.sorted()
  print(name, times[4] / .milliseconds(1))
}

var generator = Generator(seed: 1)
let (batch, time, size, hidden) = (64, 100, 128, 256)
let x = Tensor<Float>.normal([batch, time, size], using: &generator)
let labels = Tensor<Int32>((0..<batch).map { Int32($0 % 10) })

func train<Model: Layer>(
  _ name: String, _ model: Model, _ output: (Model) -> Tensor<Float>
) {
  report(name) { _ = valueWithGradient(at: model) { crossEntropy(output($0), labels) } }
}

train(
  "simple_rnn",
  SimpleRNN<Float>(
    .init(inputSize: size, hiddenSize: hidden, outputSize: 10), using: &generator)
) { $0(x) }
train(
  "rnn_attention",
  AttentionRNN<Float>(
    .init(inputSize: size, hiddenSize: hidden, outputSize: 10), using: &generator)
) { $0(x) }
train(
  "gru",
  Classifier(rnn: GRU(size, hidden, using: &generator), fc: Linear(hidden, 10, using: &generator))
) { $0(x) }
train(
  "lstm",
  Classifier(rnn: LSTM(size, hidden, using: &generator), fc: Linear(hidden, 10, using: &generator))
) { $0(x) }
train(
  "own_lstm",
  Classifier(
    rnn: Recurrent(size) {
      OwnCell(
        input: Linear($0, 4 * hidden, using: &generator),
        hidden: Linear(hidden, 4 * hidden, using: &generator), hiddenSize: hidden)
    }, fc: Linear(hidden, 10, using: &generator))
) { $0(x) }

let symbols = Tensor<Int32>((0..<(64 * 12)).map { Int32($0 * 7 % 30) }, shape: [64, 12])
let encoderDecoder = EncoderDecoder(
  source: Embedding(30, 128, using: &generator), target: Embedding(30, 128, using: &generator),
  encoder: GRU(128, 256, using: &generator),
  attention: Attention(AdditiveScore(256, 256, 256, using: &generator)),
  cell: GRUCell(128 + 256, 256, using: &generator), output: Linear(512, 30, using: &generator))
report("bahdanau") {
  _ = valueWithGradient(at: encoderDecoder) { crossEntropy($0(symbols, symbols), symbols) }
}
let a = Tensor<Float>.ones([4])
report("op_overhead") {
  _ = valueWithGradient(at: a) { a in
    var z = a
    for _ in 0..<1000 { z = z * a + a }
    return z.sum()
  }
}
