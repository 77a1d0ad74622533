import Platform

/// The functions of MPI's C interface that are called here, by their names without `MPI_`.
///
/// Handles are `Int` (`MPIHandles`), a place for a handle is as wide as a pointer.
struct MPIFunctions: Sendable {
  typealias Address = UnsafeMutableRawPointer?
  typealias Handle = Int
  typealias Count = UnsafeMutablePointer<CInt>

  let initThread: @convention(c) (Address, Address, CInt, Count) -> CInt
  let initialized: @convention(c) (Count) -> CInt
  let finalize: @convention(c) () -> CInt
  let finalized: @convention(c) (Count) -> CInt
  let abort: @convention(c) (Handle, CInt) -> CInt
  let setErrorHandler: @convention(c) (Handle, Handle) -> CInt
  let errorString: @convention(c) (CInt, UnsafeMutablePointer<CChar>, Count) -> CInt
  let rank: @convention(c) (Handle, Count) -> CInt
  let size: @convention(c) (Handle, Count) -> CInt
  let duplicate: @convention(c) (Handle, Request) -> CInt

  let barrier: @convention(c) (Handle) -> CInt
  let broadcast: @convention(c) (Address, CInt, Handle, CInt, Handle) -> CInt
  let allReduce: @convention(c) (Address, Address, CInt, Handle, Handle, Handle) -> CInt
  let gather: @convention(c) (Address, CInt, Handle, Address, CInt, Handle, CInt, Handle) -> CInt
  let gatherUnequal:
    @convention(c) (
      Address, CInt, Handle, Address, UnsafePointer<CInt>?, UnsafePointer<CInt>?, Handle, CInt,
      Handle
    ) -> CInt

  typealias Request = UnsafeMutablePointer<Int>
  let beginBarrier: @convention(c) (Handle, Request) -> CInt
  let beginBroadcast: @convention(c) (Address, CInt, Handle, CInt, Handle, Request) -> CInt
  let beginAllReduce:
    @convention(c) (Address, Address, CInt, Handle, Handle, Handle, Request) -> CInt
  let beginGather:
    @convention(c) (Address, CInt, Handle, Address, CInt, Handle, CInt, Handle, Request) -> CInt
  typealias Counts = UnsafePointer<CInt>?
  /// `v`: what is sent to, or comes from, each rank has a length and a place of its own. The lists stay where
  /// they are until it is over.
  let beginAllToAll:
    @convention(c) (
      Address, Counts, Counts, Handle, Address, Counts, Counts, Handle, Handle, Request
    ) -> CInt
  let beginAllGather:
    @convention(c) (Address, CInt, Handle, Address, Counts, Counts, Handle, Handle, Request) -> CInt
  let wait: @convention(c) (Request, Address) -> CInt
  let test: @convention(c) (Request, Count, Address) -> CInt

  /// What a library lacks.
  struct Missing: Error {
    let function: String
  }

  init(_ library: DynamicLibrary) throws(Missing) {
    func function<Function>(_ name: String) throws(Missing) -> Function {
      guard let address = library.address(of: "MPI_\(name)") else {
        throw Missing(function: "MPI_\(name)")
      }
      return unsafeBitCast(address, to: Function.self)
    }
    initThread = try function("Init_thread")
    initialized = try function("Initialized")
    finalize = try function("Finalize")
    finalized = try function("Finalized")
    abort = try function("Abort")
    setErrorHandler = try function("Comm_set_errhandler")
    errorString = try function("Error_string")
    rank = try function("Comm_rank")
    size = try function("Comm_size")
    duplicate = try function("Comm_dup")
    barrier = try function("Barrier")
    broadcast = try function("Bcast")
    allReduce = try function("Allreduce")
    gather = try function("Gather")
    gatherUnequal = try function("Gatherv")
    beginBarrier = try function("Ibarrier")
    beginBroadcast = try function("Ibcast")
    beginAllReduce = try function("Iallreduce")
    beginGather = try function("Igather")
    beginAllToAll = try function("Ialltoallv")
    beginAllGather = try function("Iallgatherv")
    wait = try function("Wait")
    test = try function("Test")
  }
}
