import Autograd
import Training

extension Workload {
  /// Convolutions and pooling, as an encoder of small pictures and one of sequences have them: the
  /// result alone, and a step of training, where the sum of the result's squares is differentiated.
  /// The first layer's input needs no gradient. The smallest is the filter of location-aware attention.
  static var windows: [Workload] {
    let pictures: Shape = [64, 32, 32, 32]
    return convolution("conv2d", pictures, [32, 32, 3, 3]) {
      conv2d($0, $1, bias: $2, padding: .same)
    }
      + convolution("conv2d", [64, 3, 32, 32], [32, 3, 3, 3], isFirst: true) {
        conv2d($0, $1, bias: $2, padding: .same)
      }
      + convolution("conv1d", [32, 128, 500], [128, 128, 5]) {
        conv1d($0, $1, bias: $2, padding: .same)
      }
      + convolution("conv1d", [32, 1, 40], [10, 1, 11]) {
        conv1d($0, $1, bias: $2, padding: .same)
      }
      + both("max_pool", ["x": pictures]) { maxPool2d($0["x"]!, PoolingWindow([2, 2])) }
      + both("average_pool", ["x": pictures]) { averagePool2d($0["x"]!, PoolingWindow([2, 2])) }
  }

  private static func convolution(
    _ name: String, _ x: Shape, _ weight: Shape, isFirst: Bool = false,
    _ function: @escaping (Tensor<Float>, Tensor<Float>, Tensor<Float>) -> Tensor<Float>
  ) -> [Workload] {
    let windows = x.dropFirst(2).reduce(x[0], *)
    return both(
      name, ["x": x, "weight": weight, "bias": [weight[0]]],
      operations: 2 * Double(windows * weight.elementCount), constants: isFirst ? ["x"] : []
    ) { function($0["x"]!, $0["weight"]!, $0["bias"]!) }
  }

  private typealias Tensors = [String: Tensor<Float>]

  /// The function alone, and with its derivative, each product of which takes as many operations.
  private static func both(
    _ name: String, _ shapes: [String: Shape], operations: Double = 0, constants: Set<String> = [],
    _ function: @escaping (Tensors) -> Tensor<Float>
  ) -> [Workload] {
    let size = shapes["x"]!.map(String.init).joined(separator: "x")
    func operands() -> Tensors {
      var generator = Generator(seed: 1)
      var result: Tensors = [:]
      for name in shapes.keys.sorted() {
        let deviation: Float = name == "x" ? 1 : 0.1
        result[name] = .normal(shapes[name]!, deviation: deviation, using: &generator)
      }
      return result
    }
    return [
      Workload(name, size, operations: operations) {
        let operands = operands()
        return Work(operands) { function(operands) }
      },
      Workload(
        name + "_train", size, operations: operations * Double(shapes.count - constants.count)
      ) { trainStep(operands(), constants, function) },
    ]
  }

  private static func trainStep(
    _ operands: Tensors, _ constants: Set<String>, _ function: @escaping (Tensors) -> Tensor<Float>
  ) -> Work {
    let names = operands.keys.filter { !constants.contains($0) }.sorted()
    func step() -> (value: Tensor<Float>, gradients: [Tensor<Float>]) {
      let found = valueWithGradient(at: names.map { operands[$0]! }) { leaves in
        var all = operands
        for (name, leaf) in zip(names, leaves) { all[name] = leaf }
        return square(function(all)).sum()
      }
      return (found.value, found.gradients)
    }
    return Work(
      run: { _ = step() },
      exchange: {
        var file = SafeTensors()
        for (name, tensor) in operands { file.tensors["input." + name] = .init(tensor) }
        let found = step()
        file.tensors["result.loss"] = .init(found.value)
        for (name, gradient) in zip(names, found.gradients) {
          file.tensors["result." + name] = .init(gradient)
        }
        return file
      })
  }
}
