public import Autograd

/// The gradients of a value with respect to parameters: a value of its own, keyed by parameter.
/// Nothing accumulates anywhere else.
public struct Gradients {
  /// The parameter and its gradient, of the same shape.
  typealias Entry = (parameter: any AnyParameter, gradient: UntypedTensor)

  /// The parameters that a gradient was asked for. A model's gradients share its own list: one
  /// reference is counted, not one for each parameter.
  private let list: ParameterList
  /// The gradients, in the order of the list; nil where the value does not depend on a parameter.
  private(set) var values: [UntypedTensor?]

  /// - Parameter values: a gradient for each parameter of the list, or nil.
  init(_ list: ParameterList, _ values: [UntypedTensor?]) {
    self.list = list
    self.values = values
  }

  init(_ entries: [Entry]) {
    self.init(ParameterList(entries.map(\.parameter)), entries.map(\.gradient))
  }

  /// The parameters that have a gradient here, with it.
  var entries: [Entry] {
    zip(list.boxes, values).compactMap { box, value in value.map { (box, $0) } }
  }

  /// Number of parameters that have a gradient here.
  public var count: Int { values.count { $0 != nil } }

  /// The parameters that have a gradient here.
  public var parameters: [any AnyParameter] { entries.map(\.parameter) }

  /// All parameters that a gradient was asked for, whether or not the value depends on them.
  package var askedFor: [any AnyParameter] { list.boxes }

  /// Whether a gradient of a parameter was asked for.
  package func isAskedFor(_ parameter: any AnyParameter) -> Bool {
    list.position(of: parameter) != nil
  }

  /// The gradient of a parameter, as in `gradients[model.$weight]`; nil where the value does not
  /// depend on it, or where it was not asked for.
  public subscript<Scalar>(parameter: Parameter<Scalar>) -> Tensor<Scalar>? {
    value(of: parameter).map { Tensor($0) }
  }

  /// The elements of a parameter's gradient, in row-major order, as `Double`; nil where the subscript
  /// gives nil.
  public func scalars(of parameter: any AnyParameter) -> [Double]? {
    switch parameter {
    case let parameter as Parameter<Float>: self[parameter]?.scalars.map(Double.init)
    case let parameter as Parameter<Double>: self[parameter]?.scalars
    default: trap("\(type(of: parameter)) is not a Parameter of Float or Double")
    }
  }

  /// Gradients of all of a model's parameters that say that the value depends on none of them.
  package static func none(of model: some Layer) -> Gradients {
    let list = Members.of(model).list
    return Gradients(list, [UntypedTensor?](repeating: nil, count: list.boxes.count))
  }

  /// The gradients, in the order of `askedFor`; nil where the value does not depend on a parameter.
  package var valuesOfAskedFor: [UntypedTensor?] { values }

  /// Other gradients with respect to the same parameters, in the order of `askedFor`.
  package func replacingValues(_ values: [UntypedTensor?]) -> Gradients {
    if values.count != self.values.count {
      trap("Gradients: \(values.count) values for \(self.values.count) parameters")
    }
    return Gradients(list, values)
  }

  /// The gradient of a parameter of any scalar type.
  package func value(of parameter: any AnyParameter) -> UntypedTensor? {
    list.position(of: parameter).flatMap { values[$0] }
  }

  /// All gradients scaled so that their common norm is at most `limit` (Pascanu, Mikolov and
  /// Bengio, 2013): each times min(1, limit / (norm + 1e-6)).
  ///
  /// - Parameter order: that of the norm, larger than 0 or infinite.
  public func clipped(toNorm limit: Double, order: Double = 2) -> Gradients {
    expect(limit, .limit, "clipped", "toNorm")
    return clipped(toNorm: limit, from: norm(order: order))
  }

