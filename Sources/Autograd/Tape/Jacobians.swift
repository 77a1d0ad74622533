// Whole matrices of derivatives, and products with them, of functions of tensors.

/// The derivatives of all elements of a function's result with respect to all elements of its
/// inputs.
///
/// Row by row by reverse mode, or, where the inputs have fewer elements than the result, column by
/// column by forward mode.
///
/// - Parameters:
///   - inputs: where to differentiate.
///   - function: a tensor of any shape. It runs on the calling thread: once, or once more for each
///     column.
/// - Returns: for each input `[*result.shape, *input.shape]`.
public func jacobian<Scalar: FloatingPointScalar>(
  at inputs: [Tensor<Scalar>], of function: ([Tensor<Scalar>]) -> Tensor<Scalar>
) -> [Tensor<Scalar>] {
  jacobianByRows(at: inputs, function) ?? jacobianByColumns(at: inputs, function)
}

/// The derivatives of all elements of a function's result with respect to all elements of its
/// input.
///
/// - Returns: `[*result.shape, *x.shape]`
public func jacobian<Scalar: FloatingPointScalar>(
  at x: Tensor<Scalar>, of function: (Tensor<Scalar>) -> Tensor<Scalar>
) -> Tensor<Scalar> {
  jacobian(at: [x]) { function($0[0]) }[0]
}

/// By reverse mode; nil where columns are fewer.
private func jacobianByRows<Scalar: FloatingPointScalar>(
  at inputs: [Tensor<Scalar>], _ function: ([Tensor<Scalar>]) -> Tensor<Scalar>
) -> [Tensor<Scalar>]? {
  Tape.withTape(.init(mode: .unspecified)) { tape, isInner -> [Tensor<Scalar>]? in
    let start = tape.records.count
    let leaves = inputs.map { tape.leaf($0.untyped) }
    let output = function(leaves.map { Tensor($0) }).untyped
    if output.count > inputs.reduce(0, { $0 + $1.count }) { return nil }
    let rows = (0..<output.count).map { row in
      let unit = Tensor<Scalar>.unit(output.shape, row).untyped
      return tape.gradients(
        of: [(output, unit)], at: leaves.map { $0.index }, from: start, isDifferentiable: isInner,
        keepsRecords: true)
    }
    return inputs.indices.map { input in
      let parts = rows.map { row in
        row[input].map { Tensor<Scalar>($0) } ?? .zeros(inputs[input].shape)
      }
      return stacked(parts, axis: 0, Shape(Array(output.shape) + Array(inputs[input].shape)))
    }
  }
}

/// By forward mode.
private func jacobianByColumns<Scalar: FloatingPointScalar>(
  at inputs: [Tensor<Scalar>], _ function: ([Tensor<Scalar>]) -> Tensor<Scalar>
) -> [Tensor<Scalar>] {
  inputs.indices.map { input in
    var direction = [Tensor<Scalar>?](repeating: nil, count: inputs.count)
    let shape = inputs[input].shape
    if shape.elementCount == 0 {
      return .zeros(Shape(Array(function(inputs).shape) + Array(shape)))
    }
    let columns = (0..<shape.elementCount).map { column in
      direction[input] = .unit(shape, column)
      return jacobianVectorProduct(at: inputs, along: direction) { [function($0)] }.tangents[0]
    }
    return stacked(columns, axis: -1, Shape(Array(columns[0].shape) + Array(shape)))
  }
}

private func stacked<Scalar: FloatingPointScalar>(
  _ parts: [Tensor<Scalar>], axis: Int, _ shape: Shape
) -> Tensor<Scalar> {
  parts.isEmpty ? .zeros(shape) : Tensor.stacked(parts, axis: axis).reshaped(shape)
}

extension Tensor where Scalar: FloatingPointScalar {
  /// Zeros but for a 1 at a position in row-major order.
  fileprivate static func unit(_ shape: Shape, _ place: Int) -> Tensor {
    var result = Tensor.zeros(shape)
    result.withUnsafeMutableScalars { $0[place] = 1 }
    return result
  }
}

/// The second derivatives of a function of one tensor: the Jacobian of its gradient.
///
/// - Parameters:
///   - x: where to differentiate.
///   - function: returns a tensor of one element; anything else traps.
/// - Returns: `[*x.shape, *x.shape]`
public func hessian<Scalar: FloatingPointScalar>(
  at x: Tensor<Scalar>, of function: (Tensor<Scalar>) -> Tensor<Scalar>
) -> Tensor<Scalar> {
  jacobian(at: x) { gradient(at: $0, of: function) }
}

/// The second derivatives of a function of several tensors.
///
/// - Returns: for inputs i and j, in that order, `[*inputs[i].shape, *inputs[j].shape]`.
public func hessian<Scalar: FloatingPointScalar>(
  at inputs: [Tensor<Scalar>], of function: ([Tensor<Scalar>]) -> Tensor<Scalar>
) -> [[Tensor<Scalar>]] {
  if inputs.isEmpty { return [] }
  let rows = jacobian(at: inputs) { inputs in
    let gradients = valueWithGradient(at: inputs, of: function).gradients
    return .concatenated(gradients.map { $0.reshaped([-1]) }, axis: 0)
  }
  var start = 0
  return inputs.map { input in
    defer { start += input.count }
    return zip(inputs, rows).map { other, rows in
      rows.narrowed(axis: 0, to: start..<(start + input.count))
        .reshaped(Shape(Array(input.shape) + Array(other.shape)))
    }
  }
}

/// The product of the second derivatives of a function with a vector: how the gradient changes
/// where the inputs move along tangents. It is the gradient of the gradient's product with the
/// vector, and takes about as long as a few gradients, whatever the number of elements; forward mode
/// over a gradient gives the same in less memory, but takes up to twice as long.
///
/// - Parameters:
///   - inputs: where to differentiate.
///   - tangents: for each input a tensor of its shape; nil stands for zeros.
///   - function: returns a tensor of one element; anything else traps.
/// - Returns: for each input a tensor of its shape.
public func hessianVectorProduct<Scalar: FloatingPointScalar>(
  at inputs: [Tensor<Scalar>], along tangents: [Tensor<Scalar>?],
  of function: ([Tensor<Scalar>]) -> Tensor<Scalar>
) -> [Tensor<Scalar>] {
  if inputs.count != tangents.count {
    trap("hessianVectorProduct: \(tangents.count) tangents for \(inputs.count) inputs")
  }
  return valueWithGradient(at: inputs) { inputs in
    let gradients = valueWithGradient(at: inputs, of: function).gradients
    return zip(gradients, tangents).reduce(Tensor(0)) { sum, pair in
      pair.1.map { sum + (pair.0 * $0).sum() } ?? sum
    }
  }.gradients
}

/// The product of the second derivatives of a function of one tensor with a vector: how the gradient
/// at `x` changes where `x` moves along the tangent, a tensor of its shape.
public func hessianVectorProduct<Scalar: FloatingPointScalar>(
  at x: Tensor<Scalar>, along tangent: Tensor<Scalar>,
  of function: (Tensor<Scalar>) -> Tensor<Scalar>
) -> Tensor<Scalar> {
  hessianVectorProduct(at: [x], along: [tangent]) { function($0[0]) }[0]
}
