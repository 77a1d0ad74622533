import Platform
import Synchronization

extension Tape {
  /// Tapes that nobody uses, as addresses: what the lock guards is `Sendable`.
  private static let unused = Mutex<[UInt]>([])
  /// Operations on all tapes that have ended.
  private static let totalCount = Atomic<Int>(0)
  /// A tape keeps memory for as many records from one use to the next.
  static let mostKept = 1 << 16

  /// Number of operations on all tapes that have ended so far, on any thread.
  package static var recordedCount: Int { totalCount.load(ordering: .relaxed) }

  /// A tape for this thread: one that has ended, or a new one.
  static func begin() -> Tape {
    let tape = find()
    tape.isRecording = true
    tape.state.pointee.owner = CurrentThread.number
    tape.updateWatch()
    return tape
  }

  /// A tape for tensors of forward mode, or for a few operations that it takes back at once.
  static func begin(_ forward: ForwardMode) -> Tape {
    let tape = find()
    tape.isRecording = true
    tape.forward = forward
    tape.state.pointee.owner = CurrentThread.number
    tape.state.pointee.thread = 0
    return tape
  }

  private static func find() -> Tape {
    if let address = unused.withLock({ $0.popLast() }) {
      return Tape(state: UnsafeMutablePointer(bitPattern: address)!)
    }
    keepHeap
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: State())
    return Tape(state: state)
  }

  /// The C library gives memory back to the system whenever 128 KB at the end of its heap are free,
  /// until it has seen a larger block come and go: from then on, when it is twice that. The tensors
  /// of a tape are freed together; to give them back and take them again, page by page, took a
  /// tenth of the time of small operations. The block itself is never touched.
  private static let keepHeap: Void = {
    UnsafeMutableRawPointer.allocate(byteCount: 8 << 20, alignment: 1).deallocate()
  }()

  /// Forgets everything: to tensors which outlive it the tape is no more.
  package func finish() {
    Self.totalCount.add(records.count, ordering: .relaxed)
    isRecording = false
    state.pointee.serial.store(serial &+ 1, ordering: .relaxed)
    records.removeAll(keepingCapacity: records.capacity <= Self.mostKept)
    // One by one: to remove them all at once calls functions for each of their members.
    while var scope = scopes.popLast() {
      scope.leaves.removeAll()
      swap(&scope.leaves, &state.pointee.leaves)
    }
    rerunDepth = 0
    forward = nil
    observers = nil
    let address = UInt(bitPattern: state)
    Self.unused.withLock { $0.append(address) }
  }
}
