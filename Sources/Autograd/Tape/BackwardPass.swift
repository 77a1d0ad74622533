/// The gradients of one backward pass, by record.
struct BackwardPass: ~Copyable {
  let start: Int
  /// Whether sums that belong to the pass alone grow in place.
  let addsInPlace: Bool
  let keepsRecords: Bool
  var room: PassRoom
  private let slots: UnsafeMutableBufferPointer<UntypedTensor?>
  private var wanted: [Int32: UntypedTensor?] = [:]

  init(
    start: Int, top: Int, addsInPlace: Bool, keepsRecords: Bool, in room: consuming PassRoom
  ) {
    self.start = start
    self.addsInPlace = addsInPlace
    self.keepsRecords = keepsRecords
    room.reserve(top - start + 1)
    slots = .init(rebasing: room.slots[...(top - start)])
    self.room = room
  }

  /// Gives back the memory, cleared.
  consuming func finish() -> PassRoom {
    // One by one: to destroy them as an array calls functions for each, be it empty.
    for position in slots.indices where slots[position] != nil { slots[position] = nil }
    room.forgetShared()
    return room
  }

  /// Whether the pass comes to a record.
  func contains(_ index: Int32) -> Bool {
    Int(index) >= start && Int(index) - start < slots.count
  }

  /// Whether a record has a gradient.
  @inline(__always)
  func isReached(_ index: Int) -> Bool {
    index &- start < slots.count && slots[index &- start] != nil
  }

  /// Moves a gradient out of its slot.
  ///
  /// Not by `take()`: of an element of a buffer the compiler makes invalid code under the thread sanitizer.
  @inline(__always)
  private func moveOut(_ position: Int) -> UntypedTensor? {
    let value = slots.moveElement(from: position)
    slots.initializeElement(at: position, to: nil)
    return value
  }

  mutating func keep(_ index: Int32) { wanted[index] = .some(nil) }

  /// Moves out the gradient of a leaf, which nobody asks for once more.
  mutating func takeKept(_ index: Int32) -> UntypedTensor? {
    if contains(index), let value = moveOut(Int(index) - start) { return value }
    return wanted[index] ?? nil
  }

  /// Moves the gradient of a record out of its slot.
  @inline(__always)
  mutating func take(_ index: Int) -> UntypedTensor? {
    let position = index &- start
    guard position < slots.count, let gradient = moveOut(position) else { return nil }
    if !wanted.isEmpty, wanted[Int32(truncatingIfNeeded: index)] != nil {
      wanted[Int32(truncatingIfNeeded: index)] = .some(gradient)
    }
    return gradient
  }

  /// Adds a contribution; in place, where the sum so far belongs to this pass alone.
  @inline(__always)
  mutating func add(_ gradient: consuming UntypedTensor, to index: Int32) {
    let position = Int(index) &- start
    if slots[position] == nil {
      slots[position] = consume gradient
    } else {
      accumulate(gradient, at: position)
    }
  }

  /// A function of its own, so that what it needs is not retained where it is not called.
  @inline(never)
  private mutating func accumulate(_ gradient: borrowing UntypedTensor, at position: Int) {
    // Taken out meanwhile, which is not counted as a second reference.
    var sum = moveOut(position)!
    if addsInPlace, isOwned(&sum) {
      Compute.add(gradient, into: sum)
    } else {
      sum = sum + copy gradient
    }
    slots[position] = consume sum
  }

  /// Adds the gradient of a part: the slot becomes the whole once, later parts are added to it.
  mutating func add(
    _ gradient: UntypedTensor, to index: Int32, _ pullback: Pullback.OfEach,
    _ add: (UntypedTensor, UntypedTensor) -> Void
  ) {
    let position = Int(index) &- start
    if !addsInPlace { return self.add(pullback(gradient, 0), to: index) }
    guard var sum = moveOut(position) else {
      slots[position] = pullback(gradient, 0)
      return
    }
    if !isOwned(&sum) { sum = Compute.copy(sum) }
    add(gradient, sum)
    slots[position] = consume sum
  }

  /// Whether nobody else sees the tensor: no other reference, memory of its own.
  @inline(__always)
  private func isOwned(_ tensor: inout UntypedTensor) -> Bool {
    isKnownUniquelyReferenced(&tensor) && tensor.owner == nil && tensor.index < 0
  }
}
