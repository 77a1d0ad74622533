import Autograd
import Synchronization

/// Where the parameters are in the memory of the values of a type.
///
/// A walk by reflection makes names, which takes microseconds for each layer. Which parameters a value
/// holds is told in nanoseconds by their places: those of properties are the type's, so they are looked
/// for once, and only elements of arrays, optionals, enums and existentials are the value's own.
final class ParameterPlaces: Sendable {
  private enum Part: Sendable {
    case float, double, optionalFloat, optionalDouble
    case container(any PlacedContainer.Type)
    case enumeration(Any.Type)
    case existential(Any.Type)
    /// What only a walk by reflection looks into.
    case hidden
  }

  private let parts: [(offset: Int, part: Part)]

  /// Whether no value of the type holds parameters.
  fileprivate var isEmpty: Bool { parts.isEmpty }

  private init(of type: Any.Type) {
    var parts: [(Int, Part)] = []
    Self.add(type, at: 0, to: &parts)
    self.parts = parts
  }

  // MARK: Looking for them

  private static func add(_ type: Any.Type, at offset: Int, to parts: inout [(Int, Part)]) {
    if isPlain(type) || type is any ConstantTable.Type { return }
    if let part = parameter(type) {
      parts.append((offset, part))
    } else if let container = type as? any PlacedContainer.Type {
      if !isPlain(container.element) { parts.append((offset, .container(container))) }
    } else {
      switch TypeKind(type) {
      case .structure, .tuple:
        for field in TypeField.all(of: type) {
          if field.isStrong {
            add(field.type, at: offset + field.offset, to: &parts)
          } else {
            parts.append((offset + field.offset, .hidden))
          }
        }
      case .enumeration: parts.append((offset, .enumeration(type)))
      case .existential: parts.append((offset, .existential(type)))
      case .object: parts.append((offset, .hidden))
      case .other: return
      }
    }
  }

  private static func parameter(_ type: Any.Type) -> Part? {
    switch type {
    case is Parameter<Float>.Type: .float
    case is Parameter<Double>.Type: .double
    case is Parameter<Float>?.Type: .optionalFloat
    case is Parameter<Double>?.Type: .optionalDouble
    default: nil
    }
  }

  /// Whether the values are but bytes.
  private static func isPlain(_ type: Any.Type) -> Bool {
    func opened<Value>(_: Value.Type) -> Bool { _isPOD(Value.self) }
    return _openExistential(type, do: opened)
  }

  // MARK: Types that were looked at

  private static let known = Mutex<[ObjectIdentifier: ParameterPlaces]>([:])

  static func of(_ type: Any.Type) -> ParameterPlaces {
    let identity = ObjectIdentifier(type)
    if let places = known.withLock({ $0[identity] }) { return places }
    let places = ParameterPlaces(of: type)
    return known.withLock { known in
      if let earlier = known[identity] { return earlier }
      known[identity] = places
      return places
    }
  }

  // MARK: Reading them

  /// Adds the parameters of a value, and all that their names depend on.
  fileprivate func read(_ value: UnsafeRawPointer, into state: inout ParameterState) {
    for (offset, part) in parts {
      let place = value + offset
      switch part {
      case .float: state.add(Self.value(Parameter<Float>.self, at: place))
      case .double: state.add(Self.value(Parameter<Double>.self, at: place))
      case .optionalFloat: state.add(Self.value(Parameter<Float>?.self, at: place))
      case .optionalDouble: state.add(Self.value(Parameter<Double>?.self, at: place))
      case .container(let type): type.read(place, into: &state)
      case .enumeration(let type): Self.readPayload(of: type, place, into: &state)
      case .existential(let type): Self.readContent(of: type, place, into: &state)
      case .hidden: state.isWhole = false
      }
    }
  }

  private static func value<Value>(_: Value.Type, at place: UnsafeRawPointer) -> Value {
    place.assumingMemoryBound(to: Value.self).pointee
  }

