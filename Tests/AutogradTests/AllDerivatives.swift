import Autograd

/// A function's value, its gradients, the gradients of a product with them, and a tangent: to be
/// compared with those of another form of the same function.
func allDerivatives(
  _ inputs: [Tensor<Double>], _ function: ([Tensor<Double>]) -> Tensor<Double>
) -> [Tensor<Double>] {
  var generator = Generator(seed: 7)
  let along = inputs.map { Tensor<Double>.normal($0.shape, using: &generator) }
  func first(_ x: [Tensor<Double>]) -> [Tensor<Double>] {
    valueWithGradient(at: x) { square(function($0)).sum() }.gradients
  }
  let second = valueWithGradient(at: inputs) { x in
    zip(first(x), along).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
  }.gradients
  let tangents = jacobianVectorProduct(at: inputs, along: along) { [function($0)] }.tangents
  return [function(inputs)] + first(inputs) + second + tangents
}

/// The largest difference of two lists of tensors, as a share of the second's largest element.
func largestDifference(_ a: [Tensor<Double>], _ b: [Tensor<Double>]) -> Double {
  if a.map({ $0.shape }) != b.map({ $0.shape }) { return .infinity }
  return zip(a, b).map { a, b in
    let size = abs(b).max().scalar
    return abs(a - b).max().scalar / (size == 0 ? 1 : size)
  }.max()!
}
