import Platform
import Synchronization

/// The record of a computation: one growing array, in the order of execution, which is already the
/// topological order that the backward pass needs. Freeing it is freeing the array; nothing is
/// linked, nothing recurses.
///
/// A tape belongs to one call of `valueWithGradient` (and those nested in it) on one thread. Tapes
/// are few, and used again: a tape's memory is never freed, so that values refer to it without
/// counting references, which took a third of the time of a small operation. What a value
/// remembers of a tape that has ended since is told by the tape's `serial`.
package struct Tape: Equatable {
  /// How an operation takes a gradient back to its operands.
  package enum Pullback {
    /// A leaf, or a record whose pullback has been used up.
    case none
    /// The gradient of the only operand.
    case unary((UntypedTensor) -> UntypedTensor)
    /// The gradient of the operand with the given number, of two or three, asked for only where it
    /// is needed.
    case binary((UntypedTensor, Int) -> UntypedTensor)
    /// The gradient of the operand with the given number, by a function without captures that is
    /// given the two values.
    case saving(Kept, UntypedTensor, SavingRule)
    /// The gradients of any number of operands, from those of any number of results; a result that
    /// nothing depends on has none, and so has an operand for which none is needed.
    case many(operands: [Int32], results: Int, ([UntypedTensor?], [Bool]) -> [UntypedTensor?])
    /// The gradients of any number of operands, from that of one result, which can be computed once
    /// more from what the pullback keeps.
    case renewable(Renewal, ([UntypedTensor?], [Bool]) -> [UntypedTensor?])
    /// Adds to the operand's gradient in place of returning one: `(gradient, operand's so far)`.
    /// For views of a part, whose gradients would otherwise each be as large as the whole.
    case part(
      shape: Shape, (UntypedTensor) -> UntypedTensor, (UntypedTensor, UntypedTensor) -> Void)
  }

  /// The gradient of the operand with the given number: `(gradient, operand, saved, saved)`.
  package typealias SavingRule = (UntypedTensor, Int, Kept, UntypedTensor) -> UntypedTensor

  /// One operation.
  package struct Record {
    package let name: StaticString
    var first: Int32
    var second: Int32
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

  /// Appends the record of an operation with one operand.
  package func record(
    _ name: StaticString, _ result: UntypedTensor, _ x: UntypedTensor,
    _ pullback: consuming @escaping (UntypedTensor) -> UntypedTensor
  ) {
    if isWatched { return recordWatched(name, [result], [x], .unary(pullback), .transpose) }
    append(Record(name: name, first: x.index, second: -1, pullback: .unary(pullback)), result)
  }

  /// Appends the record of an operation with two operands, of which either may be a constant.
  package func record(
    _ name: StaticString, _ result: UntypedTensor, _ a: UntypedTensor, _ b: UntypedTensor,
    _ pullback: consuming @escaping (UntypedTensor, Int) -> UntypedTensor
  ) {
    if isWatched { return recordWatched(name, [result], [a, b], .binary(pullback), .transpose) }
    append(a, b, name, result, .binary(pullback))
  }

  /// Where the value stands on this tape; -1 where it does not.
  @inline(__always)
  func index(of x: UntypedTensor) -> Int32 { x.index >= 0 && x.isOn(self) ? x.index : -1 }

  /// Where the value stands on this tape; -1 where it does not, or where there is none.
  @inline(__always)
  package func index(of x: UntypedTensor?) -> Int32 {
    if let x { return index(of: x) }
    return -1
  }

  @inline(__always)
  func append(
    _ a: UntypedTensor, _ b: UntypedTensor, _ name: StaticString, _ result: UntypedTensor,
    _ pullback: consuming Pullback
  ) {
    append(
      Record(name: name, first: index(of: a), second: index(of: b), pullback: pullback), result)
  }

  /// Appends the record of an operation with any number of operands and results; the pullback
  /// gets a gradient for each result and is told for which operands one is needed.
  package func record(
    _ name: StaticString, results: [UntypedTensor], operands: [UntypedTensor],
    _ pullback: consuming @escaping ([UntypedTensor?], [Bool]) -> [UntypedTensor?]
  ) {
    if isWatched { return recordWatched(name, results, operands, .many(pullback), .transpose) }
    append(name, results, operands.map { index(of: $0) }, consume pullback)
  }

  @inline(__always)
  func append(
    _ name: StaticString, _ results: [UntypedTensor], _ operands: consuming [Int32],
    _ pullback: consuming @escaping ([UntypedTensor?], [Bool]) -> [UntypedTensor?]
  ) {
    let index = state.pointee.records.count
    // Where they are: a value that is taken out counts a reference.
    results.withUnsafeBufferPointer { results in
      for position in results.indices { results[position].join(self, at: index + position) }
    }
    let count = results.count
    state.pointee.records.append(
      Record(
        name: name, first: -1, second: -1,
        pullback: .many(operands: consume operands, results: count, consume pullback)))
    for _ in results.indices.dropFirst() {
      state.pointee.records.append(Record(name: name, first: -1, second: -1, pullback: .none))
    }
  }

  /// Appends the record of a view of a part of `x`, which is the same view of `x`'s tangent.
  package func record(
    _ name: StaticString, _ result: UntypedTensor, partOf x: UntypedTensor,
    part: (UntypedTensor) -> UntypedTensor,
    _ whole: @escaping (UntypedTensor) -> UntypedTensor,
    addingTo add: @escaping (UntypedTensor, UntypedTensor) -> Void
  ) {
    if isWatched {
      return withoutActuallyEscaping(part) { part in
        recordWatched(name, [result], [x], .part(whole, add), .linear(part))
      }
    }
    append(
      Record(
        name: name, first: x.index, second: -1,
        pullback: .part(shape: x.shape, whole, add)),
      result)
  }

  /// A new leaf with the memory of `x`; where `x` is on this tape, gradients flow on to it.
  package func leaf(_ x: consuming UntypedTensor) -> UntypedTensor {
    let index = self.index(of: x)
    let result = UntypedTensor(sameAs: x)
    append(leaf: result, of: index)
    return result
  }

  /// Appends the record of a leaf, to which the value at `index` is passed on, if that is a position.
  func append(leaf: UntypedTensor, of index: Int32) {
    if index >= 0 {
      append(Record(name: Self.identity, first: index, second: -1, pullback: .unary { $0 }), leaf)
    } else {
      append(Record(name: "leaf", first: -1, second: -1, pullback: .none), leaf)
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

  @inline(__always)
  func append(_ record: consuming Record, _ result: UntypedTensor) {
    result.join(self, at: state.pointee.records.count)
    state.pointee.records.append(record)
  }

  /// Forgets the records from `start` on, to which no value refers that is still in use.
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
  // Where they are: a value that is taken out counts a reference.
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
