import Autograd
import Interchange

/// A model that a library can open: its name in files, and its type.
public struct ModelKind: Sendable {
  /// What a file's metadata has as its `model`.
  public let name: String
  let scalar: ScalarType
  let open: @Sendable (TensorFile) throws -> any AnyOpenModel

  /// - Parameter type: of models of `Float` or of `Double`; a library that opens both has a kind for
  ///   each, of the same name.
  public init<Model: CallableByName>(_ name: String, _ type: Model.Type) {
    self.name = name
    scalar = Model.Scalar.scalarType
    open = { file in OpenModel(try Model(file), kind: name, metadata: file.metadata) }
  }
}

/// The models of a dynamic library, and the one function that a library exports by itself:
///
/// ```swift
/// let models = ModelLibrary([ModelKind("elman", Elman<Float>.self)])
///
/// @c(tapestry_open)
/// public func open(
///   _ path: UnsafePointer<CChar>?, _ kind: UnsafePointer<CChar>?, _ scalar: Int32
/// ) -> Int64 { models.open(path, kind, scalar) }
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
      guard let scalar = ElementType(rawValue: scalar), [.float32, .float64].contains(scalar) else {
        throw CallError("models are of float32 or float64, not of type \(scalar)")
      }
      return Handles.shared.add(try open(path, kind, scalar))
    }
  }

  private func open(
    _ path: String, _ kind: String?, _ scalar: ElementType
  ) throws -> any AnyOpenModel {
    // Else the first tensor would end the process.
    if let problem = Environment.problem { throw CallError(problem) }
    let file = try TensorFile(contentsOf: path)
    let possible = kinds.filter { ElementType($0.scalar) == scalar }
    let name = kind ?? file.metadata[Self.kindKey]
    let named = name.map { name in possible.filter { $0.name == name } } ?? possible
    if named.isEmpty {
      throw CallError(
        "\(path): a model of the kind '\(name ?? "")' in \(scalar); this library has "
          + Set(possible.map(\.name)).sorted().joined(separator: ", "))
    }
    var errors: [any Error] = []
    for kind in named {
      do {
        return try kind.open(file)
      } catch {
        errors.append(error)
      }
    }
    if name != nil || errors.count == 1 {
      throw CallError(errors.map { "\($0)" }.joined(separator: "; or: "))
    }
    throw CallError(
      "\(path): none of \(Set(named.map(\.name)).sorted().joined(separator: ", ")); where its "
        + "kind is named, the error says what is in the way")
  }
}
