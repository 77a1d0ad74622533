import Platform

/// Something that many threads may use at once, or one may change while nobody uses it.
///
/// Who wants to change goes before those who come later, so that many users do not keep it waiting.
final class SharedAccess: Sendable {
  private struct State {
    var users = 0
    var isBeingChanged = false
    var waitingToChange = 0
  }

  private let room = WaitingRoom()
  /// Unsafe, as the compiler does not know that only who is in the room's lock touches it.
  private nonisolated(unsafe) var state = State()

  /// Runs the body while nobody changes anything.
  func using<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    room.withLock {
      while state.isBeingChanged || state.waitingToChange > 0 { room.wait() }
      state.users += 1
    }
    defer {
      var isLast = false
      room.withLock {
        state.users -= 1
        isLast = state.users == 0
      }
      if isLast { room.wakeAll() }
    }
    return try body()
  }

  /// Runs the body alone.
  func changing<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    room.withLock {
      state.waitingToChange += 1
      while state.isBeingChanged || state.users > 0 { room.wait() }
      state.waitingToChange -= 1
      state.isBeingChanged = true
    }
    defer {
      room.withLock { state.isBeingChanged = false }
      room.wakeAll()
    }
    return try body()
  }
}
