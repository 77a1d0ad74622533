import AttentionRNN
import Autograd
import Layers
import SimpleRNN
import Training

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
    medium,
    RecurrentSize(name: "large", batch: 64, time: 64, input: 512, hidden: 1024),
  ]
  static let medium = RecurrentSize(name: "medium", batch: 64, time: 100, input: 128, hidden: 256)

  /// Multiply-adds of forward and backward for a cell with so many gates.
  func operations(gates: Int) -> Double {
    6 * Double(batch * time) * Double(gates * hidden) * Double(input + hidden)
  }

  /// The classification of sequences of random numbers into ten classes.
  func subject<Model: Layer>(
    _ model: (inout Generator) -> Model,
    _ output: @escaping (Model, Tensor<Float>) -> Tensor<Float>
  ) -> Subject<Model> {
    var generator = Generator(seed: 1)
    let model = model(&generator)
    let x = Tensor<Float>.normal([batch, time, input], using: &generator)
    let labels = Tensor<Int32>((0..<batch).map { Int32($0 % 10) })
    return Subject(
      model: model, inputs: ["x": .init(x), "labels": .init(labels)], output: { output($0, x) },
      loss: { crossEntropyLoss($0, labels) })
  }

  var simpleRNN: Subject<SimpleRNN<Float>> {
    subject({
      SimpleRNN(.init(inputSize: input, hiddenSize: hidden, outputSize: 10), using: &$0)
    }) { $0($1) }
  }

  var attentionRNN: Subject<AttentionRNN<Float>> {
    subject({
      AttentionRNN(.init(inputSize: input, hiddenSize: hidden, outputSize: 10), using: &$0)
    }) { $0($1) }
  }

  var gru: Subject<Classifier<GRUCell<Float>>> {
    subject({
      Classifier(
        rnn: GRU(inputSize: input, hiddenSize: hidden, using: &$0),
        fc: Linear(inputs: hidden, outputs: 10, using: &$0))
    }) { $0($1) }
  }

  var lstm: Subject<Classifier<LSTMCell<Float>>> {
    subject({
      Classifier(
        rnn: LSTM(inputSize: input, hiddenSize: hidden, using: &$0),
        fc: Linear(inputs: hidden, outputs: 10, using: &$0))
    }) { $0($1) }
  }
}

extension Workload {
  static var models: [Workload] {
    RecurrentSize.all.flatMap(recurrent) + bahdanauSizes.flatMap(encoderDecoder) + transformer
  }

  private static func recurrent(_ size: RecurrentSize) -> [Workload] {
    let scores = 6 * Double(size.batch * size.time * size.hidden * size.hidden)
    return both("simple_rnn", size.name, operations: size.operations(gates: 1)) { size.simpleRNN }
      + both("rnn_attention", size.name, operations: size.operations(gates: 1) + scores) {
        size.attentionRNN
      }
      + both("gru", size.name, operations: size.operations(gates: 3)) { size.gru }
      + both("lstm", size.name, operations: size.operations(gates: 4)) { size.lstm }
  }

  /// Ten thousand steps of small cells.
  static var longSequences: [Workload] {
    let size = RecurrentSize(name: "10000", batch: 8, time: 10_000, input: 16, hidden: 32)
    return [
      Workload("simple_rnn_long", size.name, operations: size.operations(gates: 1)) {
        size.simpleRNN.training
      },
      Workload("lstm_long", size.name, operations: size.operations(gates: 4)) {
        size.lstm.training
      },
    ]
  }

  private struct BahdanauSize {
    let name: String
    let batch: Int
    let source: Int
    let target: Int
    let embedding: Int
    let hidden: Int

    /// Multiply-adds of forward and backward for one sentence.
    var operations: Double {
      let encoder = source * (3 * hidden * (embedding + hidden) + hidden * hidden)
      let step =
        3 * hidden * (embedding + 2 * hidden) + hidden * hidden + 2 * source * hidden
        + 2 * hidden * 44
      return 6 * Double(encoder + target * step)
    }

    func model(_ generator: inout Generator) -> Bahdanau {
      Bahdanau(30, 44, embedding, hidden, using: &generator)
    }
  }

  private static let bahdanauSizes = [
    BahdanauSize(name: "small", batch: 32, source: 9, target: 8, embedding: 64, hidden: 128),
    BahdanauSize(name: "medium", batch: 64, source: 12, target: 12, embedding: 128, hidden: 256),
    BahdanauSize(name: "large", batch: 64, source: 30, target: 30, embedding: 256, hidden: 512),
  ]

  private static func symbols(_ rows: Int, _ columns: Int, _ count: Int) -> Tensor<Int32> {
    Tensor((0..<(rows * columns)).map { Int32($0 * 7 % count) }, shape: [rows, columns])
  }

  private static func encoderDecoder(_ size: BahdanauSize) -> [Workload] {
    both("bahdanau", size.name, operations: Double(size.batch) * size.operations) {
      var generator = Generator(seed: 1)
      let x = symbols(size.batch, size.source, 30)
      let y = symbols(size.batch, size.target, 44)
      return Subject(
        model: size.model(&generator), inputs: ["source": .init(x), "target": .init(y)],
        output: { $0(x, y) }, loss: { crossEntropyLoss($0, y) })
    } + [
      Workload("bahdanau_greedy", size.name, operations: size.operations / 3) {
        var generator = Generator(seed: 1)
        let model = size.model(&generator)
        let x = symbols(1, size.source, 30)
        return Work(
          run: { _ = model.greedy(x, steps: size.target).last!.scalars },
          exchange: {
            var file = model.weights(prefix: "weight.")
            file.tensors["input.source"] = .init(x)
            let symbols = model.greedy(x, steps: size.target).flatMap(\.scalars)
            file.tensors["result.symbols"] = .init(Tensor<Int32>(symbols))
            return file
          })
      }
    ]
  }

  private static var transformer: [Workload] {
    let (batch, time, size, inner, layers) = (32, 64, 256, 1024, 3)
    let token = 4 * size * size + 2 * size * inner + 2 * time * size
    return both(
      "transformer", "d256h4L3", operations: 6 * Double(layers * batch * time) * Double(token)
    ) {
      var generator = Generator(seed: 1)
      let model = Encoder(layers: layers, size, heads: 4, innerSize: inner, using: &generator)
      let x = Tensor<Float>.normal([batch, time, size], using: &generator)
      return Subject(
        model: model, inputs: ["x": .init(x)], output: { $0(x) }, loss: { $0.sum() })
    }
  }
}
