import Autograd
import Layers
import Training

/// Runs a case of the families `modules` and `seeds`: a layer with its weights.
struct ModuleCheck<Scalar: FloatingPointScalar> {
  let item: Case

  /// What is differentiated: the floating inputs, and the layer.
  private struct Probe: Layer {
    let inputs: [Parameter<Scalar>]
    let layer: any Layer
  }

  /// The first difference, if there is one.
  func run() throws -> Difference? {
    guard let build = ModuleTable<Scalar>.modules[item.operation] else { throw Missing() }
    let call = try Call<Scalar>(item)
    let module = try build(Weights(item))
    try module.layer.load(item.file, from: item.path, prefix: "parameter.", names: module.names)
    let inputs = call.tensors.mapValues { Parameter(wrappedValue: $0) }
    let cotangents = try item.entries("cotangent").mapValues { try Tensor<Scalar>($0) }
    let probe = Probe(inputs: Array(inputs.values), layer: module.layer)
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
    let layout = try ParameterLayout(of: module.layer, names: module.names)
    let named = layout.tensors(Scalar.self) { gradients[$0] ?? .zeros($0.shape) }
    for (name, entry) in item.entries("parameter_gradient").sorted(by: { $0.key < $1.key }) {
      let key = "parameter_gradient.\(name)"
      guard let gradient = named[name] else {
        return Difference(description: "\(key): ours has no such parameter")
      }
      if let difference = try comparison.difference(key, gradient, entry) { return difference }
    }
    return nil
  }
}

/// What a case says about a layer before it is called.
struct Weights<Scalar: FloatingPointScalar> {
  let item: Case
  var attributes: Attributes { item.attributes }

  init(_ item: Case) { self.item = item }
}

/// A layer as a case sees it: its parameters by PyTorch's names, and a call.
struct Module<Scalar: FloatingPointScalar> {
  /// What there is to call where nothing has parameters.
  private struct Nothing: Layer {}

  let layer: any Layer
  let names: NameMap
  let call: (Call<Scalar>) throws -> Results<Scalar>

  /// - Parameters:
  ///   - layer: whose parameters the case has; nil for none.
  ///   - names: what the case calls them.
  init(
    _ layer: (any Layer)? = nil, _ names: NameMap = .pyTorch,
    _ call: @escaping (Call<Scalar>) throws -> Results<Scalar>
  ) {
    self.layer = layer ?? Nothing()
    self.names = names
    self.call = call
  }

  /// A layer with one floating result.
  static func single(
    _ layer: (any Layer)? = nil, _ names: NameMap = .pyTorch,
    _ call: @escaping (Call<Scalar>) throws -> Tensor<Scalar>
  ) -> Module {
    Module(layer, names) { Results(outputs: [.numbers(try call($0))]) }
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
