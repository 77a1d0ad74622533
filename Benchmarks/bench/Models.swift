import AttentionRNN
import Autograd
import Layers
import SimpleRNN

/// Sizes of the recurrent workloads: batch, time, input and hidden size, as in the peers' script.
struct RecurrentSize {
  let name: String
  let batch: Int
  let time: Int
  let input: Int
  let hidden: Int

  static let all = [
    RecurrentSize(name: "tiny", batch: 8, time: 16, input: 8, hidden: 16),
    RecurrentSize(name: "small", batch: 32, time: 32, input: 16, hidden: 64),
    RecurrentSize(name: "medium", batch: 64, time: 100, input: 128, hidden: 256),
    RecurrentSize(name: "large", batch: 64, time: 64, input: 512, hidden: 1024),
  ]

  /// Multiply-adds of forward and backward for a cell with so many gates.
  func operations(gates: Int) -> Double {
    6 * Double(batch * time) * Double(gates * hidden) * Double(input + hidden)
  }
}

/// A recurrent network whose last state goes through a linear layer.
struct Classifier<Cell: RecurrentCell>: Layer where Cell.Scalar == Float {
  let rnn: Recurrent<Cell>
  let fc: Linear<Float>

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> { fc(rnn(x).forward[0].output) }
}

/// The peers' encoder-decoder: a GRU each, additive attention.
struct Bahdanau: Layer {
  let source: Embedding<Float>
  let target: Embedding<Float>
  let encoder: GRU<Float>
  let attention: Attention<AdditiveScore<Float>>
  let cell: GRUCell<Float>
  let output: Linear<Float>

  init(_ symbols: Int, _ targets: Int, _ embedding: Int, _ hidden: Int, using g: inout Generator) {
    source = Embedding(symbols, embedding, using: &g)
    target = Embedding(targets, embedding, using: &g)
    encoder = GRU(embedding, hidden, using: &g)
    attention = Attention(AdditiveScore(hidden, hidden, hidden, using: &g))
    cell = GRUCell(embedding + hidden, hidden, using: &g)
    output = Linear(2 * hidden, targets, using: &g)
  }

  func callAsFunction(_ x: Tensor<Int32>, _ y: Tensor<Int32>) -> Tensor<Float> {
    let encoded = encoder(source(x))
    let memory = attention.prepare(keys: encoded.outputs)
    let steps = attention.sequence(target(y), cell: cell, from: encoded.forward[0], memory)
    return output(.concatenated([steps.outputs, steps.contexts], axis: 2))
  }
}
