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
    case container(Container)
    case enumeration(Any.Type)
    case existential(Any.Type)
    /// What only a walk by reflection looks into.
    case hidden
  }

  private let parts: [(offset: Int, part: Part)]

  /// A container, and where the parameters are in its elements: looked for when there are elements, as a type
  /// may be an element of its own parts.
  private final class Container: Sendable {
    private let type: any PlacedContainer.Type
    private let element: ElementLayout
    private let isArray: Bool
    /// The address of the elements' places, which stay for good; 0 before they were asked for.
    private let known = Atomic<UInt>(0)

    init(_ type: any PlacedContainer.Type) {
      self.type = type
      element = ElementLayout(of: type.element)
      isArray = type is any PlacedArray.Type && ArrayStorage.isAsKnown
    }

    private var places: ParameterPlaces {
      if let known = UnsafeRawPointer(bitPattern: known.load(ordering: .acquiring)) {
        return Unmanaged.fromOpaque(known).takeUnretainedValue()
      }
      let places = ParameterPlaces.of(type.element)
      known.store(
        UInt(bitPattern: Unmanaged.passUnretained(places).toOpaque()), ordering: .releasing)
      return places
    }

    func read(_ place: UnsafeRawPointer, into state: inout ParameterState) {
      let places = places
      if places.isEmpty { return }
      let found =
        isArray ? ArrayStorage.elements(of: place, element) : type.elements(of: place)
      guard let elements = found else { return state.isWhole = false }
      state.add(UInt(elements.count))
      guard var next = elements.start else { return }
      for _ in 0..<elements.count {
        places.read(next, into: &state)
        next += element.stride
      }
    }
  }

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
      if !isPlain(container.element) { parts.append((offset, .container(Container(container)))) }
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
      case .container(let container): container.read(place, into: &state)
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
    func content<Value>(_: Value.Type) -> Any { value(Value.self, at: place) as Any }
    let content = _openExistential(type, do: content)
    // Of an existential in `Any`, this is the type of what is in both.
    let dynamicType = Swift.type(of: content)
    state.add(UInt(bitPattern: ObjectIdentifier(dynamicType)))
    func opened<Content>(_: Content.Type) {
      guard let content = content as? Content else { return state.isWhole = false }
      withUnsafePointer(to: content) { ParameterPlaces.of(Content.self).read($0, into: &state) }
    }
    _openExistential(dynamicType, do: opened)
  }
}

/// A look at a value: which parameters it holds, and in which of its places.
struct ParameterState {
  /// As often as they are met, in the order of their places.
  private(set) var boxes: [any AnyParameter] = []
  /// The parameters' serial numbers, and between them whatever tells places apart that depend on the value.
  /// Values of one type with the same form hold the same parameters, under the same names.
  private(set) var form: [UInt] = []
  /// Whether that is all: nothing was met that only reflection looks into.
  fileprivate(set) var isWhole = true

  /// What the form should be; nil to find out.
  private let expected: [UInt]?
  private var compared = 0
  private var differs = false

  /// Looks for the parameters of a value.
  init<Value>(of value: Value) {
    expected = nil
    read(value)
  }

  /// Looks for the parameters of a value that may have a form, with that many parameters.
  init<Value>(of value: Value, comparedWith form: [UInt], count: Int) {
    expected = form
    boxes.reserveCapacity(count)
    read(value)
  }

  /// Whether the value has the form that it was compared with.
  var hasForm: Bool { isWhole && !differs && compared == expected?.count }

  private mutating func read<Value>(_ value: Value) {
    withUnsafePointer(to: value) { ParameterPlaces.of(Value.self).read($0, into: &self) }
  }

  fileprivate mutating func add(_ parameter: Parameter<some FloatingPointScalar>?) {
    add(parameter?.serialNumber ?? 0)
    if let parameter, !differs { boxes.append(parameter) }
  }

  fileprivate mutating func add(_ number: UInt) {
    guard let expected else { return form.append(number) }
    if differs || compared == expected.count || expected[compared] != number {
      differs = true
    } else {
      compared += 1
    }
  }
}

/// A type of the standard library whose elements are not among its fields.
private protocol PlacedContainer: SendableMetatype {
  /// The type of the elements; of a dictionary's values.
  static var element: Any.Type { get }
  /// Where the elements of a value lie; nil for a container that only reflection looks into.
  static func elements(of place: UnsafeRawPointer) -> PlacedElements?
}

/// Elements that lie one behind the other.
private struct PlacedElements {
  let start: UnsafeRawPointer?
  let count: Int
}

/// How the values of a type lie one behind the other.
private struct ElementLayout {
  let stride: Int
  let alignment: Int

  init(of type: Any.Type) {
    func opened<Value>(_: Value.Type) -> (Int, Int) {
      (MemoryLayout<Value>.stride, MemoryLayout<Value>.alignment)
    }
    (stride, alignment) = _openExistential(type, do: opened)
  }
}

/// What an array points to: an object with the number of its elements and the room for them, then the elements.
///
/// Asking the array itself of a type that is known only now takes ten times as long.
private enum ArrayStorage {
  static func elements(of place: UnsafeRawPointer, _ layout: ElementLayout) -> PlacedElements {
    let storage = place.load(as: UnsafeRawPointer.self)
    let start = (32 + layout.alignment - 1) / layout.alignment * layout.alignment
    return PlacedElements(
      start: storage + start, count: storage.load(fromByteOffset: 16, as: Int.self))
  }

  /// Whether arrays lie so in this version of the library.
  static let isAsKnown =
    isAsKnown([3, 1, 4] as [UInt16]) && isAsKnown(["a", "b"]) && isAsKnown([Float]())

  private static func isAsKnown<Element>(_ array: [Element]) -> Bool {
    withUnsafePointer(to: array) { place in
      let found = elements(of: place, ElementLayout(of: Element.self))
      return array.withUnsafeBufferPointer {
        found.count == $0.count
          && (found.count == 0 || found.start == UnsafeRawPointer($0.baseAddress))
      }
    }
  }
}

extension PlacedContainer where Self: Collection {
  fileprivate static var element: Any.Type { Element.self }

  fileprivate static func elements(of place: UnsafeRawPointer) -> PlacedElements? {
    // They outlive the call, as the value at the place holds them.
    place.assumingMemoryBound(to: Self.self).pointee
      .withContiguousStorageIfAvailable {
        PlacedElements(start: UnsafeRawPointer($0.baseAddress), count: $0.count)
      }
  }
}

/// Arrays whose elements lie where `ArrayStorage` looks for them.
private protocol PlacedArray: PlacedContainer {}

extension Array: PlacedArray {}
extension ContiguousArray: PlacedArray {}
extension ArraySlice: PlacedContainer {}
extension Set: PlacedContainer {}

extension Dictionary: PlacedContainer {
  fileprivate static var element: Any.Type { Value.self }
  /// Names are keys, in the order of reflection.
  fileprivate static func elements(of place: UnsafeRawPointer) -> PlacedElements? { nil }
}

extension Optional: PlacedContainer {
  fileprivate static var element: Any.Type { Wrapped.self }

  /// What an optional holds lies where the optional does.
  fileprivate static func elements(of place: UnsafeRawPointer) -> PlacedElements? {
    let count = place.assumingMemoryBound(to: Self.self).pointee == nil ? 0 : 1
    return PlacedElements(start: place, count: count)
  }
}