  /// Scaled down to the norm `limit`, where the norm, which is known already, is larger.
  package func clipped(toNorm limit: Double, from norm: Double) -> Gradients {
    let factor = limit / (norm + 1e-6)
    if !(factor < 1) { return self }
    // Of gradients so large, the factor may be too small for a `Float`, though not their product.
    let unit = 0x1p-64
    return factor < unit ? scaled(by: unit).scaled(by: factor / unit) : scaled(by: factor)
  }

  /// Each element limited to [-limit, limit].
  public func clipped(toValue limit: Double) -> Gradients {
    expect(limit, .limit, "clipped", "toValue")
    return mapped { clamped($0, -limit, limit) }
  }

  /// All gradients times a number.
  public func scaled(by factor: Double) -> Gradients {
    mapped { $0 * factor }
  }

  /// Sums of gradients with respect to the same parameters; those that only one side has stay.
  public static func + (a: Gradients, b: Gradients) -> Gradients {
    func sum(_ a: UntypedTensor?, _ b: UntypedTensor?) -> UntypedTensor? {
      guard let a, let b else { return a ?? b }
      return a + b
    }
    if a.list === b.list { return Gradients(a.list, zip(a.values, b.values).map(sum)) }
    let added = b.list.boxes.filter { a.list.position(of: $0) == nil }
    let boxes = a.list.boxes + added
    return Gradients(
      ParameterList(boxes), boxes.map { sum(a.value(of: $0), b.value(of: $0)) })
  }

  /// Sums of many gradients with respect to the same parameters; those that only some have stay.
  init(sumOf all: [Gradients]) {
    let lists = all.map(\.list)
    var seen = Set<ObjectIdentifier>()
    let boxes = lists.flatMap(\.boxes).filter { seen.insert(ObjectIdentifier($0)).inserted }
    self.init(
      ParameterList(boxes),
      boxes.map { box in Compute.sum(all.lazy.compactMap { $0.value(of: box) }) })
  }

  /// Whether all elements are finite; if not, the name of the first parameter where one is not.
  public var firstNonFinite: String? {
    for entry in entries {
      let total = number(Compute.reduce(.sum, Compute.binary(.multiply, entry.gradient, 0)))
      if total.isNaN { return entry.parameter.name ?? "a parameter" }
    }
    return nil
  }

  /// The same gradients as constants to a call that differentiates them in turn.
  public var detached: Gradients { mapped { $0.detached } }

  func checkAreNotRecorded(_ name: StaticString) {
    for case let gradient? in values { gradient.checkIsNotRecorded(name) }
  }

  private func mapped(_ transform: (UntypedTensor) -> UntypedTensor) -> Gradients {
    Gradients(list, values.map { $0.map(transform) })
  }

  func number(_ value: UntypedTensor) -> Double {
    value.type.floatingPoint(
      "a gradient", Double(Tensor<Float>(value).scalar), Tensor<Double>(value).scalar)
  }
}

// MARK: Gradients of models

/// The value of a function of a model, and its gradients with respect to the model's parameters.
///
/// Every parameter of the model that the function reads takes part, unless it is frozen. Layers
/// that need randomness in training, as dropout does, end the program with a sentence: use
/// `valueWithGradient(at:using:of:)` in training, `valueWithGradient(evaluating:of:)` otherwise.
///
/// - Parameters:
///   - model: what is differentiated; parameters of other models are constants.
///   - function: returns a tensor of one element. It runs on the calling thread.
public func valueWithGradient<Model: Layer, Scalar: FloatingPointScalar, Failure: Error>(
  at model: Model, of function: (Model) throws(Failure) -> Tensor<Scalar>
) throws(Failure) -> (value: Tensor<Scalar>, gradients: Gradients) {
  try differentiate(model, .unspecified, function)
}

/// The value of a function of a model in training, and its gradients with respect to the model's
/// parameters: layers such as dropout are active and draw from the generator. All else is as in
/// `valueWithGradient(at:of:)` of models.
public func valueWithGradient<Model: Layer, Scalar: FloatingPointScalar, Failure: Error>(
  at model: Model, using generator: inout some RandomNumberGenerator,
  of function: (Model) throws(Failure) -> Tensor<Scalar>
) throws(Failure) -> (value: Tensor<Scalar>, gradients: Gradients) {
  let randomness = Tape.Randomness(Generator(seed: generator.next()))
  return try differentiate(model, .training(randomness), function)
}

