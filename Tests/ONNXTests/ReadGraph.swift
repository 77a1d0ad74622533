import ONNX
import Testing

/// A message of Protocol Buffers, read field by field: written against the wire format's page, not
/// against the writer.
struct ReadMessage {
  enum Content: Equatable {
    case varint(UInt64)
    case fixed32(UInt32)
    case bytes([UInt8])
  }

  private(set) var fields: [(number: Int, content: Content)] = []

  init(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    func varint() throws -> UInt64 {
      var (value, shift) = (UInt64(0), UInt64(0))
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      throw ReadError.cutOff
    }
    func take(_ count: Int) throws -> [UInt8] {
      if rest.count < count { throw ReadError.cutOff }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    while !rest.isEmpty {
      let key = try varint()
      let content: Content =
        switch key & 7 {
        case 0: .varint(try varint())
        case 2: .bytes(try take(Int(try varint())))
        case 5:
          .fixed32(
            try take(4).enumerated().reduce(0) { $0 | UInt32($1.element) << (8 * $1.offset) })
        default: throw ReadError.unknownWire(key & 7)
        }
      fields.append((Int(key >> 3), content))
    }
  }

  enum ReadError: Error {
    case cutOff
    case unknownWire(UInt64)
  }

  func integers(_ number: Int) -> [Int] {
    fields.compactMap {
      if $0.number == number, case .varint(let value) = $0.content {
        Int(Int64(bitPattern: value))
      } else {
        nil
      }
    }
  }

  func contents(_ number: Int) -> [[UInt8]] {
    fields.compactMap {
      if $0.number == number, case .bytes(let bytes) = $0.content { bytes } else { nil }
    }
  }

  func floats(_ number: Int) -> [Float] {
    fields.compactMap {
      if $0.number == number, case .fixed32(let bits) = $0.content {
        Float(bitPattern: bits)
      } else {
        nil
      }
    }
  }

  func texts(_ number: Int) -> [String] {
    contents(number).map { String(decoding: $0, as: UTF8.self) }
  }

  func messages(_ number: Int) throws -> [ReadMessage] {
    try contents(number).map { try .init($0) }
  }
}

/// A file of ONNX, by the numbers of `onnx.proto`.
struct ReadModel {
  let version: Int
  let opset: Int
  let producer: String
  let metadata: [String: String]
  let graph: ReadGraph

  init(_ bytes: [UInt8]) throws {
    let message = try ReadMessage(bytes)
    version = try #require(message.integers(1).first)
    producer = try #require(message.texts(2).first)
    let opsets = try message.messages(8)
    opset = try #require(opsets.first?.integers(2).first)
    metadata = Dictionary(
      uniqueKeysWithValues: try message.messages(14).map { ($0.texts(1)[0], $0.texts(2)[0]) })
    graph = try ReadGraph(try #require(try message.messages(7).first))
  }

  init(_ graph: ONNXGraph) throws { try self.init(graph.bytes()) }
}

struct ReadGraph {
  struct Node {
    let name: String
    let operation: String
    let inputs: [String]
    let outputs: [String]
    let attributes: [String: ReadMessage]
  }

  struct Weight {
    let type: Int
    let shape: [Int]
    let bytes: [UInt8]

    var floats: [Float] {
      stride(from: 0, to: bytes.count, by: 4).map { start in
        Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
      }
    }
  }

  struct Value {
    let name: String
    let type: Int
    /// Numbers, or names; nil where nothing is said.
    let axes: [String]?
  }

  let name: String
  let nodes: [Node]
  let weights: [(name: String, weight: Weight)]
  let inputs: [Value]
  let outputs: [Value]

  init(_ message: ReadMessage) throws {
    name = try #require(message.texts(2).first)
    nodes = try message.messages(1).map { node in
      let attributes = try node.messages(5).map { ($0.texts(1)[0], $0) }
      return Node(
        name: node.texts(3)[0], operation: node.texts(4)[0], inputs: node.texts(1),
        outputs: node.texts(2), attributes: Dictionary(uniqueKeysWithValues: attributes))
    }
    weights = try message.messages(5).map { weight in
      let shape = try weight.contents(1).flatMap { packed in
        // The same numbers as a field each would have.
        try ReadMessage(packed.isEmpty ? [] : Self.separated(packed)).integers(1)
      }
      return (
        weight.texts(8)[0],
        Weight(type: weight.integers(2)[0], shape: shape, bytes: weight.contents(9)[0])
      )
    }
    inputs = try message.messages(11).map(Self.value)
    outputs = try message.messages(12).map(Self.value)
  }

  func weight(_ name: String) -> Weight? { weights.first { $0.name == name }?.weight }

  /// Packed numbers as fields of number 1.
  private static func separated(_ packed: [UInt8]) -> [UInt8] {
    var (fields, isFirst) = ([UInt8](), true)
    for byte in packed {
      if isFirst { fields.append(1 << 3) }
      fields.append(byte)
      isFirst = byte < 0x80
    }
    return fields
  }

  private static func value(_ message: ReadMessage) throws -> Value {
    let tensor = try #require(try message.messages(2).first?.messages(1).first)
    let axes = try tensor.messages(2).first?.messages(1).map {
      $0.texts(2).first ?? "\($0.integers(1)[0])"
    }
    return Value(name: message.texts(1)[0], type: tensor.integers(1)[0], axes: axes)
  }
}
