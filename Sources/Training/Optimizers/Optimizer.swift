public import Autograd
import Kernels
public import Layers

/// A rule that changes parameters along their gradients.
///
/// ```swift
/// var optimizer = Adam(learningRate: 1e-3)
/// optimizer.update(model, along: gradients.clipped(toNorm: 1))
/// ```
///
/// What it remembers from step to step is kept by the parameters' names within the model, so one
/// optimizer serves one model. An optimizer of your own implements the four properties and `step`, which
/// sees one parameter, or a part of it, at a time.
public protocol Optimizer: Sendable {
  /// The factor of every change; a schedule sets it before each update.
  var learningRate: Double { get set }
  /// How single parameters differ from the others, by name; nil if none does.
  var groups: ParameterGroups? { get set }
  /// What it remembers.
  var state: OptimizerState { get set }
  /// Names of the tensors that it keeps for each parameter, each of the parameter's shape.
  var slots: [String] { get }
  /// What the elements of the slots are before the first step.
  var initialSlotValue: Double { get }
  /// Changes a part of a parameter, and of its slots, in place.
  ///
  /// It is called on several threads at once, for different parts. Where it is a plain loop it wants
  /// `@_specialize(where Scalar == Float)`, and the same for `Double`, to be fast.
  func step<Scalar: FloatingPointScalar>(_ part: OptimizerStep<Scalar>)
}

/// The factors by which one parameter's settings differ from the optimizer's.
public struct ParameterGroup: Sendable, Equatable {
  /// Times the optimizer's learning rate.
  public var learningRate: Double
  /// Times the optimizer's weight decay.
  public var weightDecay: Double

  /// A group; without arguments, parameters like all others.
  public init(learningRate: Double = 1, weightDecay: Double = 1) {
    expect(learningRate, .notNegative, "ParameterGroup", "learningRate")
    expect(weightDecay, .notNegative, "ParameterGroup", "weightDecay")
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }
}

/// The group of a parameter, by its dotted name.
///
/// `optimizer.groups = { $0.hasSuffix("bias") ? .init(weightDecay: 0) : .init() }`
public typealias ParameterGroups = @Sendable (_ name: String) -> ParameterGroup

/// One step's view of a parameter, or of a part of a large one.
public struct OptimizerStep<Scalar: FloatingPointScalar>: @unchecked Sendable {
  // Unchecked: each thread gets a part of its own.

  /// The elements to change.
  public let parameter: UnsafeMutablePointer<Scalar>
  /// Their gradients.
  public let gradient: UnsafePointer<Scalar>
  /// What the optimizer keeps for them, in the order of `Optimizer.slots`.
  public let slots: [UnsafeMutablePointer<Scalar>]
  /// Number of elements.
  public let count: Int
  /// Number of this step for this parameter, from 1.
  public let number: Int
  /// The learning rate for this parameter.
  public let learningRate: Double
  /// What to multiply the weight decay by.
  public let weightDecayFactor: Double

  func part(_ range: Range<Int>) -> OptimizerStep {
    OptimizerStep(
      parameter: parameter + range.lowerBound, gradient: gradient + range.lowerBound,
      slots: slots.map { $0 + range.lowerBound }, count: range.count, number: number,
      learningRate: learningRate, weightDecayFactor: weightDecayFactor)
  }
}

extension Optimizer {
  /// Zero.
  public var initialSlotValue: Double { 0 }

  /// One step: changes, in place, each parameter of the model that is not frozen and has a
  /// gradient.
  ///
  /// Model and gradients need not be of the same size: a part of a model may be trained along the
  /// gradients of the whole, and a whole along those of a part. Gradients of parameters of which
  /// the model has none are those of another model: they trap.
  public mutating func update(_ model: some Layer, along gradients: Gradients) {
    expect(learningRate, .notNegative, "update", "learningRate")
    let names = slots
    let initially = initialSlotValue
    // Taken out for the time, so that its memory has only one reference and is changed in place.
    var state = state
    self.state = OptimizerState()
    defer { self.state = state }
    var isAnyChanged = false
    for (name, parameter) in model.parameters where !parameter.isFrozen {
      guard let gradient = gradients.value(of: parameter) else { continue }
      isAnyChanged = true
      // Within a gradient of these gradients, which could not follow the step.
      gradient.checkIsNotRecorded("update")
      let memory = state.advance(
        name, parameter.scalarType, gradient.shape, slots: names, initially: initially)
      let group = groups?(name) ?? ParameterGroup()
      switch parameter {
      case let parameter as Parameter<Float>: update(parameter, gradient, memory, group)
      case let parameter as Parameter<Double>: update(parameter, gradient, memory, group)
      default: trap("\(name) is not a parameter of Float or Double")
      }
    }
    if !isAnyChanged { checkRelation(of: model, to: gradients) }
  }

  /// Traps where gradients are of another model's parameters. Of a model that is frozen, or on
  /// which nothing depends, they have no values, and nothing is to be changed.
  private func checkRelation(of model: some Layer, to gradients: Gradients) {
    let parameters = model.parameters
    guard let other = gradients.askedFor.first,
      !parameters.contains(where: { gradients.isAskedFor($0.parameter) })
    else { return }
    trap(
      "\(Self.self).update: the gradients are of other parameters ("
        + "\(other.name.map { "'\($0)'" } ?? "one without a name") is the first) than those of "
        + "the \(type(of: model)), which "
        + (parameters.isEmpty
          ? "has none" : "begin with '\(parameters[0].name)'; were they taken at another model?"))
  }

  private func update<Scalar>(
    _ parameter: Parameter<Scalar>, _ gradient: UntypedTensor, _ memory: OptimizerState.Memory,
    _ group: ParameterGroup
  ) {
    let gradient = Compute.contiguous(gradient)
    parameter.update { scalars in
      guard let start = scalars.baseAddress else { return }
      let part = OptimizerStep<Scalar>(
        parameter: start, gradient: UnsafePointer(gradient.pointer(Scalar.self)),
        slots: memory.slots.map { $0.assumingMemoryBound(to: Scalar.self) }, count: scalars.count,
        number: memory.number, learningRate: learningRate * group.learningRate,
        weightDecayFactor: group.weightDecay)
      // A step moves several arrays through memory: this many elements take about 10 microseconds.
      let grain = 1 << 14
      if part.count < 2 * grain { return step(part) }
      Threads.split(part.count, grain: grain) { step(part.part($0)) }
    }
    withExtendedLifetime(gradient) {}
  }
}
