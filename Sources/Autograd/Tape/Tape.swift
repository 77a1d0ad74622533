import Platform
import Synchronization

/// The record of a computation: one growing array, in the order of execution, which is already the
/// topological order that the backward pass needs. Freeing it is freeing the array; nothing is
/// linked, nothing recurses.
///
/// A tape belongs to one call of `valueWithGradient` (and those nested in it) on one thread. Tapes
/// are few, and used again: a tape's memory is never freed, so that tensors refer to it without
/// counting references, which took a third of the time of a small operation. What a tensor
/// remembers of a tape that has ended since is told by the tape's `serial`.
package struct Tape: Equatable {
  /// One operation.
  package struct Record {
    package let name: StaticString
    /// Where up to three operands stand; -1 is one that is not there, or is a constant.
    var first: Int32 = -1
    var second: Int32 = -1
    var third: Int32 = -1
    var pullback: Pullback
  }

  /// What there is to know of a tape, in memory of its own for ever.
  struct State: ~Copyable {
    let serial = Atomic<UInt32>(1)
    var records: [Record] = []
    var isRecording = true
    var scopes: [Scope] = []
    /// The emptied leaves of the call that has ended.
    var leaves = Leaves()
    /// What the backward pass before worked in; nil while one is under way.
    var room: PassRoom?
    var rerunDepth = 0
    var usesUpRecords = false
    var forward: ForwardMode?
    var observers: Observers?
    var owner: UInt = 0
    /// The owner, or nothing while each operation takes the long way (`recordWatched`): one
    /// comparison finds both that and a wrong thread.
    var thread: UInt = 0
  }

  let state: UnsafeMutablePointer<State>

  package var records: [Record] {
    _read { yield state.pointee.records }
    nonmutating _modify { yield &state.pointee.records }
  }
  /// Whether operations come here at all; see `isReversing`.
  package internal(set) var isRecording: Bool {
    get { state.pointee.isRecording }
    nonmutating set { state.pointee.isRecording = newValue }
  }
  /// Parameters that have joined, innermost call of `valueWithGradient` last.
  package var scopes: [Scope] {
    _read { yield state.pointee.scopes }
    nonmutating _modify { yield &state.pointee.scopes }
  }
  /// Whether a backward pass runs that comes to each record for the last time, so that a pullback may
  /// change in place what nobody but itself has.
  package internal(set) var usesUpRecords: Bool {
    get { state.pointee.usesUpRecords }
    nonmutating set { state.pointee.usesUpRecords = newValue }
  }
  /// How many checkpointed segments, one within another, run for the second time.
  var rerunDepth: Int {
    get { state.pointee.rerunDepth }
    nonmutating set { state.pointee.rerunDepth = newValue }
  }
  /// Whether what runs has run before, so that layers with a state of their own, as the running
  /// statistics of batches, leave it alone.
  package var isRerun: Bool { rerunDepth > 0 }
  /// The calls of `jacobianVectorProduct` that run on this thread.
  var forward: ForwardMode? {
    get { state.pointee.forward }
    nonmutating set { state.pointee.forward = newValue }
  }
  /// Who wants to know of each operation.
  var observers: Observers? {
    get { state.pointee.observers }
    nonmutating set { state.pointee.observers = newValue }
  }
  /// Which of the tapes that have used this memory this is. It changes when the tape ends; other
  /// threads may look at it.
  var serial: UInt32 { state.pointee.serial.load(ordering: .relaxed) }

  /// A tape in one of its uses.
  struct Identity: Equatable {
    let tape: Tape
    let serial: UInt32
  }

  var identity: Identity { Identity(tape: self, serial: serial) }

  /// To be called when `forward` or `observers` has changed.
  func updateWatch() {
    state.pointee.thread = forward == nil && observers == nil ? state.pointee.owner : 0
  }

  /// Whether operations are recorded for a backward pass. Not so during a backward pass that need
  /// not be differentiated itself, and in `withoutGradient`.
  package var isReversing: Bool {
    get { forward?.isReversing ?? isRecording }
    nonmutating set {
      if let forward {
        forward.isReversing = newValue
      } else {
        isRecording = newValue
      }
    }
  }

  // MARK: Recording

  /// Appends the record of an operation with one to three operands, any of which may be a constant.
  ///
  /// - Parameter rule: how the operation is differentiated.
  @inline(__always)
  package func record(
    _ name: StaticString, _ result: UntypedTensor, of a: UntypedTensor, _ b: UntypedTensor? = nil,
    _ c: UntypedTensor? = nil, by rule: @autoclosure () -> DerivativeRule
  ) {
    if isWatched {
      if isOfInterest(name) { recordWatched(name, result, a, b, c, rule()) }
      return
    }
    append(
      Record(
        name: name, first: index(of: a), second: index(of: b), third: index(of: c),
        pullback: rule().pullback), result)
  }

  /// Appends the record of an operation with any number of operands and results.
  @inline(__always)
  package func record(
    _ name: StaticString, _ results: [UntypedTensor], of operands: [UntypedTensor],
    by rule: @autoclosure () -> DerivativeRule
  ) {
    record(
      name, results, of: operands.map { $0 }, at: operands.map { index(of: $0) }, by: rule())
  }

  /// Appends the record of an operation with any number of results, and of operands of which some may
  /// be lacking. These keep their positions in the lists of tangents, of gradients and of what is
  /// needed.
  ///
  /// - Parameter indices: where the operands stand (`index(of:)`); they are listed themselves only
  ///   where that takes the long way.
  @inline(__always)
  package func record(
    _ name: StaticString, _ results: [UntypedTensor],
    of operands: @autoclosure () -> [UntypedTensor?], at indices: @autoclosure () -> [Int32],
    by rule: @autoclosure () -> DerivativeRule
  ) {
    if isWatched {
      if isOfInterest(name) { recordWatched(name, results, operands(), rule()) }
      return
    }
    append(name, results, indices(), rule().pullback)
  }

  /// Where a tensor stands on this tape; -1 where it does not.
  @inline(__always)
  func index(of x: UntypedTensor) -> Int32 { x.index >= 0 && x.isOn(self) ? x.index : -1 }

  /// Where a tensor stands on this tape; -1 where it does not, or where there is none.
  @inline(__always)
  package func index(of x: UntypedTensor?) -> Int32 {
    if let x { return index(of: x) }
    return -1
  }

  @inline(__always)
  func append(_ record: consuming Record, _ result: UntypedTensor) {
    result.join(self, at: state.pointee.records.count)
    state.pointee.records.append(record)
  }

  /// Appends the record of an operation whose pullback is of all operands at once.
  @inline(__always)
  func append(
    _ name: StaticString, _ results: [UntypedTensor], _ operands: consuming [Int32],
    _ pullback: consuming Pullback
  ) {
    let index = state.pointee.records.count
    // Where they are: a tensor that is taken out counts a reference.
    results.withUnsafeBufferPointer { results in
      for position in results.indices { results[position].join(self, at: index + position) }
    }
    pullback.takePlace(on: self, at: index, results, operands)
    state.pointee.records.append(Record(name: name, pullback: pullback))
    for _ in results.indices.dropFirst() {
      state.pointee.records.append(Record(name: name, pullback: .none))
    }
  }

  /// A new leaf with the memory of `x`; where `x` is on this tape, gradients flow on to it.
  package func leaf(_ x: consuming UntypedTensor) -> UntypedTensor {
    let index = self.index(of: x)
    let result = UntypedTensor(sameAs: x)
    append(leaf: result, of: index)
    return result
  }

  /// Appends the record of a leaf from which gradients flow on to `index`, if that is a position.
  func append(leaf: UntypedTensor, of index: Int32) {
    if index >= 0 {
      append(Record(name: Self.identity, first: index, pullback: .each { dy, _ in dy }), leaf)
    } else {
      append(Record(name: "leaf", pullback: .none), leaf)
    }
  }

  /// The name of a leaf's record that lets gradients flow on.
  static let identity: StaticString = "identity"

  /// Whether operations take the long way; true on a wrong thread, too.
  @inline(__always)
  var isWatched: Bool { state.pointee.thread != CurrentThread.number }

  /// Ends the program where the tape belongs to another thread.
  func checkThread(_ name: StaticString) {
    if state.pointee.owner != CurrentThread.number {
      trap("\(name): a tensor was recorded on one thread and used on another")
    }
  }

  /// Forgets the records from `start` on, to which no tensor refers that is still in use.
  func drop(from start: Int) { records.removeSubrange(start...) }
}

/// The tape to record on: that of the operand, if it has one that records.
@inline(__always)
package func recording(_ x: UntypedTensor) -> Tape? {
  if x.index >= 0, let tape = x.tape, tape.isRecording { return tape }
  return nil
}

/// The tape to record on: that of either operand.
@inline(__always)
package func recording(_ a: UntypedTensor, _ b: UntypedTensor) -> Tape? {
  recording(a) ?? recording(b)
}

/// The tape to record on: that of any operand.
package func recording(_ operands: [UntypedTensor]) -> Tape? {
  // Where they are: a tensor that is taken out counts a reference.
  operands.withUnsafeBufferPointer { operands in
    for position in operands.indices {
      if let tape = recording(operands[position]) { return tape }
    }
    return nil
  }
}

/// The tape to record on: that of any operand that is there.
package func recording(_ operands: [UntypedTensor?]) -> Tape? {
  operands.withUnsafeBufferPointer { operands in
    for position in operands.indices {
      if let operand = operands[position], let tape = recording(operand) { return tape }
    }
    return nil
  }
}
