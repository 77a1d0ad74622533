/// Why a model cannot be written as an ONNX graph.
public enum ONNXError: Error, Equatable, CustomStringConvertible {
  /// A part of the model of which nobody has said what it is in ONNX's operators.
  ///
  /// - Parameters:
  ///   - path: where it stands in the model; empty for the model itself.
  ///   - type: its Swift type.
  ///   - conformance: the protocol that it lacks.
  case unknownLayer(path: String, type: String, conformance: String)
  /// More bytes than a file of Protocol Buffers can have.
  case tooLarge(bytes: Int)

  /// One sentence.
  public var description: String {
    switch self {
    case .unknownLayer(let path, let type, let conformance):
      "\(path.isEmpty ? "the model" : path) is of type \(type), which says nothing of its ONNX "
        + "operators: conform it to \(conformance)"
    case .tooLarge(let bytes):
      "the graph takes \(bytes) bytes; a file of ONNX has fewer than 2147483648"
    }
  }
}
