import Autograd

extension Layer {
  /// A model of its own: the same structure with the same numbers, in parameters of its own.
  ///
  /// ```swift
  /// let teacher = student.copy()  // training the student leaves the teacher as it is
  /// ```
  ///
  /// A mere `let teacher = student` shares the parameters. In the copy, parameters that are tied
  /// stay tied to each other, those that are frozen stay frozen, and each has the same name.
  ///
  /// Parameters are renewed wherever `parameters` finds them: in properties, tuples, arrays,
  /// dictionaries, optionals, enums and existentials, to any depth. An object that holds
  /// parameters, an indirect case of an enum and a container of somebody's own cannot be copied:
  /// the call traps and names it. What a closure has captured is no part of a model, and is shared.
  public func copy() -> Self {
    var original = ParameterWalk()
    original.visit(self, path: "")
    let renewal = ParameterRenewal(of: original.found.map { $0.parameter })
    var copy = self
    renewal.renew(&copy, path: "")
    renewal.check(copy, against: original)
    return copy
  }
}

/// New parameters in place of a model's own, in a value that is a copy of the model.
///
/// Swift offers no way to build a value of any type from its parts, so the copy is changed where it
/// is: what is found in memory by the fields' offsets, which the runtime knows, is replaced.
struct ParameterRenewal {
  /// The new parameters by the old ones.
  private let renewed: [ObjectIdentifier: any AnyParameter]

  init(of parameters: [any AnyParameter]) {
    renewed = Dictionary(
      uniqueKeysWithValues: parameters.map { (ObjectIdentifier($0), $0.renewed()) })
  }

  /// Replaces each parameter in a value.
  func renew<Value>(_ value: inout Value, path: String) {
    if _isPOD(Value.self) || !holdsParameters(value) { return }
    if let parameter = value as? any AnyParameter {
      value = renewed[ObjectIdentifier(parameter)] as! Value
      return
    }
    if let container = Value.self as? any ParameterContainer.Type {
      withUnsafeMutablePointer(to: &value) { container.renew($0, self, path: path) }
      return
    }
    switch TypeKind(Value.self) {
    case .structure, .tuple:
      withUnsafeMutablePointer(to: &value) { renewFields(of: Value.self, at: $0, path: path) }
    case .enumeration:
      withUnsafeMutablePointer(to: &value) { renewPayload(of: $0, path: path) }
    case .existential:
      renewContent(of: &value, path: path)
    case .object:
      trap(
        "copy: \(place(path)) is an object of \(type(of: value as Any)) that holds parameters; "
          + "objects are shared, so make it a struct")
    case .other: return
    }
  }

  /// Traps unless the copy has all parameters of the original under the same names, each a new one.
  func check(_ copy: some Layer, against original: ParameterWalk) {
    var walk = ParameterWalk()
    walk.visit(copy, path: "")
    let isSame =
      walk.found.map(\.name) == original.found.map(\.name)
      && walk.ties.map(\.name) == original.ties.map(\.name)
      && walk.ties.map(\.first) == original.ties.map(\.first)
    let shared = walk.found.first { renewed[ObjectIdentifier($0.parameter)] != nil }
    if isSame && shared == nil { return }
    trap(
      "copy: a \(type(of: copy)) cannot be copied: "
        + (shared.map { "'\($0.name)' is held by something that is no part of the value" }
          ?? "its parameters have other names in the copy"))
  }

  private func holdsParameters(_ value: Any) -> Bool {
    var walk = ParameterWalk()
    walk.visit(value, path: "")
    return !walk.found.isEmpty
  }

  private func place(_ path: String) -> String { path.isEmpty ? "the model" : "'\(path)'" }

  private func renew(_ type: Any.Type, at address: UnsafeMutableRawPointer, path: String) {
    func opened<Value>(_: Value.Type) {
      renew(&address.assumingMemoryBound(to: Value.self).pointee, path: path)
    }
    _openExistential(type, do: opened)
  }

  private func renewFields(of type: Any.Type, at address: UnsafeMutableRawPointer, path: String) {
    // What is not held strongly is held by another part of the model as well, or lost.
    for field in TypeField.all(of: type) where field.isStrong {
      renew(
        field.type, at: address + field.offset,
        path: ParameterWalk.joined(path, ModelParts.propertyName(field.name)))
    }
  }

  private func renewPayload<Value>(of value: UnsafeMutablePointer<Value>, path: String) {
    let payload = EnumPayload(of: value)
    if payload.isIndirect {
      trap(
        "copy: \(place(path)) is an indirect case of \(Value.self) that holds parameters; such "
          + "a case is shared, so hold the parts in an array")
    }
    payload.change { renew($0, at: $1, path: path) }
  }

  /// Renews the value in an existential, whose own type has no fields.
  private func renewContent<Existential>(of value: inout Existential, path: String) {
    let content = value as Any
    func opened<Content>(_: Content.Type) -> Any {
      var content = content as! Content
      renew(&content, path: path)
      return content
    }
    value = _openExistential(type(of: content), do: opened) as! Existential
  }
}

extension AnyParameter {
  /// A parameter with the same numbers, in memory of its own, with the same name, as frozen.
  fileprivate func renewed() -> any AnyParameter {
    func renewed<Scalar>(_ parameter: Parameter<Scalar>) -> Parameter<Scalar> {
      let result = Parameter(
        wrappedValue: Tensor<Scalar>(Compute.copy(parameter.tensor.untyped)), key: parameter.key)
      result.name = parameter.name
      result.isFrozen = parameter.isFrozen
      return result
    }
    switch self {
    case let parameter as Parameter<Float>: return renewed(parameter)
    case let parameter as Parameter<Double>: return renewed(parameter)
    default: trap("\(type(of: self)) is not a Parameter of Float or Double")
    }
  }
}

/// A type of the standard library whose elements are not among its fields.
private protocol ParameterContainer {
  static func renew(
    _ address: UnsafeMutableRawPointer, _ renewal: ParameterRenewal, path: String)
}

extension ParameterContainer {
  /// Hands on the value at an address.
  fileprivate static func change(
    _ address: UnsafeMutableRawPointer, _ body: (inout Self) -> Void
  ) {
    body(&address.assumingMemoryBound(to: Self.self).pointee)
  }
}

extension ParameterContainer where Self: MutableCollection {
  fileprivate static func renew(
    _ address: UnsafeMutableRawPointer, _ renewal: ParameterRenewal, path: String
  ) {
    change(address) { elements in
      for (position, index) in elements.indices.enumerated() {
        renewal.renew(&elements[index], path: ParameterWalk.joined(path, "\(position)"))
      }
    }
  }
}

extension Array: ParameterContainer {}
extension ArraySlice: ParameterContainer {}
extension ContiguousArray: ParameterContainer {}

extension Dictionary: ParameterContainer {
  fileprivate static func renew(
    _ address: UnsafeMutableRawPointer, _ renewal: ParameterRenewal, path: String
  ) {
    change(address) { entries in
      for key in entries.keys {
        renewal.renew(&entries[key]!, path: ParameterWalk.joined(path, "\(key)"))
      }
    }
  }
}

extension Optional: ParameterContainer {
  fileprivate static func renew(
    _ address: UnsafeMutableRawPointer, _ renewal: ParameterRenewal, path: String
  ) {
    change(address) { optional in
      if optional != nil { renewal.renew(&optional!, path: path) }
    }
  }
}
