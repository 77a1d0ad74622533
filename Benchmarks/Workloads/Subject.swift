import Autograd
import Layers
import Training

/// A model with its inputs: what is trained and asked.
struct Subject<Model: Layer> {
  let model: Model
  /// By the names that the peers know.
  let inputs: [String: StoredTensor]
  let output: (Model) -> Tensor<Float>
  let loss: (Tensor<Float>) -> Tensor<Float>
  /// Whether the model has layers that are told that this is training.
  var hasModes = false

  /// A train step: forward and backward, without optimizer.
  var training: Work {
    let (model, inputs, output, loss) = (model, inputs, output, loss)
    var generator = hasModes ? Generator(seed: 1) : nil
    func step() -> (value: Tensor<Float>, gradients: Gradients) {
      if generator != nil {
        return valueWithGradient(at: model, using: &generator!) { loss(output($0)) }
      }
      return valueWithGradient(at: model) { loss(output($0)) }
    }
    return Work(
      run: { _ = step() },
      exchange: {
        let (value, gradients) = step()
        var file = Self.file(model, inputs)
        file.tensors["result.loss"] = .init(value)
        for case (let name, let parameter as Parameter<Float>) in model.parameters {
          if let gradient = gradients[parameter] {
            file.tensors["result." + name] = .init(gradient)
          }
        }
        return file
      })
  }

  /// The forward pass alone, not recorded.
  var inference: Work {
    let (model, inputs, output) = (model, inputs, output)
    return Work(
      run: { _ = output(model) },
      exchange: {
        var file = Self.file(model, inputs)
        file.tensors["result.output"] = .init(output(model))
        return file
      })
  }

  private static func file(_ model: Model, _ inputs: [String: StoredTensor]) -> SafeTensors {
    var file = model.weights(prefix: "weight.")
    for (name, entry) in inputs { file.tensors["input." + name] = entry }
    return file
  }
}

extension Workload {
  /// A model's train step, and its inference at a third of the operations.
  static func both<Model: Layer>(
    _ name: String, _ size: String, operations: Double, _ subject: @escaping () -> Subject<Model>
  ) -> [Workload] {
    [
      Workload(name, size, operations: operations) { subject().training },
      Workload(name + "_inference", size, operations: operations / 3) { subject().inference },
    ]
  }
}
