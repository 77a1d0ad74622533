package import Autograd

/// A rearrangement between a model's tensors and a file's, which can be read in both directions.
package struct TensorStep: Sendable {
  enum Kind: Sendable {
    case join(axis: Int, lengths: [Int])
    case split(axis: Int, lengths: [Int])
    case permute([Int])
    case reorder(axis: Int, blocks: [Int])
  }

  let kind: Kind
  /// The tensors on the model's side, by the numbers that a layout gives them.
  let inputs: [Int]
  /// Those on the file's side.
  let outputs: [Int]

  /// From the model's side to the file's.
  package func forward<Scalar>(_ tensors: inout [Int: Tensor<Scalar>]) {
    let parts = inputs.map { tensors.removeValue(forKey: $0)! }
    let results: [Tensor<Scalar>] =
      switch kind {
      case .join(let axis, _): [.concatenated(parts, axis: axis)]
      case .split(let axis, let lengths): parts[0].split(axis: axis, lengths: lengths)
      case .permute(let axes): [parts[0].permuted(axes: axes)]
      case .reorder(let axis, let blocks): [Self.reordered(parts[0], axis, blocks)]
      }
    for (number, result) in zip(outputs, results) { tensors[number] = result }
  }

  /// From the file's side to the model's.
  package func backward<Scalar>(_ tensors: inout [Int: Tensor<Scalar>]) {
    let parts = outputs.map { tensors.removeValue(forKey: $0)! }
    let results: [Tensor<Scalar>] =
      switch kind {
      case .join(let axis, let lengths): parts[0].split(axis: axis, lengths: lengths)
      case .split(let axis, _): [.concatenated(parts, axis: axis)]
      case .permute(let axes): [parts[0].permuted(axes: Self.inverse(axes))]
      case .reorder(let axis, let blocks): [Self.reordered(parts[0], axis, Self.inverse(blocks))]
      }
    for (number, result) in zip(inputs, results) { tensors[number] = result }
  }

  private static func reordered<Scalar>(
    _ tensor: Tensor<Scalar>, _ axis: Int, _ blocks: [Int]
  ) -> Tensor<Scalar> {
    let parts = tensor.split(axis: axis, every: tensor.shape[axis] / blocks.count)
    return .concatenated(blocks.map { parts[$0] }, axis: axis)
  }

  private static func inverse(_ order: [Int]) -> [Int] {
    order.indices.map { order.firstIndex(of: $0)! }
  }
}
