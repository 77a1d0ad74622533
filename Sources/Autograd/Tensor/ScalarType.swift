public import Kernels

/// The scalar types of tensors.
public enum ScalarType: UInt8, Sendable, CustomStringConvertible {
  case float, double, int32, bool, uint8

  /// Bytes of one scalar.
  @inline(__always)
  package var size: Int {
    switch self {
    case .float, .int32: 4
    case .double: 8
    case .bool, .uint8: 1
    }
  }

  /// True for those whose operations are differentiated.
  package var isFloatingPoint: Bool {
    switch self {
    case .float, .double: true
    case .int32, .bool, .uint8: false
    }
  }

  /// The Swift type's name.
  public var description: String {
    switch self {
    case .float: "Float"
    case .double: "Double"
    case .int32: "Int32"
    case .bool: "Bool"
    case .uint8: "UInt8"
    }
  }
}

// A function of tensors that is written once for all types, `run(Scalar.self)`, is called by way of
// these: each names a form for every type, so that the compiler finds all places when one is added.
extension ScalarType {
  /// The form for a floating-point type; traps, with the operation's name, at any other.
  @inline(__always)
  package func floatingPoint<Result>(
    _ operation: @autoclosure () -> String, _ float: @autoclosure () -> Result,
    _ double: @autoclosure () -> Result
  ) -> Result {
    switch self {
    case .float: float()
    case .double: double()
    case .int32, .bool, .uint8: Compute.wrongType(operation(), self)
    }
  }

  /// The form for a type of whole numbers; traps, with the operation's name, at any other.
  @inline(__always)
  package func integer<Result>(
    _ operation: @autoclosure () -> String, _ int32: @autoclosure () -> Result,
    _ uint8: @autoclosure () -> Result
  ) -> Result {
    switch self {
    case .int32: int32()
    case .uint8: uint8()
    case .float, .double, .bool: trap("\(operation()) is for whole numbers, not for \(self)")
    }
  }

  /// The form for a type of numbers; traps, with the operation's name, at truth values.
  @inline(__always)
  package func number<Result>(
    _ operation: @autoclosure () -> String, _ float: @autoclosure () -> Result,
    _ double: @autoclosure () -> Result, _ int32: @autoclosure () -> Result,
    _ uint8: @autoclosure () -> Result
  ) -> Result {
    switch self {
    case .float: float()
    case .double: double()
    case .int32: int32()
    case .uint8: uint8()
    case .bool: trap("\(operation()) is for tensors of numbers, not of \(self)")
    }
  }

  /// The form for words of the type's size, for what only moves elements.
  @inline(__always)
  package func word<Result>(
    _ one: @autoclosure () -> Result, _ four: @autoclosure () -> Result,
    _ eight: @autoclosure () -> Result
  ) -> Result {
    switch size {
    case 1: one()
    case 4: four()
    default: eight()
    }
  }
}

/// What a tensor can hold: `Float` and `Double` for arithmetic that is differentiated, `Int32` and
/// `UInt8` for whole numbers, `Bool` for truth values.
public protocol TensorScalar: Hashable, Sendable {
  /// The type as a value.
  static var scalarType: ScalarType { get }
}

/// The scalars of tensors that one can compute with: all but `Bool`.
public protocol NumericScalar: TensorScalar, Numeric, Comparable {}

/// `Float` and `Double`: the scalars of differentiable tensors.
public protocol FloatingPointScalar: NumericScalar, KernelScalar
where RawSignificand: FixedWidthInteger {
  /// The kernels chosen for this machine.
  static var kernels: any KernelSet<Self>.Type { get }
}

/// `Int32` and `UInt8`: whole numbers.
public protocol IntegerScalar: NumericScalar, FixedWidthInteger {}

extension Float: FloatingPointScalar {
  /// `.float`
  public static var scalarType: ScalarType { .float }
  /// The kernels chosen for this machine.
  @inlinable public static var kernels: any KernelSet<Float>.Type { Processor.float }
}

extension Double: FloatingPointScalar {
  /// `.double`
  public static var scalarType: ScalarType { .double }
  /// The kernels chosen for this machine.
  @inlinable public static var kernels: any KernelSet<Double>.Type { Processor.double }
}

extension Int32: IntegerScalar {
  /// `.int32`
  public static var scalarType: ScalarType { .int32 }
}

extension UInt8: IntegerScalar {
  /// `.uint8`
  public static var scalarType: ScalarType { .uint8 }
}

extension Bool: TensorScalar {
  /// `.bool`
  public static var scalarType: ScalarType { .bool }
}

extension TensorScalar {
  /// The scalar as a `Double`, which holds each of them exactly; true is 1.
  @inline(__always)
  package var number: Double {
    switch Self.scalarType {
    case .float: Double(unsafeBitCast(self, to: Float.self))
    case .double: unsafeBitCast(self, to: Double.self)
    case .int32: Double(unsafeBitCast(self, to: Int32.self))
    case .uint8: Double(unsafeBitCast(self, to: UInt8.self))
    case .bool: unsafeBitCast(self, to: Bool.self) ? 1 : 0
    }
  }
}
