/// What processes send one another: `Float`, `Double`, `Int32` and bytes.
public protocol GroupScalar: BitwiseCopyable, Sendable {
  /// MPI's name of the type.
  static func datatype(in library: MPIDatatypes) -> MPIDatatype
}

/// Numbers that can be summed up over processes, and of which the largest can be taken.
public protocol ReducibleScalar: GroupScalar {}

/// A library's names of types.
public struct MPIDatatypes {
  let handles: MPIHandles
}

/// A library's name of a type.
public struct MPIDatatype {
  let handle: Int
}

extension Float: ReducibleScalar {
  /// `MPI_FLOAT`
  public static func datatype(in library: MPIDatatypes) -> MPIDatatype {
    MPIDatatype(handle: library.handles.float)
  }
}

extension Double: ReducibleScalar {
  /// `MPI_DOUBLE`
  public static func datatype(in library: MPIDatatypes) -> MPIDatatype {
    MPIDatatype(handle: library.handles.double)
  }
}

extension Int32: ReducibleScalar {
  /// `MPI_INT32_T`
  public static func datatype(in library: MPIDatatypes) -> MPIDatatype {
    MPIDatatype(handle: library.handles.int32)
  }
}

extension UInt8: GroupScalar {
  /// `MPI_BYTE`
  public static func datatype(in library: MPIDatatypes) -> MPIDatatype {
    MPIDatatype(handle: library.handles.byte)
  }
}

/// How the numbers of all ranks become one.
public enum Reduction: Sendable, CaseIterable {
  /// Their sum.
  case sum
  /// The largest.
  case maximum

  func handle(in handles: MPIHandles) -> Int {
    switch self {
    case .sum: handles.sum
    case .maximum: handles.maximum
    }
  }
}
