// The program of Documentation/Tapestry.docc/NewLayer.md: change it there, and call Documentation/programs.sh.
import Autograd
import Foundation
import Interchange
import Layers
import Training

/// `gate * transformed + (1 - gate) * x`; shapes: `[..., size]` to `[..., size]`.
struct Highway<Scalar: FloatingPointScalar>: Layer {
  let transform: Linear<Scalar>
  let gate: Linear<Scalar>
  /// How strong the layer is in all.
  @Parameter var scale: Tensor<Scalar>

  init(size: Int, using generator: inout some RandomNumberGenerator) {
    transform = Linear(inputs: size, outputs: size, using: &generator)
    gate = Linear(inputs: size, outputs: size, using: &generator)
    scale = Tensor.ones([size])
  }

  func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let open = sigmoid(gate(x))
    return scale * (open * relu(transform(x)) + (1 - open) * x)
  }
}

var generator = Generator(seed: 7)
let layer = Highway<Double>(size: 3, using: &generator)
for (name, parameter) in layer.parameters { print(name, parameter.shape) }

let x = Tensor<Double>([[0.3, -0.8, 1.2], [-0.4, 0.9, 0.1]])
let check = GradientCheck(at: layer, order: 2) { $0(x) }
print("gradients agree:", check.passes)

func roundedStraightThrough(_ x: Tensor<Double>) -> Tensor<Double> {
  x + (round(x) - x).detached
}
let slope = gradient(at: Tensor<Double>([0.4, 1.7])) { (square(roundedStraightThrough($0))).sum() }
print("slopes", slope.scalars)

extension Highway: PyTorchNamed {
  static var pyTorchModule: String? { nil }
  var pyTorchNames: [NameRule] {
    [.rename("transform.**", to: "H.**"), .rename("gate.**", to: "T.**")]
  }
}

let path = FileManager.default.temporaryDirectory.path + "/highway.safetensors"
try layer.save(to: path, names: .pyTorch)
print(try TensorFile(contentsOf: path).tensors.keys.sorted())