/// The value of a function of a model that is evaluated, and its gradients with respect to the
/// model's parameters: layers such as dropout let everything through. All else is as in
/// `valueWithGradient(at:of:)` of models.
public func valueWithGradient<Model: Layer, Scalar: FloatingPointScalar, Failure: Error>(
  evaluating model: Model, of function: (Model) throws(Failure) -> Tensor<Scalar>
) throws(Failure) -> (value: Tensor<Scalar>, gradients: Gradients) {
  try differentiate(model, .evaluation, function)
}

/// The value of a function of a model in training, whose gradients are handed out while the backward
/// pass goes on. All else is as in `valueWithGradient(at:using:of:)` of models.
///
/// - Parameters:
///   - met: is told, before the backward pass, of the value and of the parameters that the function has
///     read, in that order, by their positions among the model's (`Gradients.askedFor`).
///   - take: is given each gradient as soon as it is final: those of the parameters that were read
///     first come last. It is not called for a parameter on which the value does not depend.
package func valueWithGradient<Model: Layer, Scalar: FloatingPointScalar>(
  at model: Model, using generator: inout some RandomNumberGenerator,
  of function: (Model) throws -> Tensor<Scalar>,
  met: (_ value: Tensor<Scalar>, _ positions: [Int]) throws -> Void,
  take: @escaping (_ position: Int, _ gradient: UntypedTensor) -> Void
) throws -> Tensor<Scalar> {
  let randomness = Tape.Randomness(Generator(seed: generator.next()))
  return try differentiate(model, .training(randomness), take: take) { model in
    let value = try function(model)
    try met(value, Tape.current!.metParameters)
    return value
  }.value
}

/// - Parameter take: is given the gradients, by the positions of their parameters in the model's list, as
///   they come; there are none in the result then.
func differentiate<Model: Layer, Scalar: FloatingPointScalar, Failure: Error>(
  _ model: Model, _ mode: Tape.Mode, members known: Members? = nil, isOneExample: Bool = false,
  take: ((_ position: Int, _ gradient: UntypedTensor) -> Void)? = nil,
  _ function: (Model) throws(Failure) -> Tensor<Scalar>
) throws(Failure) -> (value: Tensor<Scalar>, gradients: Gradients) {
  // A value, not a tensor: a type that depends on no parameter need not be looked up.
  let members = known ?? Members.of(model)
  let (value, gradients) = try Tape.withTape(
    .init(mode: mode, parameters: members.list.identities, isOneExample: isOneExample)
  ) { (tape, isInner) throws(Failure) -> (UntypedTensor, Gradients) in
    let start = tape.records.count
    let value = try function(model).untyped
    let gradients = members.list.gradients(
      of: value, on: tape, from: start, isInner: isInner, take: take)
    return (tape.handedOut(consume value, isInner: isInner), gradients)
  }
  return (Tensor(value), gradients)
}

extension ParameterList {
  /// The gradients of a value with respect to the parameters that the innermost call has met.
  ///
  /// Not generic: that part of `differentiate` which is has to look up each type that it handles.
  fileprivate func gradients(
    of value: UntypedTensor, on tape: Tape, from start: Int, isInner: Bool,
    take: ((_ position: Int, _ gradient: UntypedTensor) -> Void)?
  ) -> Gradients {
    var gradients: [UntypedTensor?] = []
    gradients.reserveCapacity(boxes.count)
    for _ in boxes { gradients.append(nil) }
    if let take {
      tape.parameterGradients(
        ofScalar: value, from: start, isDifferentiable: isInner, take)
      return Gradients(self, gradients)
    }
    tape.parameterGradients(ofScalar: value, from: start, isDifferentiable: isInner) {
      gradients[$0] = $1
    }
    return Gradients(self, gradients)
  }
}
