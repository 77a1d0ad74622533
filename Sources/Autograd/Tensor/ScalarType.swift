public import Kernels

/// The scalar types of tensors.
public enum ScalarType: UInt8, Sendable, CustomStringConvertible {
  case float, double, int32, bool

  /// Bytes of one scalar.
  @inline(__always)
  package var size: Int {
    switch self {
    case .float, .int32: 4
    case .double: 8
    case .bool: 1
    }
  }

  /// True for those whose operations are differentiated.
  package var isFloatingPoint: Bool { self == .float || self == .double }

  /// The Swift type's name.
  public var description: String {
    switch self {
    case .float: "Float"
    case .double: "Double"
    case .int32: "Int32"
    case .bool: "Bool"
    }
  }
}

/// What a tensor can hold: `Float` and `Double` for arithmetic that is differentiated, `Int32` for
/// indices, `Bool` for masks.
public protocol TensorScalar: Hashable, Sendable {
  /// The type as a value.
  static var scalarType: ScalarType { get }
}

/// `Float` and `Double`: the scalars of differentiable tensors.
public protocol FloatingPointScalar: TensorScalar, KernelScalar
where RawSignificand: FixedWidthInteger {
  /// The kernels chosen for this machine.
  static var kernels: KernelTable<Self> { get }
}

extension Float: FloatingPointScalar {
  /// `.float`
  public static var scalarType: ScalarType { .float }
  /// The kernels chosen for this machine.
  @inlinable public static var kernels: KernelTable<Float> { Processor.float }
}

extension Double: FloatingPointScalar {
  /// `.double`
  public static var scalarType: ScalarType { .double }
  /// The kernels chosen for this machine.
  @inlinable public static var kernels: KernelTable<Double> { Processor.double }
}

extension Int32: TensorScalar {
  /// `.int32`
  public static var scalarType: ScalarType { .int32 }
}

extension Bool: TensorScalar {
  /// `.bool`
  public static var scalarType: ScalarType { .bool }
}
