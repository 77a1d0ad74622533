// What Swift's runtime knows of a type: its kind, and where in memory its parts are. The names and
// layouts are those of the stable ABI, which `Mirror` itself stands on.

/// The kind of a type, as far as it matters for its parts.
enum TypeKind {
  case structure, enumeration, tuple, existential, object, other

  init(_ type: Any.Type) {
    // The first word of a type's metadata; where it is an address the type is a class.
    let kind = unsafeBitCast(type, to: UnsafePointer<UInt>.self).pointee
    self =
      switch kind {
      case 0x200: .structure
      case 0x201, 0x202: .enumeration
      case 0x301: .tuple
      case 0x303, 0x307: .existential
      case 0, 0x800...: .object
      default: .other
      }
  }
}

/// A stored property of a struct or an element of a tuple.
struct TypeField {
  let name: String
  let type: Any.Type
  /// Bytes from the start of the value.
  let offset: Int
  /// False for what is `weak` or `unowned`.
  let isStrong: Bool

  /// All fields of a struct or tuple, in order.
  static func all(of type: Any.Type) -> [TypeField] {
    (0..<fieldCount(type)).compactMap { index in
      var description = FieldDescription()
      let field = withUnsafeMutablePointer(to: &description) {
        fieldType(type, index: index, description: $0)
      }
      let name = description.name.map { String(cString: $0) } ?? ""
      description.free?(description.name)
      return field.map {
        TypeField(
          name: name, type: $0, offset: fieldOffset(type, index: index),
          isStrong: description.isStrong)
      }
    }
  }
}

/// What the runtime fills in for a field.
private struct FieldDescription {
  var name: UnsafePointer<CChar>?
  var free: (@convention(c) (UnsafePointer<CChar>?) -> Void)?
  var isStrong = false
  var isVariable = false
}

@_silgen_name("swift_reflectionMirror_recursiveCount")
private func fieldCount(_: Any.Type) -> Int

@_silgen_name("swift_reflectionMirror_recursiveChildMetadata")
private func fieldType(
  _: Any.Type, index: Int, description: UnsafeMutableRawPointer
) -> Any.Type?

@_silgen_name("swift_reflectionMirror_recursiveChildOffset")
private func fieldOffset(_: Any.Type, index: Int) -> Int

/// What the case of an enum in memory holds.
struct EnumPayload {
  private typealias Tag = @convention(c) (UnsafeRawPointer, UnsafeRawPointer) -> UInt32
  private typealias Project = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer) -> Void
  private typealias Inject =
    @convention(c) (UnsafeMutableRawPointer, UInt32, UnsafeRawPointer) -> Void

  private let address: UnsafeMutableRawPointer
  private let metadata: UnsafeRawPointer
  private let tag: UInt32

  /// Which of the type's cases it is.
  var number: UInt { UInt(tag) }

  init<Value>(of value: UnsafeMutablePointer<Value>) {
    address = UnsafeMutableRawPointer(value)
    metadata = unsafeBitCast(Value.self as Any.Type, to: UnsafeRawPointer.self)
    tag = Self.witness(metadata, 11, as: Tag.self)(address, metadata)
  }

  /// Whether the payload stands in a box that copies share.
  var isIndirect: Bool { record.load(as: UInt32.self) & 1 != 0 }

  /// Calls the body with type and address of the payload, if there is one, while the enum's memory
  /// is the payload's alone.
  func change(_ body: (Any.Type, UnsafeMutableRawPointer) -> Void) {
    guard let type else { return }
    Self.witness(metadata, 12, as: Project.self)(address, metadata)
    body(type, address)
    Self.witness(metadata, 13, as: Inject.self)(address, tag, metadata)
  }

  /// A function of the table that stands before a type's metadata.
  private static func witness<Function>(
    _ metadata: UnsafeRawPointer, _ index: Int, as type: Function.Type
  ) -> Function {
    let table = metadata.load(fromByteOffset: -8, as: UnsafeRawPointer.self)
    return unsafeBitCast(
      table.load(fromByteOffset: 8 * index, as: UnsafeRawPointer.self), to: type)
  }

  /// The descriptor of the enum's type, the generic arguments left open.
  private var descriptor: UnsafeRawPointer {
    metadata.load(fromByteOffset: 8, as: UnsafeRawPointer.self)
  }

  /// The case's entry in the list of cases: flags, and the payload's type.
  private var record: UnsafeRawPointer {
    Self.target(descriptor + 16)! + 16 + 12 * Int(tag)
  }

  /// The type that the case declares for its payload: of an existential the existential's, not
  /// that of the value in it, which is all that `Mirror` tells.
  private var type: Any.Type? {
    guard let name = Self.target(record + 4) else { return nil }
    return _getTypeByMangledNameInContext(
      name.assumingMemoryBound(to: UInt8.self), UInt(Self.length(name)),
      genericContext: descriptor, genericArguments: metadata + 16)
  }

  /// Where an address that is written as a distance leads; nil for none.
  private static func target(_ place: UnsafeRawPointer) -> UnsafeRawPointer? {
    let distance = place.load(as: Int32.self)
    return distance == 0 ? nil : place + Int(distance)
  }

  /// The bytes of a mangled name: it ends at a zero, but distances within may have zeros as well.
  private static func length(_ name: UnsafeRawPointer) -> Int {
    var end = 0
    while true {
      switch name.load(fromByteOffset: end, as: UInt8.self) {
      case 0: return end
      case 0x01...0x17: end += 5
      case 0x18...0x1F: end += 9
      default: end += 1
      }
    }
  }
}
