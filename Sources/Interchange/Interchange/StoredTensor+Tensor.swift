public import Autograd
public import Training

extension Tensor {
  /// The numbers of a tensor in a file.
  ///
  /// `Float` and `Double` take every floating type and whole numbers, each rounded to the nearest;
  /// `Int32` and `UInt8` take whole numbers that fit; `Bool` takes truth values.
  ///
  /// - Throws: `TensorFileError` where the file's elements are none such, or there are more than eight
  ///   axes, or one with more than 2^31 - 1 positions.
  public init(_ stored: StoredTensor) throws(TensorFileError) {
    guard stored.shape.count <= Shape.maximumRank,
      stored.shape.allSatisfy({ $0 <= Int(Int32.max) })
    else {
      throw TensorFileError(
        "at most \(Shape.maximumRank) axes of at most \(Int32.max) positions",
        found: "shape \(stored.shape)", at: stored.origin ?? .init())
    }
    let scalars: Any =
      switch Scalar.scalarType {
      case .float: stored.dtype.isWhole ? try stored.int64s().map(Float.init) : try stored.floats()
      case .double:
        stored.dtype.isWhole ? try stored.int64s().map(Double.init) : try stored.doubles()
      case .int32: try stored.int32s()
      case .uint8: try stored.uint8s()
      case .bool: try stored.bools()
      }
    self.init(scalars as! [Scalar], shape: Shape(stored.shape))
  }
}

extension StoredTensor {
  /// A tensor as it would stand in a file: `Float` as F32, `Double` as F64, `Int32` as I32, `UInt8` as
  /// U8, `Bool` as BOOL.
  public init<Scalar>(_ tensor: Tensor<Scalar>) {
    let shape = Array(tensor.shape)
    let scalars: Any = tensor.scalars
    self =
      switch Scalar.scalarType {
      case .float: .init(scalars as! [Float], shape: shape)
      case .double: .init(scalars as! [Double], shape: shape)
      case .int32: .init(scalars as! [Int32], shape: shape)
      case .uint8: .init(scalars as! [UInt8], shape: shape)
      case .bool: .init(scalars as! [Bool], shape: shape)
      }
  }

  /// The values of a tensor of bytes.
  ///
  /// - Throws: `TensorFileError` where the type is not one of whole numbers, or a value does not fit.
  func uint8s() throws(TensorFileError) -> [UInt8] {
    let values = try int64s()
    if let value = values.first(where: { UInt8(exactly: $0) == nil }) {
      throw TensorFileError(
        "whole numbers of 8 bits without a sign", found: "\(value)", at: origin ?? .init())
    }
    return values.map { UInt8(truncatingIfNeeded: $0) }
  }
}
