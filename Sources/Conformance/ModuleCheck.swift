import Autograd
import Layers
import Training

/// Runs a case of the families `modules` and `seeds`: a layer with its weights.
struct ModuleCheck<Scalar: FloatingPointScalar> {
  let item: Case

  /// What is differentiated: a list of parameters, the floating inputs among them.
  private struct Probe: Layer {
    let parameters: [Parameter<Scalar>]
  }

  /// The first difference, if there is one.
  func run() throws -> Difference? {
    guard let build = ModuleTable<Scalar>.modules[item.operation] else { throw Missing() }
    let call = try Call<Scalar>(item)
    let module = try build(Weights(item))
    for (name, parameters) in module.parameters { try load(name, parameters) }
    let inputs = call.tensors.mapValues { Parameter(wrappedValue: $0) }
    let cotangents = try item.entries("cotangent").mapValues { try Tensor<Scalar>($0) }
    let probe = Probe(parameters: Array(inputs.values) + module.parameters.values.joined())
    var results = Results<Scalar>(outputs: [])
    // A layer that behaves differently in training has an attribute that says so.
    let isTraining = item.attributes.has("training") ? try item.attributes.flag("training") : true
    func loss() throws -> Tensor<Scalar> {
      results = try module.call(call.with(inputs.mapValues(\.wrappedValue)))
      var total = Tensor<Scalar>(0)
      for (number, output) in results.outputs.enumerated() {
        guard let output = output.numbers, let cotangent = cotangents["\(number)"],
          output.shape == cotangent.shape
        else { continue }
        total = total + (output * cotangent).sum()
      }
      return total
    }
    var generator = Generator(seed: 0)
    let gradients =
      isTraining
      ? try valueWithGradient(at: probe, using: &generator) { _ in try loss() }.gradients
      : try valueWithGradient(evaluating: probe) { _ in try loss() }.gradients
    let comparison = try Comparison<Scalar>(item: item)
    let expected = item.numbers("output").count
    if results.outputs.count != expected {
      return Difference(
        description: "ours has \(results.outputs.count) outputs, theirs \(expected)")
    }
    for (number, output) in results.outputs.enumerated() {
      if let difference = try comparison.difference("output.\(number)", output) {
        return difference
      }
    }
    for name in item.entries("extra").keys.sorted() {
      guard let output = results.extras[name] else {
        return Difference(description: "extra.\(name): ours has none")
      }
      if let difference = try comparison.difference("extra.\(name)", output) { return difference }
    }
    for (name, entry) in item.entries("gradient").sorted(by: { $0.key < $1.key }) {
      guard let input = Int(name).flatMap({ inputs[$0] }) else { continue }
      let gradient = gradients[input] ?? .zeros(input.shape)
      if let difference = try comparison.difference("gradient.\(name)", gradient, entry) {
        return difference
      }
    }
    for (name, entry) in item.entries("parameter_gradient").sorted(by: { $0.key < $1.key }) {
      let key = "parameter_gradient.\(name)"
      guard let parameters = module.parameters[name] else {
        return Difference(description: "\(key): ours has no such parameter")
      }
      let parts = parameters.map { gradients[$0] ?? .zeros($0.shape) }
      let gradient = parts.count == 1 ? parts[0] : Tensor.concatenated(parts, axis: 0)
      if let difference = try comparison.difference(key, gradient, entry) { return difference }
    }
    return nil
  }

  /// Gives parameters their values: the rows of the case's tensor, one parameter after another.
  private func load(_ name: String, _ parameters: [Parameter<Scalar>]) throws {
    let key = "parameter.\(name)"
    if parameters.count == 1 {
      parameters[0].tensor = try Tensor(item.file.entry(key, shape: Array(parameters[0].shape)))
      return
    }
    let rows = parameters.reduce(0) { $0 + $1.shape[0] }
    let shape = [rows] + parameters[0].shape.dropFirst()
    let parts = try Tensor<Scalar>(item.file.entry(key, shape: shape))
      .split(axis: 0, lengths: parameters.map { $0.shape[0] })
    for (parameter, part) in zip(parameters, parts) { parameter.tensor = part }
  }
}

/// What a case says about a layer before it is called: attributes, and stored state.
struct Weights<Scalar: FloatingPointScalar> {
  let item: Case
  var attributes: Attributes { item.attributes }

  init(_ item: Case) { self.item = item }

  /// A stored tensor that is no parameter, such as a running mean.
  func state(_ name: String) throws -> Tensor<Scalar>? {
    try item.file.tensors["parameter.\(name)"].map { try Tensor($0) }
  }
}

/// A layer as a case sees it: its parameters by PyTorch's names, and a call.
struct Module<Scalar: FloatingPointScalar> {
  /// Several parameters of one name stand in it one after another, by rows.
  let parameters: [String: [Parameter<Scalar>]]
  let call: (Call<Scalar>) throws -> Results<Scalar>

  /// - Parameter parameters: those that are nil are left out.
  init(
    _ parameters: [String: Parameter<Scalar>?],
    _ call: @escaping (Call<Scalar>) throws -> Results<Scalar>
  ) {
    self.init(rows: parameters.compactMapValues { $0.map { [$0] } }, call)
  }

  /// - Parameter rows: parameters of which some have several in one.
  init(
    rows: [String: [Parameter<Scalar>]],
    _ call: @escaping (Call<Scalar>) throws -> Results<Scalar>
  ) {
    parameters = rows
    self.call = call
  }

  /// A layer with one floating result.
  static func single(
    _ parameters: [String: Parameter<Scalar>?],
    _ call: @escaping (Call<Scalar>) throws -> Tensor<Scalar>
  ) -> Module {
    Module(parameters) { Results(outputs: [.numbers(try call($0))]) }
  }
}

/// How each layer of the cases is made in this library. One file of `Modules` a family of them.
enum ModuleTable<Scalar: FloatingPointScalar> {
  /// Makes a layer; its parameters are then given the case's values.
  typealias Builder = (Weights<Scalar>) throws -> Module<Scalar>

  static var modules: [String: Builder] {
    [basic, convolutions, recurrent, attention, models, transformer].reduce(into: [:]) {
      $0.merge($1) { $1 }
    }
  }
}
