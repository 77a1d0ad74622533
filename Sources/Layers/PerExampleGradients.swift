public import Autograd

/// The gradients of the losses of single examples: for each parameter one tensor with a leading
/// axis of the examples.
public struct PerExampleGradients<Scalar: FloatingPointScalar> {
  /// The examples' losses, `[count]`.
  public let losses: Tensor<Scalar>
  /// The gradients of each example.
  public let examples: [Gradients]
  /// The parameters that any example's loss depends on.
  public let parameters: [any AnyParameter]

  init(_ results: [(value: Tensor<Scalar>, gradients: Gradients)]) {
    losses =
      results.isEmpty ? .zeros([0]) : .concatenated(results.map { $0.value.reshaped([1]) }, axis: 0)
    examples = results.map { $0.gradients }
    var seen: Set<ObjectIdentifier> = []
    parameters = examples.flatMap { $0.parameters }.filter {
      seen.insert(ObjectIdentifier($0)).inserted
    }
  }

  /// The gradients of a parameter, `[count, *shape]`, zeros for an example whose loss does not
  /// depend on it; nil where none does.
  public subscript<S>(parameter: Parameter<S>) -> Tensor<S>? {
    let all = examples.map { $0[parameter] }
    if all.allSatisfy({ $0 == nil }) { return nil }
    return .stacked(all.map { $0 ?? .zeros(parameter.shape) }, axis: 0)
  }

  /// The norm of each example's gradients, as `Gradients.norm`.
  public var norms: [Double] { examples.map(\.norm) }

  /// The mean of all examples' gradients: the gradients of the mean of their losses.
  public var mean: Gradients {
    Gradients(sumOf: examples).scaled(by: 1 / Double(examples.count))
  }
}

/// The gradients of the loss of each example of a batch, one by one.
///
/// Each example is differentiated by itself, several at a time on as many threads as there are, so
/// they are exact for every layer and loss by construction. It takes about as long as all examples
/// in batches of one, shared by the threads. Layers that mix the examples of a batch in training,
/// as `BatchNorm` does, have no gradient of a single one and end the program with a sentence: use
/// `perExampleGradients(evaluating:count:of:)`, where they take the running statistics.
///
///     let gradients = perExampleGradients(at: model, count: labels.count) { model, i in
///       let own = i..<(i + 1)
///       return crossEntropyLoss(
///         model(inputs.narrowed(axis: 0, to: own)), labels.narrowed(axis: 0, to: own))
///     }
///
/// - Parameters:
///   - model: what is differentiated.
///   - count: number of examples.
///   - loss: the loss of the example with the given number, one element. It runs on several threads
///     at once.
public func perExampleGradients<Model: Layer, Scalar: FloatingPointScalar>(
  at model: Model, count: Int,
  of loss: @Sendable (Model, _ example: Int) -> Tensor<Scalar>
) -> PerExampleGradients<Scalar> {
  differentiateEach(model, count, loss) { _ in .unspecified }
}

/// The gradients of the loss of each example of a batch in training: layers such as dropout are
/// active, with random numbers of each example's own, which do not depend on the number of threads.
/// All else is as in `perExampleGradients(at:count:of:)`.
public func perExampleGradients<Model: Layer, Scalar: FloatingPointScalar>(
  at model: Model, count: Int, using generator: inout some RandomNumberGenerator,
  of loss: @Sendable (Model, _ example: Int) -> Tensor<Scalar>
) -> PerExampleGradients<Scalar> {
  expect(count, atLeast: 0, "perExampleGradients", "count")
  let seeds = (0..<count).map { _ in generator.next() }
  return differentiateEach(model, count, loss) {
    .training(Tape.Randomness(Generator(seed: seeds[$0])))
  }
}

/// The gradients of the loss of each example of a batch, of a model that is evaluated: layers such as
/// dropout let everything through. All else is as in `perExampleGradients(at:count:of:)`.
public func perExampleGradients<Model: Layer, Scalar: FloatingPointScalar>(
  evaluating model: Model, count: Int,
  of loss: @Sendable (Model, _ example: Int) -> Tensor<Scalar>
) -> PerExampleGradients<Scalar> {
  differentiateEach(model, count, loss) { _ in .evaluation }
}

private func differentiateEach<Model: Layer, Scalar: FloatingPointScalar>(
  _ model: Model, _ count: Int, _ loss: (Model, Int) -> Tensor<Scalar>, _ mode: (Int) -> Tape.Mode
) -> PerExampleGradients<Scalar> {
  expect(count, atLeast: 0, "perExampleGradients", "count")
  typealias Result = (value: Tensor<Scalar>, gradients: Gradients)
  let members = Members.of(model)
  func one(_ example: Int) -> Result {
    differentiate(model, mode(example), members: members, isOneExample: true) {
      loss($0, example)
    }
  }
  // An outer gradient is taken on its own thread.
  if Tape.current != nil { return PerExampleGradients((0..<count).map(one)) }
  var results = [Result?](repeating: nil, count: count)
  results.withUnsafeMutableBufferPointer { results in
    Compute.inParallel(count) { results[$0] = one($0) }
  }
  return PerExampleGradients(results.map { $0! })
}
