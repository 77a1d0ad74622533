public import Autograd
import Training

/// The type of the elements of a value in an ONNX graph; raw values are those of `TensorProto`.
public enum ONNXElementType: Int, Sendable {
  case float = 1
  case int32 = 6
  case int64 = 7
  case bool = 9
  case double = 11

  /// The smallest finite number, as a constant of a graph: what is masked before a softmax.
  var lowest: Double {
    self == .float ? -Double(Float.greatestFiniteMagnitude) : -Double.greatestFiniteMagnitude
  }

  /// What a tensor in a file has, if a graph can have it.
  init?(_ dtype: StoredTensor.DType) {
    switch dtype {
    case .float32: self = .float
    case .float64: self = .double
    case .int32: self = .int32
    case .int64: self = .int64
    case .bool: self = .bool
    default: return nil
    }
  }
}

extension FloatingPointScalar {
  /// What ONNX calls this type.
  public static var onnxType: ONNXElementType { scalarType == .float ? .float : .double }
}
