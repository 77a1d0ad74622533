import Autograd
import Interchange

/// A model that a program in another language has opened, of whatever type it is.
protocol AnyOpenModel: AnyObject, Sendable {
  /// What the model is and what it can be asked for, as JSON.
  func describe() throws -> String
  /// Asks for a function, the first if there is no name.
  func call(_ function: String?, _ given: [GivenTensor]) throws -> CallResult
  /// Begins training anew: an optimizer that remembers nothing.
  func begin(_ rule: TrainingRule) throws(CallError)
  /// Changes the learning rate of what has begun.
  func setRate(_ rate: Double) throws(CallError)
  /// One step; returns the loss before it.
  func train(_ given: [GivenTensor]) throws -> Double
  /// All parameters, as they are.
  func weights() -> CallResult
  /// Writes weights and configuration into a folder, or into a file whose name ends so.
  func save(to path: String) throws
}

/// Any number of threads may call one model at once; training waits until they are done, and they wait
/// for a training step.
final class OpenModel<Model: CallableByName>: AnyOpenModel {
  private struct Training {
    var optimizer: any Optimizer
    let clip: Double?
    /// What dropout draws from.
    var generator: Generator
    /// What losses draw from.
    var lossGenerator: Generator

    init(_ rule: TrainingRule) {
      optimizer = rule.optimizer.optimizer(rate: rule.rate, weightDecay: rule.weightDecay)
      clip = rule.clip
      generator = Generator(seed: rule.seed)
      lossGenerator = Generator(seed: ~rule.seed)
    }
  }

  private let kind: String
  private let model: Model
  /// Text that stood beside the weights.
  private let metadata: [String: String]
  private let functions: [NamedFunction<Model.Scalar>]
  private let loss: NamedLoss<Model.Scalar>?
  private let access = SharedAccess()
  /// Unsafe, as the compiler does not know that only who changes the model touches it.
  private nonisolated(unsafe) var training: Training?

  init(_ model: Model, kind: String, metadata: [String: String]) {
    self.model = model
    self.kind = kind
    self.metadata = metadata
    functions = model.namedFunctions
    loss = model.namedLoss
  }

  func describe() throws -> String {
    try StrictJSON.text(
      ModelDescription(
        kind: kind, scalar: "\(ElementType(Model.Scalar.scalarType))",
        parameters: model.parameterCount, configuration: StrictJSON.text(model.configuration),
        metadata: metadata, functions: functions.map { .init($0) }, loss: loss.map { .init($0) }))
  }

  // MARK: Calls

  func call(_ name: String?, _ given: [GivenTensor]) throws -> CallResult {
    let function = try function(name)
    let arguments = try ArgumentReader<Model.Scalar>.read(given, as: function.inputs)
    let made = try access.using { try function.body(arguments) }
    if made.count != function.outputs.count {
      throw CallError(
        "\(kind).\(function.name) has made \(made.count) tensors of \(function.outputs.count)")
    }
    return CallResult(zip(function.outputs, made).map { ($0.name, $1.untyped) })
  }

  private func function(_ name: String?) throws(CallError) -> NamedFunction<Model.Scalar> {
    if let function = name.map({ name in functions.first { $0.name == name } }) ?? functions.first {
      return function
    }
    let names = functions.map { "'\($0.name)'" }.joined(separator: ", ")
    throw CallError("\(kind) has no function '\(name ?? "")'; there are \(names)")
  }

  func weights() -> CallResult {
    access.using { CallResult(model.parameters.map { ($0.name, $0.parameter.storedValue) }) }
  }

  // MARK: Training

  func begin(_ rule: TrainingRule) throws(CallError) {
    _ = try trainable()
    access.changing { training = Training(rule) }
  }

  func setRate(_ rate: Double) throws(CallError) {
    try TrainingRule.check(rate: rate)
    try access.changing { () throws(CallError) in
      if training == nil { throw Self.notBegun }
      training!.optimizer.learningRate = rate
    }
  }

  func train(_ given: [GivenTensor]) throws -> Double {
    let loss = try trainable()
    let arguments = try ArgumentReader<Model.Scalar>.read(given, as: loss.inputs + loss.targets)
    return try access.changing {
      guard var training else { throw Self.notBegun }
      // Out of the property for the time, so that what the optimizer remembers is changed in place.
      self.training = nil
      defer { self.training = training }
      var (generator, lossGenerator) = (training.generator, training.lossGenerator)
      let (value, gradients) = try valueWithGradient(at: model, using: &generator) { _ in
        try loss.body(arguments, &lossGenerator)
      }
      (training.generator, training.lossGenerator) = (generator, lossGenerator)
      training.optimizer.update(
        model, along: training.clip.map { gradients.clipped(toNorm: $0) } ?? gradients)
      return Double(value.scalar)
    }
  }

  private static var notBegun: CallError {
    CallError("training has not begun: an optimizer is to be chosen first")
  }

  private func trainable() throws(CallError) -> NamedLoss<Model.Scalar> {
    guard let loss else { throw CallError("\(kind) has no loss: it is only applied") }
    return loss
  }

  // MARK: Files

  func save(to path: String) throws {
    let metadata = metadata.merging([ModelLibrary.kindKey: kind]) { $1 }
    try access.using {
      if path.hasSuffix(".safetensors") {
        try model.save(to: path, metadata: metadata)
      } else {
        try model.save(toFolder: path, metadata: metadata)
      }
    }
  }
}

extension TensorProtocol {
  fileprivate var untyped: UntypedTensor { tensor.untyped }
}
