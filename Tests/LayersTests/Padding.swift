import Autograd
import Layers

/// What the tests of padding share: numbers that must not matter, and what a run of a layer gives.
enum Junk {
  /// What padding is filled with.
  static let all: [Double] = [0, 7, -1e30, .nan, .infinity, -.infinity]
}

/// The results of a layer and all gradients, to be compared with those of another run.
struct Run<Scalar: FloatingPointScalar> {
  var outputs: [Tensor<Scalar>]
  var inputGradients: [Tensor<Scalar>]
  var parameterGradients: [Tensor<Scalar>]

  /// Runs a function of a layer and inputs, with cotangents that depend on the outputs' positions.
  init(
    _ layer: some Layer, at inputs: [Tensor<Scalar>],
    cotangents: ([Tensor<Scalar>]) -> [Tensor<Scalar>],
    of function: ([Tensor<Scalar>]) -> [Tensor<Scalar>]
  ) {
    let (outputs, gradients) = vectorJacobianProduct(at: inputs, of: function) {
      cotangents($0)
    }
    self.outputs = outputs
    inputGradients = zip(inputs, gradients).map { $1 ?? .zeros($0.shape) }
    let weights = cotangents(outputs)
    func loss() -> Tensor<Scalar> {
      var total = Tensor<Scalar>(0)
      for (output, weight) in zip(function(inputs), weights) {
        // Where the cotangent is not to count, the output may be anything.
        total = total + (output.filled(where: weight .== Tensor(0), with: 0) * weight).sum()
      }
      return total
    }
    let ofParameters = Self.gradients(of: layer, loss)
    parameterGradients = layer.parameters.map {
      ofParameters[$0.parameter as! Parameter<Scalar>] ?? .zeros($0.parameter.shape)
    }
  }

  private static func gradients<Model: Layer>(
    of model: Model, _ loss: () -> Tensor<Scalar>
  ) -> Gradients {
    valueWithGradient(at: model) { _ in loss() }.gradients
  }
}

extension Tensor where Scalar: FloatingPointScalar {
  /// Whether all bits are equal; NaN never is.
  func isSame(as other: Tensor) -> Bool { shape == other.shape && scalars == other.scalars }

  /// Whether the tensors agree up to the rounding of sums whose order differs: some roundings of
  /// the largest number.
  func isSame(as other: Tensor, roundings: Int) -> Bool {
    guard shape == other.shape else { return false }
    let scale = other.scalars.reduce(Scalar(1)) { Swift.max($0, $1.magnitude) }
    return zip(scalars, other.scalars).allSatisfy {
      ($0 - $1).magnitude <= Scalar(roundings) * Scalar.ulpOfOne * scale
    }
  }

  /// Longer along an axis, by positions that hold a number.
  func extended(_ axis: Int, by count: Int, with number: Scalar) -> Tensor {
    let rest = Tensor(repeating: number, shape: shape.replacing(axis, with: count))
    return .concatenated([self, rest], axis: axis)
  }
}

extension Shape {
  func replacing(_ axis: Int, with extent: Int) -> Shape {
    var result = self
    result[axis] = extent
    return result
  }
}

extension Generator {
  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices.randomElement(using: &self)!
  }
}
