/// Something that MPI does in the background. One that is let go is waited for.
final class PendingRequest {
  private let group: ProcessGroup
  private let name: String
  /// MPI's handle, in memory that stays where it is.
  private let request: UnsafeMutablePointer<Int>
  private var isOver = false

  /// - Parameters:
  ///   - name: that of the function, without `MPI_I`.
  ///   - begin: calls it.
  init(
    _ group: ProcessGroup, _ name: String,
    _ begin: (MPIFunctions, MPIHandles, UnsafeMutablePointer<Int>) -> CInt
  ) throws(MPIError) {
    self.group = group
    self.name = name
    request = .allocate(capacity: 1)
    request.initialize(to: 0)
    do {
      try group.library.check(name, begin(group.library.functions, group.library.handles, request))
    } catch {
      isOver = true
      throw error
    }
  }

  deinit {
    try? wait()
    request.deallocate()
  }

  /// Whether it is over. Asking gives MPI the occasion to go on with it.
  func isFinished() throws(MPIError) -> Bool {
    if isOver { return true }
    var flag: CInt = 0
    let (functions, handles) = (group.library.functions, group.library.handles)
    let ignored = UnsafeMutableRawPointer(bitPattern: handles.ignoredStatus)
    try group.library.check("Test", functions.test(request, &flag, ignored))
    isOver = flag != 0
    return isOver
  }

  /// Waits for its end.
  func wait() throws(MPIError) {
    if isOver { return }
    isOver = true
    try group.waiting("Wait") { functions, handles in
      functions.wait(request, UnsafeMutableRawPointer(bitPattern: handles.ignoredStatus))
    }
  }
}
