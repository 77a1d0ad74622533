// Gradients of functions of tensors. Those of models stand with the layers.

/// The value of a function at a tensor, and the gradient of that value.
///
/// Calls may be nested: the gradient that an inner call returns is then differentiated by the
/// outer one. The function runs on the calling thread.
///
/// - Parameters:
///   - x: where to differentiate.
///   - function: returns a tensor of one element; anything else traps.
/// - Returns: the function's value, and a gradient of the shape of `x`.
public func valueWithGradient<Scalar: FloatingPointScalar, Failure: Error>(
  at x: Tensor<Scalar>, of function: (Tensor<Scalar>) throws(Failure) -> Tensor<Scalar>
) throws(Failure) -> (value: Tensor<Scalar>, gradient: Tensor<Scalar>) {
  let (value, gradients) = try valueWithGradient(at: [x]) { (x) throws(Failure) in
    try function(x[0])
  }
  return (value, gradients[0])
}

/// The value of a function of two tensors, and its gradients with respect to both, each of its
/// tensor's shape. The function returns a tensor of one element; anything else traps.
public func valueWithGradient<Scalar: FloatingPointScalar, Failure: Error>(
  at x: Tensor<Scalar>, _ y: Tensor<Scalar>,
  of function: (Tensor<Scalar>, Tensor<Scalar>) throws(Failure) -> Tensor<Scalar>
) throws(Failure) -> (value: Tensor<Scalar>, gradients: (Tensor<Scalar>, Tensor<Scalar>)) {
  let (value, gradients) = try valueWithGradient(at: [x, y]) { (x) throws(Failure) in
    try function(x[0], x[1])
  }
  return (value, (gradients[0], gradients[1]))
}

/// The value of a function of any number of tensors, and its gradients with respect to all, each of
/// its tensor's shape; zeros for a tensor on which the value does not depend. The function returns a
/// tensor of one element; anything else traps.
public func valueWithGradient<Scalar: FloatingPointScalar, Failure: Error>(
  at inputs: [Tensor<Scalar>],
  of function: ([Tensor<Scalar>]) throws(Failure) -> Tensor<Scalar>
) throws(Failure) -> (value: Tensor<Scalar>, gradients: [Tensor<Scalar>]) {
  try Tape.withTape(.init(mode: .unspecified)) { (tape, isInner) throws(Failure) in
    let start = tape.records.count
    let leaves = inputs.map { tape.leaf($0.untyped) }
    let value = try function(leaves.map { Tensor($0) }).untyped
    let gradients = tape.gradients(
      ofScalar: value, at: leaves.map { $0.index }, from: start, isDifferentiable: isInner)
    return (
      Tensor(tape.handedOut(value, isInner: isInner)),
      zip(inputs, gradients).map { Tensor($1 ?? Compute.zeros(like: $0.untyped)) }
    )
  }
}

/// The gradient of a function at a tensor, of the tensor's shape. The function returns a tensor of
/// one element; anything else traps.
public func gradient<Scalar: FloatingPointScalar, Failure: Error>(
  at x: Tensor<Scalar>, of function: (Tensor<Scalar>) throws(Failure) -> Tensor<Scalar>
) throws(Failure) -> Tensor<Scalar> {
  try valueWithGradient(at: x, of: function).gradient
}

extension Tape {
  /// A result as a call hands it out: off the tape, unless an outer call differentiates it.
  package func handedOut(_ value: consuming UntypedTensor, isInner: Bool) -> UntypedTensor {
    if isInner || forward?.active.isEmpty == false { return value }
    return UntypedTensor.detached(value)
  }

  /// Gradients of a tensor of one element, whose own gradient is 1.
  func gradients(
    ofScalar value: UntypedTensor, at leaves: [Int32], from start: Int, isDifferentiable: Bool
  ) -> [UntypedTensor?] {
    checkIsScalar(value)
    return gradients(
      from: Int(index(of: value)), to: start, at: leaves, isDifferentiable: isDifferentiable
    ) { pass in
      let seed = pass.room.seed(value)
      pass.add(consume seed, to: value.index)
    }
  }

  func checkIsScalar(_ value: UntypedTensor) {
    if value.count != 1 {
      trap(
        "a gradient is that of one number; the function returned a tensor of shape "
          + "\(value.shape): reduce it, with sum() or mean() for example")
    }
  }
}

