import Autograd
import Foundation
import Layers
import Testing
import Training

/// A conformance case of the attention family: tensors that PyTorch has computed.
struct AttentionCase<Scalar: FloatingPointScalar> {
  let file: SafeTensors
  /// The model's name.
  let name: String
  let attributes: [String: Any]
  /// What |ours - theirs| may be, absolute and relative.
  let tolerance: (absolute: Double, relative: Double)

  init(_ file: SafeTensors) throws {
    self.file = file
    let text = Data((file.metadata["case"] ?? "").utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    name = try #require(object["op"] as? String)
    attributes = object["attributes"] as? [String: Any] ?? [:]
    // 1e-9 is what the conformance cases ask for in double precision; those in single precision
    // carry their own tolerance. What was computed in double and is checked in single precision has
    // a few hundred roundings of 6e-8 behind it, of numbers of size 1 to 10.
    let standard = Scalar.self == Float.self ? 1e-4 : 1e-9
    let own = object["tolerance"] as? [Double] ?? [standard, standard]
    tolerance = (own[0], own[1])
  }

  func size(_ key: String) -> Int { (attributes[key] as? NSNumber)?.intValue ?? -1 }

  /// A tensor of the file; nil if it has none of that name.
  func tensor(_ key: String) throws -> Tensor<Scalar>? {
    guard let entry = file.tensors[key] else { return nil }
    return Tensor(try entry.doubles().map { Scalar($0) }, shape: Shape(entry.shape))
  }

  /// A mask of the file; nil if it has none of that name.
  func mask(_ key: String) throws -> Tensor<Bool>? {
    guard let entry = file.tensors[key] else { return nil }
    return Tensor(try entry.bools(), shape: Shape(entry.shape))
  }

  /// Runs a function of the inputs that are there and compares outputs and gradients.
  func check(
    inputs: [Int], _ function: ([Tensor<Scalar>]) -> [Tensor<Scalar>]
  ) throws {
    let present = try inputs.compactMap { number in
      try tensor("input.\(number)").map { (number, $0) }
    }
    let (outputs, gradients) = try vectorJacobianProduct(
      at: present.map(\.1), of: function, cotangents: cotangents())
    for (number, output) in outputs.enumerated() { try compare(output, "output.\(number)") }
    for ((number, _), gradient) in zip(present, gradients) {
      try compare(gradient, "gradient.\(number)")
    }
  }

  /// Compares the gradients of a model's parameters.
  func check(
    parametersOf model: some Layer, outputs: () -> [Tensor<Scalar>]
  ) throws {
    try check(parametersOf: model, try gradients(of: model, outputs: outputs))
  }

  /// Compares gradients that have been taken already.
  func check(parametersOf model: some Layer, _ gradients: Gradients) throws {
    for (name, parameter) in model.parameters {
      let box = try #require(parameter as? Parameter<Scalar>)
      try compare(gradients[box], "parameter_gradient.\(Self.theirs(name))")
    }
  }

  /// The gradients of the file's loss with respect to a model's parameters.
  func gradients(of model: some Layer, outputs: () -> [Tensor<Scalar>]) throws -> Gradients {
    let given = try cotangents()
    return valueWithGradient(at: model) { _ in
      let outputs = outputs()
      return zip(outputs, given(outputs)).reduce(Tensor(0)) { $0 + ($1.0 * $1.1!).sum() }
    }.gradients
  }

  /// Gives a model the file's parameters.
  func load(into model: some Layer) throws {
    for (name, parameter) in model.parameters {
      let key = "parameter.\(Self.theirs(name))"
      parameter.scalars = try file.entry(key, shape: Array(parameter.shape)).doubles()
    }
  }

  private func cotangents() throws -> ([Tensor<Scalar>]) -> [Tensor<Scalar>?] {
    let all = try (0..<2).map { try tensor("cotangent.\($0)") }
    return { outputs in outputs.indices.map { all[$0]?.reshaped(outputs[$0].shape) } }
  }

  private func compare(_ ours: Tensor<Scalar>?, _ key: String) throws {
    try compare(ours, key, with: #require(try tensor(key), "\(key)"))
  }

  /// Expects the elements to agree within the tolerance.
  func compare(_ ours: Tensor<Scalar>?, _ key: String, with theirs: Tensor<Scalar>) throws {
    let ours = try #require(ours, "\(key)")
    #expect(ours.count == theirs.count)
    for (a, b) in zip(ours.scalars.map { Double($0) }, theirs.scalars.map { Double($0) }) {
      #expect(abs(a - b) <= tolerance.absolute + tolerance.relative * abs(b), "\(key)")
    }
  }

  /// PyTorch's name: `query_weight` for `score.queryWeight`.
  private static func theirs(_ name: String) -> String {
    let own = name.hasPrefix("score.") ? String(name.dropFirst(6)) : name
    return own.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
  }
}

/// The files of the conformance cases of these models.
func attentionCases(_ family: String, _ models: [String]) throws -> [String] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Conformance/\(family)").path
  return try models.flatMap { model in
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(model)").sorted()
      .map { "\(folder)/\(model)/\($0)" }
  }
}
