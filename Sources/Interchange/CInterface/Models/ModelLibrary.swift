import Autograd
import Interchange

/// A model that a library can open: its name in files, and its type.
public struct ModelKind: Sendable {
  /// What a file's metadata has as its `model`.
  public let name: String
  let scalar: ScalarType
  let open: @Sendable (TensorFile) throws -> any AnyOpenModel
  let create: @Sendable (_ configuration: String, _ seed: UInt64) throws -> any AnyOpenModel

  /// - Parameter type: of models of `Float` or of `Double`; a library that opens both has a kind for
  ///   each, of the same name.
  public init<Model: CallableByName>(_ name: String, _ type: Model.Type) {
    self.name = name
    scalar = Model.Scalar.scalarType
    open = { file in OpenModel(try Model(file), kind: name, metadata: file.metadata) }
    create = { configuration, seed in
      OpenModel(
        try Self.model(Model.self, of: configuration, seed: seed), kind: name, metadata: [:])
    }
  }

  /// The most numbers in a new model's parameters: 4 GB of `Float`. A few letters of a configuration ask
  /// for more than there is memory.
  private static let mostNumbers = 1 << 30

  private static func model<Model: CallableByName>(
    _: Model.Type, of text: String, seed: UInt64
  ) throws -> Model {
    let configuration: Model.Configuration
    do throws(StrictJSON.Failure) {
      configuration = try StrictJSON.value(Model.Configuration.self, of: text)
    } catch {
      throw CallError("the configuration has \(error)")
    }
    if let contradiction = Model.contradiction(in: configuration) {
      throw CallError("no model can be made of the configuration: \(contradiction)")
    }
    var generator = Generator(seed: seed)
    let count = Outline.draw { Model(configuration, using: &generator) }.parameterCount
    if count > mostNumbers {
      throw CallError("a model of \(count) numbers; at most \(mostNumbers) are made")
    }
    generator = Generator(seed: seed)
    return Model(configuration, using: &generator)
  }
}

/// The models of a dynamic library, and the two functions that a library exports by itself:
///
/// ```swift
/// let models = ModelLibrary([ModelKind("elman", Elman<Float>.self)])
///
/// @c(tapestry_open)
/// public func open(
///   _ path: UnsafePointer<CChar>?, _ kind: UnsafePointer<CChar>?, _ scalar: Int32
/// ) -> Int64 { models.open(path, kind, scalar) }
///
/// @c(tapestry_create)
/// public func create(
///   _ kind: UnsafePointer<CChar>?, _ configuration: UnsafePointer<CChar>?, _ seed: UInt64,
///   _ scalar: Int32
/// ) -> Int64 { models.create(kind, configuration, seed, scalar) }
/// ```
///
/// All others of the header are exported by this module.
public struct ModelLibrary: Sendable {
  /// The key of a file's metadata that says of which kind a model is.
  static let kindKey = "model"

  private let kinds: [ModelKind]

  /// - Parameter kinds: all that can be opened.
  public init(_ kinds: [ModelKind]) { self.kinds = kinds }

  /// `tapestry_open` of the header.
  public func open(
    _ path: UnsafePointer<CChar>?, _ kind: UnsafePointer<CChar>?, _ scalar: Int32
  ) -> Int64 {
    answer(orElse: 0) {
      let path = try text(path, "path")
      let kind = try kind.map { try text($0, "kind") }
      return Handles.shared.add(try open(path, kind, scalar))
    }
  }

  /// `tapestry_create` of the header.
  public func create(
    _ kind: UnsafePointer<CChar>?, _ configuration: UnsafePointer<CChar>?, _ seed: UInt64,
    _ scalar: Int32
  ) -> Int64 {
    answer(orElse: 0) {
      let kinds = try kinds(named: text(kind, "kind"), scalar)
      let configuration = try text(configuration, "configuration")
      return Handles.shared.add(
        try first(of: kinds) { try $0.create(configuration, seed) })
    }
  }

  private func open(
    _ path: String, _ kind: String?, _ scalar: Int32
  ) throws -> any AnyOpenModel {
    let file = try TensorFile(contentsOf: path)
    let name = kind ?? file.metadata[Self.kindKey]
    let possible = try kinds(named: name, scalar)
    if name == nil && possible.count > 1 {
      for kind in possible {
        if let model = try? kind.open(file) { return model }
      }
      throw CallError(
        "\(path): none of \(Self.names(possible)); where its kind is named, the error says what is in "
          + "the way")
    }
    return try first(of: possible) { try $0.open(file) }
  }

  /// The kinds of a name, or all of them, that compute in a type.
  private func kinds(named name: String?, _ scalar: Int32) throws(CallError) -> [ModelKind] {
    // Else the first tensor would end the process.
    if let problem = Environment.problem { throw CallError(problem) }
    guard let type = ElementType(rawValue: scalar), [.float32, .float64].contains(type) else {
      throw CallError("models are of float32 or float64, not of the type \(scalar)")
    }
    let possible = kinds.filter { ElementType($0.scalar) == type }
    let named = name.map { name in possible.filter { $0.name == name } } ?? possible
    if named.isEmpty {
      throw CallError(
        "no model of the kind '\(name ?? "")' in \(type); this library has \(Self.names(kinds))")
    }
    return named
  }

  private static func names(_ kinds: [ModelKind]) -> String {
    Set(kinds.map(\.name)).sorted().joined(separator: ", ")
  }

  /// The first model that can be made; else why none can.
  private func first(
    of kinds: [ModelKind], _ make: (ModelKind) throws -> any AnyOpenModel
  ) throws -> any AnyOpenModel {
    var errors: [any Error] = []
    for kind in kinds {
      do {
        return try make(kind)
      } catch {
        errors.append(error)
      }
    }
    throw CallError(errors.map { "\($0)" }.joined(separator: "; or: "))
  }
}
