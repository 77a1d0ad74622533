// Forward mode for functions of tensors. That of models stands with the layers.

/// Jacobian-vector products: how the outputs of a function change where its inputs move along
/// tangents.
///
/// The tangents are computed together with the outputs, and nothing is recorded: memory does not
/// grow with the length of the computation. It takes two to four times as long as the function
/// itself, and longer where layers run as one operation (recurrent ones, additive attention): there
/// tangents come from the definition in single operations. Calls may be nested in each other and in
/// gradients, in any order.
///
/// - Parameters:
///   - inputs: where to differentiate.
///   - tangents: for each input the direction in which it moves, of its shape; nil for one that
///     stays.
///   - function: any number of tensors of any shape. It runs on the calling thread.
/// - Returns: the outputs, and for each a tangent of its shape.
public func jacobianVectorProduct<Scalar: FloatingPointScalar>(
  at inputs: [Tensor<Scalar>], along tangents: [Tensor<Scalar>?],
  of function: ([Tensor<Scalar>]) -> [Tensor<Scalar>]
) -> (outputs: [Tensor<Scalar>], tangents: [Tensor<Scalar>]) {
  if inputs.count != tangents.count {
    trap("jacobianVectorProduct: \(tangents.count) tangents for \(inputs.count) inputs")
  }
  let results = withoutActuallyEscaping(function) { function in
    Tape.forward(.init(mode: .unspecified)) { forward, level in
      let leaves = zip(inputs, tangents).map { input, tangent in
        guard let tangent else { return input }
        return Tensor<Scalar>(forward.leaf(input.untyped, along: tangent.untyped, level))
      }
      return { function(leaves).map { $0.untyped } }
    }
  }
  return (results.map { Tensor($0.output) }, results.map { Tensor($0.tangent) })
}

/// How the output of a function of one tensor changes where `x` moves along the tangent, a tensor of
/// its shape.
public func jacobianVectorProduct<Scalar: FloatingPointScalar>(
  at x: Tensor<Scalar>, along tangent: Tensor<Scalar>,
  of function: (Tensor<Scalar>) -> Tensor<Scalar>
) -> (output: Tensor<Scalar>, tangent: Tensor<Scalar>) {
  let (outputs, tangents) = jacobianVectorProduct(at: [x], along: [tangent]) { [function($0[0])] }
  return (outputs[0], tangents[0])
}

extension Tape {
  /// Runs a function in forward mode along a direction in which parameters move.
  package static func pushforward(
    _ scope: Scope, parameterTangent: @escaping (AnyObject) -> UntypedTensor,
    of function: () -> [UntypedTensor]
  ) -> [(output: UntypedTensor, tangent: UntypedTensor)] {
    withoutActuallyEscaping(function) { function in
      forward(scope, parameterTangent: parameterTangent) { _, _ in function }
    }
  }

  /// Runs a function in forward mode.
  ///
  /// - Parameters:
  ///   - scope: that of the call.
  ///   - parameterTangent: for a parameter that the scope contains, the direction in which it
  ///     moves.
  ///   - prepare: makes the inputs' leaves, which is to happen before the level is active, and
  ///     gives the function of them.
  /// - Returns: the function's results, each with its tangent.
  static func forward(
    _ scope: Scope, parameterTangent: ((AnyObject) -> UntypedTensor)? = nil,
    _ prepare: (ForwardMode, ForwardMode.Level) -> () -> [UntypedTensor]
  ) -> [(output: UntypedTensor, tangent: UntypedTensor)] {
    withTape(scope) { _, isInner in
      let tape = current!
      tape.isReversing = isInner
      let forward = tape.forward ?? tape.beginForward(isReversing: isInner)
      let (active, isOutermost) = (forward.active, forward.depth == 0)
      forward.depth += 1
      let level = ForwardMode.Level(in: forward)
      if let parameterTangent {
        tape.scopes[tape.scopes.count - 1].direction = (level, parameterTangent)
      }
      let function = prepare(forward, level)
      forward.active.append(level)
      let outputs = function()
      forward.active = active
      let results = outputs.map { output in
        let tangent = output.tangent(at: level) ?? Compute.zeros(like: output)
        return (
          output: tape.handedOut(output, isInner: isInner),
          tangent: tape.handedOut(tangent, isInner: isInner)
        )
      }
      forward.depth -= 1
      if isOutermost { tape.endForward() }
      return results
    }
  }

  private func beginForward(isReversing: Bool) -> ForwardMode {
    let mode = ForwardMode(self, isReversing: isReversing)
    forward = mode
    // Every operation is to come here; whether it is recorded is the mode's to say.
    isRecording = true
    updateWatch()
    return mode
  }

  private func endForward() {
    guard let mode = forward else { return }
    forward = nil
    isRecording = mode.isReversing
    updateWatch()
    mode.finish()
  }
}