/// Vector-Jacobian products: the gradients of `sum(outputs * cotangents)` with respect to inputs.
///
/// - Parameters:
///   - inputs: where to differentiate.
///   - function: any number of tensors of any shape.
///   - cotangents: given the outputs, one tensor of the same shape for each; nil for an output
///     that does not count.
/// - Returns: the outputs, and a gradient for each input; nil where no output depends on it.
public func vectorJacobianProduct<Scalar: FloatingPointScalar>(
  at inputs: [Tensor<Scalar>], of function: ([Tensor<Scalar>]) -> [Tensor<Scalar>],
  cotangents: ([Tensor<Scalar>]) -> [Tensor<Scalar>?]
) -> (outputs: [Tensor<Scalar>], gradients: [Tensor<Scalar>?]) {
  Tape.withTape(.init(mode: .unspecified)) { tape, isInner in
    let start = tape.records.count
    let leaves = inputs.map { tape.leaf($0.untyped) }
    let outputs = function(leaves.map { Tensor($0) })
    let given = cotangents(outputs)
    if given.count != outputs.count {
      trap("\(given.count) cotangents for \(outputs.count) outputs")
    }
    var seeds: [(value: UntypedTensor, gradient: UntypedTensor)] = []
    for (output, cotangent) in zip(outputs, given) {
      guard let cotangent else { continue }
      if cotangent.shape != output.shape {
        trap("a cotangent of shape \(cotangent.shape) for an output of shape \(output.shape)")
      }
      seeds.append((output.untyped, cotangent.untyped))
    }
    let gradients = tape.gradients(
      of: seeds, at: leaves.map { $0.index }, from: start, isDifferentiable: isInner)
    return (
      outputs.map { Tensor(tape.handedOut($0.untyped, isInner: isInner)) },
      gradients.map { $0.map { Tensor($0) } }
    )
  }
}

// MARK: A user's own operations

/// An operation of your own: a function and how it takes a gradient back.
///
/// The function runs off the tape, so it may do anything with its inputs' numbers. What `pullback`
/// computes with tensor operations can be differentiated again.
///
/// - Parameters:
///   - name: stands in reports and messages.
///   - inputs: the tensors that the operation depends on.
///   - forward: the result.
///   - pullback: `(gradient, inputs, output)`: the gradient with respect to each input, of its
///     shape; nil for one that gets none.
///   - pushforward: `(tangents, inputs, output)`: the tangent of the result, given those of the
///     inputs, nil standing for zeros. If it is not given, forward mode derives it from the
///     pullback, which then has to be written in tensor operations.
public func customOperation<Scalar: FloatingPointScalar>(
  _ name: StaticString, _ inputs: [Tensor<Scalar>],
  forward: ([Tensor<Scalar>]) -> Tensor<Scalar>,
  pullback:
    @escaping (_ gradient: Tensor<Scalar>, _ inputs: [Tensor<Scalar>], _ output: Tensor<Scalar>)
    -> [Tensor<Scalar>?],
  pushforward: (
    (_ tangents: [Tensor<Scalar>?], _ inputs: [Tensor<Scalar>], _ output: Tensor<Scalar>)
      -> Tensor<Scalar>
  )? = nil
) -> Tensor<Scalar> {
  // The result gets a position on the tape of its own, even if the function returns an input.
  let computed = forward(inputs.map { $0.detached }).untyped.detached
  let output = UntypedTensor(viewing: computed, computed.shape, computed.strides)
  let operands = inputs.map { $0.untyped }
  guard let tape = recording(operands) else { return Tensor(output) }
  let takeBack = { (gradients: [UntypedTensor?], needed: [Bool]) -> [UntypedTensor?] in
    let parts = pullback(Tensor(gradients[0]!), inputs, Tensor(output))
    if parts.count != inputs.count {
      trap("\(name): the pullback gave \(parts.count) gradients for \(inputs.count) inputs")
    }
    return zip(inputs, parts).map { input, part in
      guard let part else { return nil }
      if part.shape != input.shape {
        trap("\(name): a gradient of shape \(part.shape) for an input of \(input.shape)")
      }
      if Tape.current?.forward?.isTransposing == true, recording(gradients[0]!) != nil,
        recording(part.untyped) == nil
      {
        trap(
          "\(name): forward mode needs a pullback written in tensor operations, or a pushforward; "
            + "an input that gets no gradient has nil")
      }
      return part.untyped
    }
  }
  let tangents = pushforward.map { pushforward in
    { (tangents: [UntypedTensor?]) -> [UntypedTensor?] in
      let tangent = pushforward(tangents.map { $0.map { Tensor($0) } }, inputs, Tensor(output))
      if tangent.shape != output.shape {
        trap("\(name): a tangent of shape \(tangent.shape) for an output of \(output.shape)")
      }
      return [tangent.untyped]
    }
  }
  tape.record(
    name, [output], of: operands, by: .vectorJacobianProducts(tangents: tangents, takeBack))
  return Tensor(output)
}

extension Tensor where Scalar: FloatingPointScalar {
  /// The same tensor, whose gradient passes through a function on its way back: to look at it,
  /// scale it, or replace it. Tangents of forward mode pass as they are.
  public func mappingGradient(_ transform: @escaping (Tensor) -> Tensor) -> Tensor {
    let result = UntypedTensor(viewing: untyped, shape, untyped.strides)
    // The way forward is that of the identity.
    recording(untyped)?.record(
      "mappingGradient", result, of: untyped,
      by: .linear({ $0 }) { dy, _ in
        let mapped = transform(Tensor(dy)).untyped
        if mapped.shape != dy.shape {
          trap("mappingGradient: a gradient of shape \(mapped.shape) for one of \(dy.shape)")
        }
        return mapped
      })
    return Tensor(result)
  }
}
