import Autograd
import Foundation
import Layers
import Testing
import Training

/// A conformance case of a zoo model: weights, inputs, and what PyTorch made of them.
struct ModelCase<Scalar: FloatingPointScalar> {
  let file: SafeTensors
  private let attributes: [String: Any]
  /// What |ours - theirs| may be, absolute and relative.
  private let tolerance: (absolute: Double, relative: Double)

  init(_ file: SafeTensors) throws {
    self.file = file
    let text = Data((file.metadata["case"] ?? "").utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    attributes = try #require(object["attributes"] as? [String: Any])
    // 1e-9 is what the conformance cases ask for in double precision; those in single precision
    // carry their own tolerance.
    let own = object["tolerance"] as? [Double] ?? [1e-9, 1e-9]
    tolerance = (own[0], own[1])
  }

  func size(_ key: String) throws -> Int {
    try #require(attributes[key] as? NSNumber, "\(key)").intValue
  }

  /// Lengths of the sequences; nil where all are full.
  var lengths: [Int]? { (attributes["lengths"] as? [NSNumber])?.map(\.intValue) }

  func tensor(_ key: String) throws -> Tensor<Scalar> {
    let entry = try file.entry(key)
    return Tensor(try entry.doubles().map { Scalar($0) }, shape: Shape(entry.shape))
  }

  func indices(_ key: String) throws -> Tensor<Int32> {
    let entry = try file.entry(key)
    return Tensor(try entry.int32s(), shape: Shape(entry.shape))
  }

  /// Gives a model the file's weights; every tensor of the file must have its place.
  func load(into model: some Layer) throws {
    var known: Set<String> = []
    for (name, parameter) in model.parameters {
      let key = "parameter.\(Self.theirs(name))"
      parameter.scalars = try file.entry(key, shape: Array(parameter.shape)).doubles()
      known.insert(key)
    }
    #expect(known == Set(file.tensors.keys.filter { $0.hasPrefix("parameter.") }))
  }

  /// Compares a model's output, and the gradients of its sum with the file's weights.
  func check(_ model: some Layer, _ function: () -> Tensor<Scalar>) throws {
    try compare(function(), "output.0")
    let cotangent = try tensor("cotangent.0")
    let (_, gradients) = valueWithGradient(at: model) { _ in (function() * cotangent).sum() }
    for (name, parameter) in model.parameters {
      let box = try #require(parameter as? Parameter<Scalar>)
      try compare(gradients[box] ?? .zeros(box.shape), "parameter_gradient.\(Self.theirs(name))")
    }
  }

  /// Expects the elements to agree with the file's within the tolerance.
  func compare(_ ours: Tensor<Scalar>, _ key: String) throws {
    let theirs = try tensor(key)
    #expect(ours.shape == theirs.shape, "\(key)")
    for (a, b) in zip(ours.scalars.map { Double($0) }, theirs.scalars.map { Double($0) }) {
      #expect(abs(a - b) <= tolerance.absolute + tolerance.relative * abs(b), "\(key)")
    }
  }

  /// PyTorch's name: `encoder.weight_ih_l0_reverse` for `encoder.layers.0.reverse.weightInput`.
  private static func theirs(_ name: String) -> String {
    var parts = name.split(separator: ".").map(String.init)
    var suffix = ""
    if let position = parts.firstIndex(of: "layers") {
      suffix = "_l\(parts[position + 1])" + (parts[position + 2] == "reverse" ? "_reverse" : "")
      parts.removeSubrange(position...(position + 2))
    }
    parts.removeAll { $0 == "score" }
    let recurrent = [
      "weightInput": "weight_ih", "weightHidden": "weight_hh", "biasInput": "bias_ih",
      "biasHidden": "bias_hh",
    ]
    return parts.map { part in
      if let known = recurrent[part] { return known + suffix }
      return part.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }.joined(separator: ".")
  }
}

/// The files of the conformance cases of a model.
func cases(_ model: String) -> [String] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Conformance/seeds/\(model)").path
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  return names.sorted().map { "\(folder)/\($0)" }
}

/// Runs the body with the scalar type of a file's numbers.
func withCase(
  _ path: String, float: (ModelCase<Float>) throws -> Void,
  double: (ModelCase<Double>) throws -> Void
) throws {
  let file = try SafeTensors(contentsOf: path)
  if try file.entry("output.0").dtype == .float32 {
    try float(ModelCase(file))
  } else {
    try double(ModelCase(file))
  }
}
