/// The way back over a tape.
extension Tape {
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
    of seeds: [(value: UntypedTensor, gradient: UntypedTensor)], at leaves: [Int32],
    from start: Int,
    isDifferentiable: Bool, keepsRecords: Bool = false
  ) -> [UntypedTensor?] {
    let top = seeds.reduce(-1) { Swift.max($0, Int(index(of: $1.value))) }
    return gradients(
      from: top, to: start, at: leaves, isDifferentiable: isDifferentiable,
      keepsRecords: keepsRecords
    ) { pass in
      for seed in seeds where Int(index(of: seed.value)) >= start {
        pass.add(seed.gradient, to: seed.value.index)
      }
    }
  }

  /// Gradients with respect to the leaves, from the records from `top` down to `start`; `seed` gives
  /// the values to start from their gradients.
  func gradients(
    from top: Int, to start: Int, at leaves: [Int32], isDifferentiable: Bool,
    keepsRecords: Bool = false, seed: (inout BackwardPass) -> Void
  ) -> [UntypedTensor?] {
    guard top >= start else { return leaves.map { _ in nil } }
    var gradients: [UntypedTensor?] = []
    pass(
      from: top, to: start, isDifferentiable: isDifferentiable, keepsRecords: keepsRecords
    ) { pass in
      seed(&pass)
      keepGradients(leaves.count, &pass) { leaves[$0] }
      step(from: top, to: start, &pass)
      gradients.reserveCapacity(leaves.count)
      for leaf in leaves { gradients.append(pass.takeKept(leaf)) }
    }
    return gradients
  }

  /// The gradients of a tensor of one element with respect to the parameters that the innermost
  /// call has met.
  ///
  /// - Parameter take: is given each parameter that the value depends on, by its position among
  ///   those that the call differentiates at, and its gradient, as soon as no record is left that
  ///   could add to it: the parameters that were met last come first.
  package func parameterGradients(
    ofScalar value: UntypedTensor, from start: Int, isDifferentiable: Bool,
    _ take: (_ position: Int, _ gradient: consuming UntypedTensor) -> Void
  ) {
    checkIsScalar(value)
    let top = Int(index(of: value))
    if top < start { return }
    let scopes = Tape.current!.state
    let scope = scopes.pointee.scopes.count - 1
    pass(from: top, to: start, isDifferentiable: isDifferentiable, keepsRecords: false) { pass in
      let seed = pass.room.seed(value)
      pass.add(consume seed, to: value.index)
      // Where they are: a list that is taken out counts a reference.
      keepGradients(scopes.pointee.scopes[scope].leaves.count, &pass) {
        scopes.pointee.scopes[scope].leaves.index($0)
      }
      var next = top
      var leaf = scopes.pointee.scopes[scope].leaves.count
      while leaf > 0 {
        leaf &-= 1
        // A leaf was appended before all records that use it.
        let index = scopes.pointee.scopes[scope].leaves.index(leaf)
        let end = Swift.max(Int(index), start)
        if next >= end {
          step(from: next, to: end, &pass)
          next = end &- 1
        }
        if let gradient = pass.takeKept(index) {
          take(scopes.pointee.scopes[scope].leaves.position(leaf), gradient)
        }
      }
      step(from: next, to: start, &pass)
    }
  }

  /// The parameters that the innermost call has met, in that order, each by its position among those
  /// that the call differentiates at.
  package var metParameters: [Int] {
    guard let leaves = scopes.last?.leaves else { return [] }
    return (0..<leaves.count).map { leaves.position($0) }
  }

  /// The way back from the record `top` to the record `start`.
  ///
  /// - Parameter body: gives the values to start from their gradients, says which to keep, takes the
  ///   steps and then the gradients.
  @inline(never)
  private func pass(
    from top: Int, to start: Int, isDifferentiable: Bool, keepsRecords: Bool,
    _ body: (inout BackwardPass) -> Void
  ) {
    observers?.passBegins(on: self)
    // Forward mode sees no addition in place.
    var pass = BackwardPass(
      start: start, top: top, addsInPlace: !isDifferentiable && forward == nil,
      keepsRecords: isDifferentiable || keepsRecords, in: state.pointee.room.take() ?? PassRoom())
    let (wasReversing, usedUpRecords) = (isReversing, usesUpRecords)
    isReversing = isDifferentiable
    usesUpRecords = !pass.keepsRecords
    defer {
      isReversing = wasReversing
      usesUpRecords = usedUpRecords
    }
    body(&pass)
    let room = pass.finish()
    if room.slots.count <= Self.mostKept { state.pointee.room = consume room }
  }

  /// Has the gradients of leaves kept as the pass goes by: a true leaf's stays in its slot anyway,
  /// that of an inner call's leaf flows on.
  @inline(__always)
  private func keepGradients(_ count: Int, _ pass: inout BackwardPass, leaf: (Int) -> Int32) {
    // Where they are: a record that is taken out counts references.
    state.pointee.records.withUnsafeBufferPointer { records in
      for position in 0..<count {
        let index = leaf(position)
        guard pass.contains(index) else { continue }
        if case .none = records[Int(index)].pullback { continue }
        pass.keep(index)
      }
    }
  }

  /// Goes back from a record to an earlier one, both included.
  private func step(from top: Int, to end: Int, _ pass: inout BackwardPass) {
    var index = top
    while index >= end {
      step(index, &pass)
      index &-= 1
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
    case .each(let pullback):
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
    case .saving(let a, let b, let pullback):
      guard let gradient = pass.take(index) else { return }
      let (first, second) = operands(index)
      if Int(first) >= pass.start {
        contribute(pullback(gradient, 0, a, b), to: first, of: index, &pass)
      }
      if Int(second) >= pass.start {
        contribute(pullback(gradient, 1, a, b), to: second, of: index, &pass)
      }
      let third = state.pointee.records[index].third
      if Int(third) >= pass.start {
        contribute(pullback(gradient, 2, a, b), to: third, of: index, &pass)
      }
    case .part(let pullback, let add):
      guard let gradient = pass.take(index) else { return }
      let first = state.pointee.records[index].first
      if Int(first) >= pass.start { pass.add(gradient, to: first, pullback, add) }
      observers?.tookBack(records[index].name, [gradient], on: self, at: index)
    case .all(let places, let pullback):
      takeBack(index, places.operands, places.results, pullback, &pass)
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
    _ part: consuming UntypedTensor, to operand: Int32, of index: Int, _ pass: inout BackwardPass
  ) {
    if state.pointee.observers != nil {
      observers?.tookBack(records[index].name, [copy part], on: self, at: index)
    }
    pass.add(part, to: operand)
  }

  private func takeBack(
    _ index: Int, _ operands: [Int32], _ results: Int,
    _ pullback: Pullback.OfAll, _ pass: inout BackwardPass
  ) {
    guard (index..<index + results).contains(where: { pass.isReached($0) }) else { return }
    // Out of the pass meanwhile: as a part of it the pullback would be given copies.
    var (gradients, needed): ([UntypedTensor?], [Bool]) = ([], [])
    swap(&gradients, &pass.room.gradients)
    swap(&needed, &pass.room.needed)
    gradients.refill(results) { pass.take(index + $0) }
    needed.refill(operands.count) { Int(operands[$0]) >= pass.start }
    var contributions = pullback(gradients, needed)
    gradients.refill(0) { _ in nil }
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
    // Freed as they are, they would be looked at one by one, by a function.
    contributions.refill(0) { _ in nil }
    swap(&gradients, &pass.room.gradients)
    swap(&needed, &pass.room.needed)
  }
}
