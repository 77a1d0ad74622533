import Platform

/// The values that C's header gives names to, in one of the three binary interfaces.
///
/// A handle is a pointer with Open MPI and in the standard interface of MPI 5, and an `int` with MPICH.
/// Here it is an `Int` everywhere: a C function that takes an `int` reads the low half of it.
struct MPIHandles: Sendable {
  /// Where a library's values come from.
  enum Interface: String, Sendable {
    /// Addresses of variables of the library.
    case openMPI = "Open MPI"
    /// Numbers that MPICH, Intel MPI, MVAPICH and Cray's MPI have agreed upon.
    case mpich = "MPICH"
    /// Numbers of the standard (MPI 5.0, chapter 20).
    case standard = "MPI 5"
  }

  /// `MPI_COMM_WORLD`: all processes of the job.
  let world: Int
  let float: Int
  let double: Int
  let int32: Int
  let byte: Int
  let sum: Int
  let maximum: Int
  /// `MPI_ERRORS_RETURN`: a call that fails says so, and ends nothing.
  let errorsReturn: Int
  /// `MPI_IN_PLACE`, an address that stands for the other buffer.
  let inPlace: Int
  /// `MPI_STATUS_IGNORE`, an address as well.
  let ignoredStatus: Int
  /// `MPI_THREAD_SERIALIZED`: any thread may call, but one at a time.
  let serialized: CInt

  static let mpich = MPIHandles(
    world: 0x4400_0000, float: 0x4c00_040a, double: 0x4c00_080b, int32: 0x4c00_0439,
    byte: 0x4c00_010d, sum: 0x5800_0003, maximum: 0x5800_0001, errorsReturn: 0x5400_0001,
    inPlace: -1, ignoredStatus: 1, serialized: 2)

  static let standard = MPIHandles(
    world: 0x101, float: 0x210, double: 0x214, int32: 0x250, byte: 0x247, sum: 0x21,
    maximum: 0x23, errorsReturn: 0x143, inPlace: 1, ignoredStatus: 0, serialized: 2048)

  /// Those of an Open MPI; nil where a variable is missing.
  static func openMPI(_ library: DynamicLibrary) -> MPIHandles? {
    func handle(_ name: String) -> Int? {
      library.address(of: "ompi_mpi_\(name)").map { Int(bitPattern: $0) }
    }
    guard let world = handle("comm_world"), let float = handle("float"),
      let double = handle("double"), let int32 = handle("int32_t"), let byte = handle("byte"),
      let sum = handle("op_sum"), let maximum = handle("op_max"),
      let errorsReturn = handle("errors_return")
    else { return nil }
    return MPIHandles(
      world: world, float: float, double: double, int32: int32, byte: byte, sum: sum,
      maximum: maximum, errorsReturn: errorsReturn, inPlace: 1, ignoredStatus: 0, serialized: 2)
  }
}
