import Autograd
import Layers

/// A recurrent network whose last state goes through a linear layer.
struct Classifier<Cell: RecurrentCell>: Layer where Cell.Scalar == Float {
  let rnn: Recurrent<Cell>
  let fc: Linear<Float>

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> { fc(rnn(x).finalStates[0].output) }
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
    source = Embedding(count: symbols, size: embedding, using: &g)
    target = Embedding(count: targets, size: embedding, using: &g)
    encoder = GRU(inputSize: embedding, hiddenSize: hidden, using: &g)
    attention = Attention(
      AdditiveScore(querySize: hidden, keySize: hidden, hiddenSize: hidden, using: &g))
    cell = GRUCell(inputSize: embedding + hidden, hiddenSize: hidden, using: &g)
    output = Linear(inputs: 2 * hidden, outputs: targets, using: &g)
  }

  /// With the target given.
  func callAsFunction(_ x: Tensor<Int32>, _ y: Tensor<Int32>) -> Tensor<Float> {
    let encoded = encoder(source(x))
    let memory = attention.prepare(keys: encoded.outputs)
    let steps = attention.sequence(
      target(y), cell: cell, initialState: encoded.finalStates[0], memory)
    return output(.concatenated([steps.outputs, steps.contexts], axis: 2))
  }

  /// The most probable symbol in each of so many steps, each read by the next; the first reads 1.
  func greedy(_ x: Tensor<Int32>, steps: Int) -> [Tensor<Int32>] {
    let encoded = encoder(source(x))
    let memory = attention.prepare(keys: encoded.outputs)
    var hidden = encoded.finalStates[0]
    var symbols = [Tensor<Int32>(repeating: 1, shape: [x.shape[0]])]
    for _ in 0..<steps {
      let context = attention(hidden, memory).context
      hidden = cell(.concatenated([target(symbols.last!), context], axis: 1), hidden)
      symbols.append(output(.concatenated([hidden, context], axis: 1)).argmax(axis: 1))
    }
    return Array(symbols.dropFirst())
  }
}

/// A Transformer's encoder as PyTorch's `TransformerEncoder` builds it.
struct Encoder: Layer {
  let layers: [TransformerEncoderLayer<Float>]

  /// Norm weights start off 1: with all of them alike, the sum of the outputs would depend on the
  /// last bias alone, and its gradients would compare nothing.
  init(layers: Int, _ size: Int, heads: Int, innerSize: Int, using generator: inout Generator) {
    self.layers = (0..<layers).map { _ in
      TransformerEncoderLayer(size, heads: heads, innerSize: innerSize, using: &generator)
    }
    for norm in self.layers.flatMap({ [$0.norm1, $0.norm2] }) {
      norm.$weight?.tensor = .normal([size], mean: 1, deviation: 0.1, using: &generator)
    }
  }

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> { layers.reduce(x) { $1($0) } }
}
