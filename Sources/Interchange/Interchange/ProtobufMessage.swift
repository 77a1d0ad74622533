package import Training

/// A message in the wire format of Protocol Buffers, of which ONNX's and TensorBoard's files are made:
/// fields one after the other, each a number that says which it is and how it is written, and its
/// content.
///
/// What is long stays where it is: a message that holds another one's weights refers to them.
package struct ProtobufMessage {
  /// What has been written, in pieces.
  private var pieces: [StoredBytes] = []
  /// What comes after the pieces.
  private var tail: [UInt8] = []
  /// Bytes in all.
  package private(set) var count = 0

  /// A message without fields.
  package init() {}

  /// How a field's content is written.
  private enum Wire: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// From so many bytes on, content is referred to in place of copied.
  private static var longContent: Int { 4096 }

  /// A whole number; a negative one takes ten bytes.
  package mutating func add(_ field: Int, _ value: Int) {
    begin(field, .varint)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  /// A number of 32 bits.
  package mutating func add(_ field: Int, _ value: Float) {
    begin(field, .fixed32)
    append(fixed: value.bitPattern)
  }

  /// A number of 64 bits.
  package mutating func add(_ field: Int, _ value: Double) {
    begin(field, .fixed64)
    append(fixed: value.bitPattern)
  }

  /// A text.
  package mutating func add(_ field: Int, _ text: String) {
    add(field, StoredBytes(Array(text.utf8)))
  }

  /// Bytes.
  package mutating func add(_ field: Int, _ bytes: StoredBytes) {
    begin(field, .lengthDelimited)
    append(varint: UInt64(bytes.count))
    append(content: bytes)
  }

  /// Whole numbers, all in one field.
  package mutating func add(packed field: Int, _ values: [Int]) {
    var packed = ProtobufMessage()
    for value in values { packed.append(varint: UInt64(bitPattern: Int64(value))) }
    add(field, packed)
  }

  /// Numbers of 64 bits, all in one field.
  package mutating func add(packed field: Int, _ values: [Double]) {
    var packed = ProtobufMessage()
    for value in values { packed.append(fixed: value.bitPattern) }
    add(field, packed)
  }

  /// A message within this one.
  package mutating func add(_ field: Int, _ message: ProtobufMessage) {
    begin(field, .lengthDelimited)
    append(varint: UInt64(message.count))
    for piece in message.pieces { append(content: piece) }
    append(content: StoredBytes(message.tail))
  }

  /// The whole message, to be written one piece after the other.
  package consuming func finish() -> [StoredBytes] {
    flush()
    return pieces
  }

  private mutating func begin(_ field: Int, _ wire: Wire) {
    append(varint: UInt64(field) << 3 | wire.rawValue)
  }

  /// Seven bits a byte, the lowest first; the eighth says that more follow.
  private mutating func append(varint value: UInt64) {
    var rest = value
    var bytes: [UInt8] = []
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(bytes + [UInt8(rest)])
  }

  /// The lowest byte first.
  private mutating func append(fixed bits: some FixedWidthInteger) {
    append((0..<bits.bitWidth / 8).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
  }

  private mutating func append(content: StoredBytes) {
    guard content.count >= Self.longContent else { return append(content) }
    flush()
    pieces.append(content)
    count += content.count
  }

  private mutating func append(_ bytes: some Collection<UInt8>) {
    tail += bytes
    count += bytes.count
  }

  private mutating func flush() {
    if tail.isEmpty { return }
    pieces.append(StoredBytes(tail))
    tail = []
  }
}
