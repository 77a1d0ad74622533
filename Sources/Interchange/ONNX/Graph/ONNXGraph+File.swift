import Interchange
import Training

// The messages of ONNX's `onnx.proto`; the numbers are those of its fields.

extension ONNXGraph {
  /// The operators' version.
  public static var opset: Int { 17 }
  /// The file format's version: the one of that opset.
  private static var formatVersion: Int { 8 }

  /// Writes the graph as a file, beside the old one and renamed into place. Equal models give equal
  /// bytes.
  ///
  /// - Throws: `FileError`, or `ONNXError` for a graph of 2 GB.
  public func write(to path: String) throws {
    try AtomicFile.write(pieces: pieces(), to: path)
  }

  /// The file's bytes.
  ///
  /// - Throws: `ONNXError` for a graph of 2 GB.
  public func bytes() throws(ONNXError) -> [UInt8] { try pieces().flatMap { $0 } }

  private func pieces() throws(ONNXError) -> [StoredBytes] {
    var model = ProtobufMessage()
    model.add(1, Self.formatVersion)
    model.add(2, "Tapestry")
    var graph = block.message
    for (name, tensor) in initializers { graph.add(5, message(name, tensor)) }
    model.add(7, graph)
    var opset = ProtobufMessage()
    opset.add(1, "")
    opset.add(2, Self.opset)
    model.add(8, opset)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      var entry = ProtobufMessage()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    if model.count > Int(Int32.max) { throw ONNXError.tooLarge(bytes: model.count) }
    return model.finish()
  }

  /// A `TensorProto`.
  private func message(_ name: String, _ tensor: StoredTensor) -> ProtobufMessage {
    var message = ProtobufMessage()
    if !tensor.shape.isEmpty { message.add(packed: 1, tensor.shape) }
    message.add(2, ONNXElementType(tensor.dtype)!.rawValue)
    message.add(8, name)
    message.add(9, tensor.bytes)
    return message
  }
}

extension ONNXBlock {
  /// A `GraphProto`.
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    for node in nodes { message.add(1, node.message) }
    message.add(2, name)
    for input in inputs { message.add(11, input.message) }
    for output in outputs { message.add(12, output.message) }
    return message
  }
}

extension ONNXBlock.Node {
  /// A `NodeProto`.
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    for input in inputs { message.add(1, input) }
    for output in outputs { message.add(2, output) }
    message.add(3, name)
    message.add(4, operation)
    for (key, value) in attributes { message.add(5, value.message(named: key)) }
    return message
  }
}

extension ONNXBlock.Declaration {
  /// A `ValueInfoProto`.
  fileprivate var message: ProtobufMessage {
    var tensor = ProtobufMessage()
    tensor.add(1, type.rawValue)
    if let axes {
      var shape = ProtobufMessage()
      for axis in axes {
        var dimension = ProtobufMessage()
        switch axis {
        case .size(let size): dimension.add(1, size)
        case .named(let name): dimension.add(2, name)
        }
        shape.add(1, dimension)
      }
      tensor.add(2, shape)
    }
    var type = ProtobufMessage()
    type.add(1, tensor)
    var message = ProtobufMessage()
    message.add(1, name)
    message.add(2, type)
    return message
  }
}

extension ONNXAttribute {
  /// An `AttributeProto`.
  fileprivate func message(named name: String) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, name)
    // The last field says which of them is meant.
    switch self {
    case .number(let value):
      message.add(2, value)
      message.add(20, 1)
    case .integer(let value):
      message.add(3, value)
      message.add(20, 2)
    case .text(let value):
      message.add(4, value)
      message.add(20, 3)
    case .graph(let block):
      message.add(6, block.message)
      message.add(20, 5)
    case .integers(let values):
      for value in values { message.add(8, value) }
      message.add(20, 7)
    case .texts(let values):
      for value in values { message.add(9, value) }
      message.add(20, 8)
    case .absent: break
    }
    return message
  }
}
