import Autograd

/// A part of a model: a plain type whose parameters are found by looking at its stored properties.
///
/// Nothing needs to be implemented. Give it a `callAsFunction`, hold parameters with
/// `@Parameter var` and other layers in `let` properties, arrays, optionals or dictionaries.
public protocol Layer: CustomStringConvertible {}

extension Layer {
  /// All parameters with their names, in the order of the properties that hold them.
  ///
  /// A name is the path of property names and array positions, as in `encoder.rnn.0.weightInput`; a
  /// parameter may have a name of its own in place of its property's, `@Parameter(key: "weight_ih")`.
  /// A parameter that is reached twice (tied weights) stands in the list once, under its first
  /// name. Looking also tells each parameter its name, for messages.
  public var parameters: [(name: String, parameter: any AnyParameter)] {
    Members.of(self).parameters
  }

  /// The further names of parameters that are reached more than once, in the order in which they
  /// are reached, with the name that stands in `parameters`.
  public var tiedNames: [(name: String, first: String)] { Members.of(self).ties }

  /// Number of scalars in all parameters.
  public var parameterCount: Int {
    parameters.reduce(0) { $0 + $1.parameter.shape.elementCount }
  }

  /// What `print(model)` shows: each parameter with its name, type and shape, and how many
  /// numbers they are together; then the further names of tied parameters, which count once.
  public var description: String {
    let members = Members.of(self)
    let lines =
      members.parameters.map { "  \($0): \($1.scalarType) \($1.shape)" }
      + members.ties.map { "  \($0): tied to \($1)" }
    return (["\(type(of: self)): \(parameterCount) parameters"] + lines).joined(separator: "\n")
  }
}

extension Layer {
  /// Where this layer stands in the model that was looked at last, as in `encoder.attention`: what its
  /// parameters' names have before their path from here. Nil for the model itself, and for layers
  /// without parameters.
  package var pathInModel: String? {
    var walk = ParameterWalk()
    walk.visit(self, path: "")
    guard let (path, parameter) = walk.found.first, let name = parameter.name,
      name.hasSuffix("." + path)
    else { return nil }
    return String(name.dropLast(path.count + 1))
  }

  /// That path for messages, as in ` (in encoder.attention)`; empty where there is none.
  var layerPath: String { pathInModel.map { " (in \($0))" } ?? "" }
}

/// A walk over stored properties that collects parameters.
struct ParameterWalk {
  var found: [(name: String, parameter: any AnyParameter)] = []
  /// Further names of parameters that have been found already.
  var ties: [(name: String, first: String)] = []
  /// Whether an object was met that is no parameter: what it holds may change unseen.
  var metObject = false
  private var names: [ObjectIdentifier: String] = [:]
  private var seen: Set<ObjectIdentifier> = []

  mutating func visit(_ subject: Any, path: String) {
    if let parameter = subject as? any AnyParameter {
      let identity = ObjectIdentifier(parameter)
      if let first = names[identity] {
        ties.append((path, first))
      } else {
        names[identity] = path
        found.append((path, parameter))
      }
      return
    }
    let parts = ModelParts(of: subject)
    if let object = parts.object {
      metObject = true
      if !seen.insert(object).inserted { return }
    }
    for (name, part) in parts.children { visit(part, path: Self.joined(path, name)) }
  }

  /// The path of a part of what has a path.
  static func joined(_ path: String, _ name: String) -> String {
    if name.isEmpty { return path }
    return path.isEmpty ? name : "\(path).\(name)"
  }
}

/// What a value holds that may hold parameters, in order, each with its name: a property's, a key, or a
/// position; an empty one for what goes by the name of its holder.
struct ModelParts {
  private(set) var children: [(name: String, part: Any)] = []
  /// Whether the value is an optional.
  private(set) var isOptional = false
  /// The value, if it is an object: others may hold it as well.
  private(set) var object: ObjectIdentifier?

  init(of subject: Any) {
    // A constant table holds no parameter.
    if subject is any ConstantTable { return }
    let mirror = Mirror(reflecting: subject)
    switch mirror.displayStyle {
    case .collection, .set:
      children = mirror.children.enumerated().map { ("\($0)", $1.value) }
    case .optional:
      isOptional = true
      children = mirror.children.map { ("", $0.value) }
    case .dictionary:
      let entries = mirror.children.compactMap { child -> (String, Any)? in
        let pair = Array(Mirror(reflecting: child.value).children)
        return pair.count == 2 ? ("\(pair[0].value)", pair[1].value) : nil
      }
      children = entries.sorted { $0.0 < $1.0 }
    case .struct, .class, .tuple, .enum:
      if mirror.displayStyle == .class { object = ObjectIdentifier(subject as AnyObject) }
      var ancestor: Mirror? = mirror
      var levels: [Mirror] = []
      while let level = ancestor {
        levels.append(level)
        ancestor = level.superclassMirror
      }
      for level in levels.reversed() {
        children += level.children.map { (Self.name($0.label, of: $0.value), $0.value) }
      }
    default: break
    }
  }

  /// The name that a parameter has of its own, or else the property's.
  private static func name(_ label: String?, of part: Any) -> String {
    if label?.hasPrefix("_") == true, let key = (part as? any KeyedParameter)?.key { return key }
    return propertyName(label)
  }

  /// A property wrapper's storage has its property's name after an underscore.
  static func propertyName(_ label: String?) -> String {
    // An optional parameter's box goes by the name of the property that holds the wrapper.
    guard let label, label != "projectedValue" else { return "" }
    return label.hasPrefix("_") ? String(label.dropFirst()) : label
  }
}

/// Every tensor, as a walk over properties of any type meets it.
protocol ConstantTable {}
extension Tensor: ConstantTable {}
