// The main program of the package that builds.sh makes: train steps of models at medium size, as a
// researcher's own package has them; Models.swift and OwnCells.swift of Workloads are beside it.
// Prints a name and milliseconds a line.

import AttentionRNN
import Autograd
import Layers
import SimpleRNN

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
  report(name) { _ = valueWithGradient(at: model) { crossEntropyLoss(output($0), labels) } }
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
  Classifier(
    rnn: GRU(inputSize: size, hiddenSize: hidden, using: &generator),
    fc: Linear(inputs: hidden, outputs: 10, using: &generator))
) { $0(x) }
train(
  "lstm",
  Classifier(
    rnn: LSTM(inputSize: size, hiddenSize: hidden, using: &generator),
    fc: Linear(inputs: hidden, outputs: 10, using: &generator))
) { $0(x) }
train(
  "own_lstm",
  Classifier(
    rnn: Recurrent(inputSize: size) { OwnLSTMCell($0, hidden, using: &generator) },
    fc: Linear(inputs: hidden, outputs: 10, using: &generator))
) { $0(x) }

let symbols = Tensor<Int32>((0..<(64 * 12)).map { Int32($0 * 7 % 30) }, shape: [64, 12])
let bahdanau = Bahdanau(30, 30, 128, hidden, using: &generator)
report("bahdanau") {
  _ = valueWithGradient(at: bahdanau) { crossEntropyLoss($0(symbols, symbols), symbols) }
}
let a = Tensor<Float>.ones([4])
report("op_overhead") {
  _ = valueWithGradient(at: a) { a in
    var z = a
    for _ in 0..<1000 { z = z * a + a }
    return z.sum()
  }
}