  private static func readPayload(
    of type: Any.Type, _ place: UnsafeRawPointer, into state: inout ParameterState
  ) {
    func opened<Value>(_: Value.Type) {
      // A copy: its payload is laid bare for the time.
      var value = value(Value.self, at: place)
      withUnsafeMutablePointer(to: &value) {
        let payload = EnumPayload(of: $0)
        if payload.isIndirect { state.isWhole = false }
        state.add(payload.number)
        payload.change { ParameterPlaces.of($0).read($1, into: &state) }
      }
    }
    _openExistential(type, do: opened)
  }

  private static func readContent(
    of type: Any.Type, _ place: UnsafeRawPointer, into state: inout ParameterState
  ) {
    func content<Value>(_: Value.Type) -> Any { value(Value.self, at: place) }
    let content = _openExistential(type, do: content)
    state.add(UInt(bitPattern: ObjectIdentifier(Swift.type(of: content))))
    func opened<Content>(_ content: Content) {
      withUnsafePointer(to: content) { ParameterPlaces.of(Content.self).read($0, into: &state) }
    }
    _openExistential(content, do: opened)
  }
}

/// Which parameters a value holds, and in which of its places.
struct ParameterState {
  /// As often as they are met, in the order of their places.
  private(set) var boxes: [any AnyParameter] = []
  /// The parameters' serial numbers, and between them whatever tells places apart that depend on the value.
  /// Values of one type with the same form hold the same parameters, under the same names.
  private(set) var form: [UInt] = []
  /// Whether that is all: nothing was met that only reflection looks into.
  fileprivate(set) var isWhole = true

  init<Value>(of value: Value) {
    boxes.reserveCapacity(32)
    form.reserveCapacity(48)
    withUnsafePointer(to: value) { ParameterPlaces.of(Value.self).read($0, into: &self) }
  }

  fileprivate mutating func add(_ parameter: Parameter<some FloatingPointScalar>?) {
    form.append(parameter?.serialNumber ?? 0)
    if let parameter { boxes.append(parameter) }
  }

  fileprivate mutating func add(_ number: UInt) { form.append(number) }

  /// Takes note that values of a type are there which are not looked into.
  fileprivate mutating func hide(anyOf type: Any.Type) {
    if !ParameterPlaces.of(type).isEmpty { isWhole = false }
  }
}

/// A type of the standard library whose elements are not among its fields.
private protocol PlacedContainer {
  /// The type of the elements; of a dictionary's values.
  static var element: Any.Type { get }
  static func read(_ place: UnsafeRawPointer, into state: inout ParameterState)
}

extension PlacedContainer {
  /// The value at a place.
  fileprivate static func value(at place: UnsafeRawPointer) -> Self {
    place.assumingMemoryBound(to: Self.self).pointee
  }
}

extension PlacedContainer where Self: Collection {
  fileprivate static var element: Any.Type { Element.self }

  fileprivate static func read(_ place: UnsafeRawPointer, into state: inout ParameterState) {
    let places = ParameterPlaces.of(Element.self)
    if places.isEmpty { return }
    let elements = value(at: place)
    state.add(UInt(elements.count))
    for element in elements { withUnsafePointer(to: element) { places.read($0, into: &state) } }
  }
}

extension Array: PlacedContainer {}
extension ArraySlice: PlacedContainer {}
extension ContiguousArray: PlacedContainer {}

extension Set: PlacedContainer {
  fileprivate static func read(_ place: UnsafeRawPointer, into state: inout ParameterState) {
    state.hide(anyOf: Element.self)
  }
}

extension Dictionary: PlacedContainer {
  fileprivate static var element: Any.Type { Value.self }

  fileprivate static func read(_ place: UnsafeRawPointer, into state: inout ParameterState) {
    // Names are keys, whose order is reflection's.
    state.hide(anyOf: Value.self)
  }
}

extension Optional: PlacedContainer {
  fileprivate static var element: Any.Type { Wrapped.self }

  fileprivate static func read(_ place: UnsafeRawPointer, into state: inout ParameterState) {
    let places = ParameterPlaces.of(Wrapped.self)
    if places.isEmpty { return }
    let optional = value(at: place)
    state.add(optional == nil ? 0 : 1)
    if let content = optional {
      withUnsafePointer(to: content) { places.read($0, into: &state) }
    }
  }
}
