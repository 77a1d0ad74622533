import AttentionRNN
import Autograd
import Kernels
import Layers
import SimpleRNN

/// A piece of work with the names that the peers' script gives it.
struct Workload {
  let name: String
  let size: String
  /// Multiply-adds that bound its time, as floating-point operations; 0 if memory does.
  let operations: Double
  /// Bytes that bound its time.
  let bytes: Double
  /// Number of equal things that one run does: the median is divided by it.
  let count: Int
  /// Makes the run.
  let make: () -> () -> Void

  init(
    _ name: String, _ size: String, operations: Double = 0, bytes: Double = 0, count: Int = 1,
    make: @escaping () -> () -> Void
  ) {
    self.name = name
    self.size = size
    self.operations = operations
    self.bytes = bytes
    self.count = count
    self.make = make
  }

  static var all: [Workload] {
    tape + products + elementwise + recurrent + encoderDecoder
  }

  // MARK: Small and large operations

  private static var tape: [Workload] {
    [
      Workload("op_overhead", "4", count: 2000) {
        let a = Tensor<Float>.ones([4])
        return {
          _ = valueWithGradient(at: a) { a in
            var z = a
            for _ in 0..<1000 { z = z * a + a }
            return z.sum()
          }
        }
      }
    ]
  }

  private static var products: [Workload] {
    let shapes = [
      (1024, 1024, 1024), (64, 256, 256), (64, 256, 768), (32, 64, 192), (1, 512, 512),
    ]
    return shapes.map { m, k, n in
      let name = m == 1024 ? "1024" : "\(m)x\(k)x\(n)"
      return Workload("gemm", name, operations: 2 * Double(m * k * n)) {
        var generator = Generator(seed: 1)
        let a = Tensor<Float>.normal([m, k], using: &generator)
        let b = Tensor<Float>.normal([k, n], using: &generator)
        return { _ = matmul(a, b) }
      }
    }
  }

  private static var elementwise: [Workload] {
    func workload(
      _ name: String, arrays: Int, _ function: @escaping (Tensor<Float>) -> Tensor<Float>
    ) -> Workload {
      Workload(name, "16M", bytes: Double(arrays * 4) * 16_777_216) {
        var generator = Generator(seed: 1)
        let x = Tensor<Float>.uniform([4096, 4096], from: -3, to: 3, using: &generator)
        return { _ = function(x) }
      }
    }
    return [
      workload("tanh", arrays: 2) { tanh($0) }, workload("exp", arrays: 2) { exp($0) },
      workload("softmax", arrays: 2) { softmax($0, axis: 1) },
      workload("add", arrays: 2) { $0 + $0 },
    ]
  }

  // MARK: Train steps: forward and backward, without optimizer

  private static func train<Model: Layer>(
    _ size: RecurrentSize, _ model: @escaping (inout Generator) -> Model,
    _ run: @escaping (Model, Tensor<Float>) -> Tensor<Float>
  ) -> () -> () -> Void {
    {
      var generator = Generator(seed: 1)
      let model = model(&generator)
      let x = Tensor<Float>.normal([size.batch, size.time, size.input], using: &generator)
      let labels = Tensor<Int32>((0..<size.batch).map { Int32($0 % 10) })
      return { _ = valueWithGradient(at: model) { crossEntropy(run($0, x), labels) } }
    }
  }

  private static var recurrent: [Workload] {
    RecurrentSize.all.flatMap { size in
      let (input, hidden) = (size.input, size.hidden)
      return [
        Workload(
          "simple_rnn", size.name, operations: size.operations(gates: 1),
          make: train(
            size,
            {
              SimpleRNN<Float>(
                .init(inputSize: input, hiddenSize: hidden, outputSize: 10), using: &$0)
            }
          ) { $0($1) }),
        Workload(
          "rnn_attention", size.name,
          operations: size.operations(gates: 1)
            + 6 * Double(size.batch * size.time * hidden * hidden),
          make: train(
            size,
            {
              AttentionRNN<Float>(
                .init(inputSize: input, hiddenSize: hidden, outputSize: 10), using: &$0)
            }
          ) { $0($1) }),
        Workload(
          "gru", size.name, operations: size.operations(gates: 3),
          make: train(
            size,
            {
              Classifier(
                rnn: GRU(input, hidden, using: &$0), fc: Linear(hidden, 10, using: &$0))
            }
          ) { $0($1) }),
        Workload(
          "lstm", size.name, operations: size.operations(gates: 4),
          make: train(
            size,
            {
              Classifier(
                rnn: LSTM(input, hidden, using: &$0), fc: Linear(hidden, 10, using: &$0))
            }
          ) { $0($1) }),
      ]
    }
  }

  private static var encoderDecoder: [Workload] {
    let sizes = [
      ("small", 32, 9, 8, 64, 128), ("medium", 64, 12, 12, 128, 256),
      ("large", 64, 30, 30, 256, 512),
    ]
    return sizes.map { name, batch, source, target, embedding, hidden in
      let encoder = source * (3 * hidden * (embedding + hidden) + hidden * hidden)
      let step =
        3 * hidden * (embedding + 2 * hidden) + hidden * hidden + 2 * source * hidden
        + 2 * hidden * 44
      return Workload(
        "bahdanau", name, operations: 6 * Double(batch) * Double(encoder + target * step)
      ) {
        var generator = Generator(seed: 1)
        let model = Bahdanau(30, 44, embedding, hidden, using: &generator)
        func symbols(_ rows: Int, _ columns: Int, _ count: Int) -> Tensor<Int32> {
          Tensor(
            (0..<(rows * columns)).map { Int32($0 * 7 % count) }, shape: [rows, columns])
        }
        let (x, y) = (symbols(batch, source, 30), symbols(batch, target, 44))
        return { _ = valueWithGradient(at: model) { crossEntropy($0(x, y), y) } }
      }
    }
  }
}
