public import Autograd

/// Something that a model can be asked for by name: named tensors in, named tensors out.
public struct NamedFunction<Scalar: FloatingPointScalar>: Sendable {
  /// What callers call it.
  public let name: String
  /// What it is given, in the order of a call without names.
  public let inputs: [NamedTensor]
  /// What it gives.
  public let outputs: [NamedTensor]
  let body: @Sendable (NamedArguments<Scalar>) throws -> [any TensorProtocol]

  /// - Parameters:
  ///   - body: makes the outputs, in their order, of arguments that have been checked: they have the
  ///     types, axes and ranges that `inputs` say. What they cannot say it refuses by a `CallError`.
  public init(
    _ name: String = "apply", inputs: [NamedTensor], outputs: [NamedTensor],
    body: @escaping @Sendable (NamedArguments<Scalar>) throws -> [any TensorProtocol]
  ) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.body = body
  }
}

/// What training makes smaller, as other languages see it: a number of named tensors.
public struct NamedLoss<Scalar: FloatingPointScalar>: Sendable {
  /// What the model reads.
  public let inputs: [NamedTensor]
  /// What it should say of that.
  public let targets: [NamedTensor]
  let body: @Sendable (NamedArguments<Scalar>, inout Generator) throws -> Tensor<Scalar>

  /// - Parameters:
  ///   - body: the loss, one number, of inputs and targets that have been checked; what their
  ///     descriptions cannot say it refuses by a `CallError`. The generator is for what the loss itself
  ///     draws; dropout has its own.
  public init(
    inputs: [NamedTensor], targets: [NamedTensor],
    body: @escaping @Sendable (NamedArguments<Scalar>, inout Generator) throws -> Tensor<Scalar>
  ) {
    self.inputs = inputs
    self.targets = targets
    self.body = body
  }

  /// The same where nothing is drawn.
  public init(
    inputs: [NamedTensor], targets: [NamedTensor],
    body: @escaping @Sendable (NamedArguments<Scalar>) throws -> Tensor<Scalar>
  ) {
    self.init(inputs: inputs, targets: targets) { arguments, _ in try body(arguments) }
  }
}
