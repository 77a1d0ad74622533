import Autograd
import Layers
import Training

/// Eight matrices, as an LSTM of this size would have, and nothing else.
struct Matrices: Layer {
  let matrices: [Parameter<Float>]

  /// About four million numbers.
  static let count = 8 * 512 * 1024

  init(using generator: inout Generator) {
    matrices = (0..<8).map { _ in
      Parameter(wrappedValue: .normal([512, 1024], using: &generator))
    }
  }

  /// Gradients that are given.
  func gradients(_ gradients: [Tensor<Float>]) -> Gradients {
    valueWithGradient(at: self) { model in
      zip(model.matrices, gradients).reduce(Tensor<Float>(0)) {
        $0 + ($1.0.wrappedValue * $1.1).sum()
      }
    }.gradients
  }
}

extension Workload {
  /// Steps on four million parameters. Each reads and writes what it must once.
  static var optimizers: [Workload] {
    [
      workload("sgd", arrays: 3) { SGD(learningRate: 0.01) },
      workload("adam", arrays: 7) { Adam(learningRate: 1e-3) },
      workload("adamw", arrays: 7) { AdamW(learningRate: 1e-3) },
    ]
  }

  private static func workload<Rule: Optimizer>(
    _ name: String, arrays: Int, _ make: @escaping () -> Rule
  ) -> Workload {
    Workload(name, "4M", bytes: Double(4 * arrays * Matrices.count)) {
      optimization(make, gradient: 1)
    }
  }

  /// Repeated steps along the same gradients, normal with the given deviation.
  static func optimization<Rule: Optimizer>(
    _ make: @escaping () -> Rule, gradient deviation: Float
  ) -> Work {
    var generator = Generator(seed: 1)
    let model = Matrices(using: &generator)
    let given = model.matrices.map { _ in
      Tensor<Float>.normal([512, 1024], deviation: deviation, using: &generator)
    }
    let gradients = model.gradients(given)
    var optimizer = make()
    return Work(
      run: { optimizer.update(model, along: gradients) },
      exchange: {
        var file = model.weights(prefix: "weight.")
        for (index, tensor) in given.enumerated() {
          file.tensors["input.\(index)"] = .init(tensor)
        }
        // Two steps from the weights that were written.
        var generator = Generator(seed: 1)
        let copy = Matrices(using: &generator)
        for (mine, its) in zip(model.matrices, copy.matrices) { its.tensor = mine.tensor }
        var fresh = make()
        for _ in 0..<2 { fresh.update(copy, along: copy.gradients(given)) }
        for (name, entry) in copy.weights(prefix: "result.").tensors { file.tensors[name] = entry }
        return file
      })
  }
}
