import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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
    case unary((Value) -> Value)
    /// The gradient of the operand with the given number, of two or three, asked for only where it
    /// is needed.
    case binary((Value, Int) -> Value)
    /// The same of a function without captures, to which the two values are given.
    case saving(Value, Value, SavingRule)
    /// The gradients of any number of operands, from those of any number of results; a result that
    /// nothing depends on has none, and so has an operand for which none is needed.
    case many(operands: [Int32], results: Int, ([Value?], [Bool]) -> [Value?])
    /// The same of one result, which can be computed once more from what the pullback keeps.
    case renewable(Renewal, ([Value?], [Bool]) -> [Value?])
    /// Adds to the operand's gradient in place of returning one: `(gradient, operand's so far)`.
    /// For views of a part, whose gradients would otherwise each be as large as the whole.
    case part(shape: Shape, (Value) -> Value, (Value, Value) -> Void)
  }

  /// The gradient of the operand with the given number: `(gradient, operand, saved, saved)`.
  package typealias SavingRule = (Value, Int, Value, Value) -> Value

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
    _ name: StaticString, _ result: Value, _ x: Value, _ pullback: @escaping (Value) -> Value
  ) {
    if isWatched { return recordWatched(name, [result], [x], .unary(pullback), .transpose) }
    append(Record(name: name, first: x.index, second: -1, pullback: .unary(pullback)), result)
  }

  /// Appends the record of an operation with two operands, of which either may be a constant.
  package func record(
    _ name: StaticString, _ result: Value, _ a: Value, _ b: Value,
    _ pullback: @escaping (Value, Int) -> Value
  ) {
    if isWatched { return recordWatched(name, [result], [a, b], .binary(pullback), .transpose) }
    append(a, b, name, result, .binary(pullback))
  }

  /// Where the value stands on this tape; -1 where it does not.
  @inline(__always)
  func place(of x: Value) -> Int32 { x.index >= 0 && x.isOn(self) ? x.index : -1 }

  /// The same where the value may be lacking.
  @inline(__always)
  package func place(of x: Value?) -> Int32 {
    if let x { return place(of: x) }
    return -1
  }

  @inline(__always)
  func append(
    _ a: Value, _ b: Value, _ name: StaticString, _ result: Value, _ pullback: Pullback
  ) {
    append(
      Record(name: name, first: place(of: a), second: place(of: b), pullback: pullback), result)
  }

  /// Appends the record of an operation with any number of operands and results; the pullback
  /// gets a gradient for each result and is told for which operands one is needed.
  package func record(
    _ name: StaticString, results: [Value], operands: [Value],
    _ pullback: @escaping ([Value?], [Bool]) -> [Value?]
  ) {
    if isWatched { return recordWatched(name, results, operands, .many(pullback), .transpose) }
    append(name, results, operands.map { place(of: $0) }, pullback)
  }

  func append(
    _ name: StaticString, _ results: [Value], _ operands: [Int32],
    _ pullback: @escaping ([Value?], [Bool]) -> [Value?]
  ) {
    let body = Pullback.many(operands: operands, results: results.count, pullback)
    append(Record(name: name, first: -1, second: -1, pullback: body), results[0])
    for position in 1..<Swift.max(results.count, 1) {
      append(Record(name: name, first: -1, second: -1, pullback: .none), results[position])
    }
  }

  /// Appends the record of a view of a part of `x`, which is the same view of `x`'s tangent.
  package func record(
    _ name: StaticString, _ result: Value, partOf x: Value, part: (Value) -> Value,
    _ whole: @escaping (Value) -> Value, addingTo add: @escaping (Value, Value) -> Void
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
  package func leaf(_ x: consuming Value) -> Value {
    let index = place(of: x)
    let result = Value(sameAs: x)
    if index >= 0 {
      append(
        Record(name: Self.identity, first: index, second: -1, pullback: .unary { $0 }), result)
    } else {
      append(Record(name: "leaf", first: -1, second: -1, pullback: .none), result)
    }
    return result
  }

  /// The name of a leaf's record that lets gradients flow on.
  static let identity: StaticString = "identity"

  /// Whether operations take the long way; true on a wrong thread, too.
  @inline(__always)
  var isWatched: Bool { state.pointee.thread != Self.threadNumber }

  @inline(__always)
  static var threadNumber: UInt {
    #if canImport(Glibc)
      UInt(pthread_self())
    #else
      UInt(bitPattern: pthread_self())
    #endif
  }

  /// Ends the program where the tape belongs to another thread.
  func checkThread(_ name: StaticString) {
    if state.pointee.owner != Self.threadNumber {
      trap("\(name): a tensor was recorded on one thread and used on another")
    }
  }

  @inline(__always)
  func append(_ record: Record, _ result: Value) {
    result.join(self, at: state.pointee.records.count)
    state.pointee.records.append(record)
  }

  /// Forgets the records from `start` on, to which no value refers that is still in use.
  func drop(from start: Int) { records.removeSubrange(start...) }

  // MARK: Backward

  /// Gradients of a scalar with respect to the leaves, in their order; nil for a leaf on which
  /// it does not depend.
  ///
  /// - Parameters:
  ///   - seeds: the values to start from, each with the gradient that it is given.
  ///   - leaves: their indices.
  ///   - start: records before this one are not looked at.
  ///   - isDifferentiable: whether the backward pass is recorded in turn; if not, what records
  ///     have saved is freed as the pass goes by.
  ///   - keepsRecords: whether the records stay as they are, for a further pass.
  package func gradients(
    of seeds: [(value: Value, gradient: Value)], at leaves: [Int32], from start: Int,
    isDifferentiable: Bool, keepsRecords: Bool = false
  ) -> [Value?] {
    let top = seeds.reduce(-1) { Swift.max($0, Int(place(of: $1.value))) }
    return gradients(
      from: top, to: start, at: leaves, isDifferentiable: isDifferentiable,
      keepsRecords: keepsRecords
    ) { pass in
      for seed in seeds where Int(place(of: seed.value)) >= start {
        pass.add(seed.gradient, to: seed.value.index)
      }
    }
  }

  /// The same of the records from `top` down to `start`; `seed` gives the values to start from their
  /// gradients.
  @inline(never)
  func gradients(
    from top: Int, to start: Int, at leaves: [Int32], isDifferentiable: Bool,
    keepsRecords: Bool = false, seed: (inout BackwardPass) -> Void
  ) -> [Value?] {
    guard top >= start else { return leaves.map { _ in nil } }
    observers?.passBegins(on: self)
    // Forward mode sees no addition in place.
    var pass = BackwardPass(
      start: start, top: top, addsInPlace: !isDifferentiable && forward == nil,
      keepsRecords: isDifferentiable || keepsRecords)
    let (wasReversing, usedUpRecords) = (isReversing, usesUpRecords)
    isReversing = isDifferentiable
    usesUpRecords = !pass.keepsRecords
    defer {
      isReversing = wasReversing
      usesUpRecords = usedUpRecords
    }
    seed(&pass)
    keepGradients(of: leaves, &pass)
    var index = top
    while index >= start {
      step(index, &pass)
      index &-= 1
    }
    var gradients: [Value?] = []
    gradients.reserveCapacity(leaves.count)
    for leaf in leaves { gradients.append(pass.takeKept(leaf)) }
    return gradients
  }

  /// Has the gradients of leaves kept as the pass goes by: a true leaf's stays in its slot anyway,
  /// that of an inner call's leaf flows on.
  private func keepGradients(of leaves: [Int32], _ pass: inout BackwardPass) {
    // Where they are: a record that is taken out counts references.
    state.pointee.records.withUnsafeBufferPointer { records in
      for leaf in leaves where pass.contains(leaf) {
        if case .none = records[Int(leaf)].pullback { continue }
        pass.keep(leaf)
      }
    }
  }

  @inline(__always)
  private func step(_ index: Int, _ pass: inout BackwardPass) {
    var pullback = Pullback.none
    if pass.keepsRecords {
      pullback = state.pointee.records[index].pullback
    } else {
      // Moved out: what the record has saved is freed with it.
      swap(&pullback, &state.pointee.records[index].pullback)
    }
    switch consume pullback {
    case .none:
      // The further results of an operation with several stay where they are until it is reached.
      break
    case .unary(let pullback):
      guard let gradient = pass.take(index) else { return }
      let first = state.pointee.records[index].first
      guard Int(first) >= pass.start else { return }
      contribute(pullback(gradient), to: first, of: index, &pass)
    case .binary(let pullback):
      guard let gradient = pass.take(index) else { return }
      let (first, second) = operands(index)
      if Int(first) >= pass.start {
        contribute(pullback(gradient, 0), to: first, of: index, &pass)
      }
      if Int(second) >= pass.start {
        contribute(pullback(gradient, 1), to: second, of: index, &pass)
      }
      let third = state.pointee.records[index].third
      if Int(third) >= pass.start {
        contribute(pullback(gradient, 2), to: third, of: index, &pass)
      }
    case .saving(let a, let b, let rule):
      guard let gradient = pass.take(index) else { return }
      let (first, second) = operands(index)
      if Int(first) >= pass.start {
        contribute(rule(gradient, 0, a, b), to: first, of: index, &pass)
      }
      if Int(second) >= pass.start {
        contribute(rule(gradient, 1, a, b), to: second, of: index, &pass)
      }
    case .part(let shape, let whole, let add):
      guard let gradient = pass.take(index) else { return }
      let first = state.pointee.records[index].first
      if Int(first) >= pass.start { pass.add(gradient, to: first, shape, whole, add) }
      observers?.tookBack(records[index].name, [gradient], on: self, at: index)
    case .many(let operands, let results, let pullback):
      takeBack(index, operands, results, pullback, &pass)
    case .renewable(let renewal, let pullback):
      takeBack(index, renewal.operands, 1, pullback, &pass)
    }
  }

  @inline(__always)
  private func operands(_ index: Int) -> (Int32, Int32) {
    (state.pointee.records[index].first, state.pointee.records[index].second)
  }

  /// Adds what an operation contributes to the gradient of an operand.
  @inline(__always)
  private func contribute(
    _ part: consuming Value, to operand: Int32, of index: Int, _ pass: inout BackwardPass
  ) {
    if state.pointee.observers != nil {
      observers?.tookBack(records[index].name, [copy part], on: self, at: index)
    }
    pass.add(part, to: operand)
  }

  private func takeBack(
    _ index: Int, _ operands: [Int32], _ results: Int,
    _ pullback: ([Value?], [Bool]) -> [Value?], _ pass: inout BackwardPass
  ) {
    var isReached = false
    var gradients: [Value?] = []
    gradients.reserveCapacity(results)
    for result in index..<(index + results) {
      let gradient = pass.take(result)
      if gradient != nil { isReached = true }
      gradients.append(gradient)
    }
    guard isReached else { return }
    let needed = operands.map { Int($0) >= pass.start }
    var contributions = pullback(gradients, needed)
    if state.pointee.observers != nil {
      observers?.tookBack(
        records[index].name, contributions.compactMap { $0 }, on: self, at: index)
    }
    contributions.withUnsafeMutableBufferPointer { contributions in
      for position in operands.indices where needed[position] {
        if let gradient = contributions[position].take() {
          pass.add(gradient, to: operands[position])
        }
      }
    }
  }
}

/// The tape to record on: that of the operand, if it has one that records.
@inline(__always)
package func recording(_ x: Value) -> Tape? {
  if x.index >= 0, let tape = x.tape, tape.isRecording { return tape }
  return nil
}

/// The tape to record on: that of either operand.
@inline(__always)
package func recording(_ a: Value, _ b: Value) -> Tape? {
  recording(a) ?? recording(b)
}

/// The tape to record on: that of any operand.
package func recording(_ operands: [Value]) -> Tape? {
  // Where they are: a value that is taken out counts a reference.
  operands.withUnsafeBufferPointer { operands in
    for position in operands.indices {
      if let tape = recording(operands[position]) { return tape }
    }
    return nil
  }
}

/// The same where operands may be lacking.
package func recording(_ operands: [Value?]) -> Tape? {
  operands.withUnsafeBufferPointer { operands in
    for position in operands.indices {
      if let operand = operands[position], let tape = recording(operand) { return tape }
    }
    return nil
  }
}
