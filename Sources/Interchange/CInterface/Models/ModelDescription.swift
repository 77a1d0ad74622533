import Autograd
import Interchange

/// What a model is and what it can be asked for, as callers in other languages read it.
struct ModelDescription: Encodable {
  let kind: String
  /// `float32` or `float64`.
  let scalar: String
  /// Number of scalars in all parameters.
  let parameters: Int
  /// JSON in itself: what `config.json` holds.
  let configuration: String
  let metadata: [String: String]
  let functions: [Function]
  let loss: Loss?
  let optimizers = NamedOptimizer.allCases.map(\.rawValue)

  struct Function: Encodable {
    let name: String
    let inputs: [Named]
    let outputs: [Named]

    init(_ function: NamedFunction<some FloatingPointScalar>) {
      name = function.name
      inputs = function.inputs.map { .init($0) }
      outputs = function.outputs.map { .init($0) }
    }
  }

  struct Loss: Encodable {
    let inputs: [Named]
    let targets: [Named]

    init(_ loss: NamedLoss<some FloatingPointScalar>) {
      inputs = loss.inputs.map { .init($0) }
      targets = loss.targets.map { .init($0) }
    }
  }

  struct Named: Encodable {
    let name: String
    /// `numbers`, `indices`, `lengths` or `mask`.
    let elements: String
    /// Of indices, the smallest and the one after the largest.
    let range: [Int]?
    /// Of lengths, the axis that they are of.
    let axis: String?
    /// Names, or extents as text.
    let axes: [String]
    let isOptional: Bool

    init(_ tensor: NamedTensor) {
      name = tensor.name
      axes = tensor.axes.map(\.description)
      isOptional = tensor.isOptional
      switch tensor.elements {
      case .numbers: (elements, range, axis) = ("numbers", nil, nil)
      case .indices(let bounds):
        (elements, range, axis) = ("indices", [bounds.lowerBound, bounds.upperBound], nil)
      case .lengths(let name): (elements, range, axis) = ("lengths", nil, name)
      case .mask: (elements, range, axis) = ("mask", nil, nil)
      }
    }
  }
}
