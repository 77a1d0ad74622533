/// The memory that a backward pass works in. A tape keeps it from one pass to the next.
struct PassRoom: ~Copyable {
  /// A gradient for each record; nil between passes.
  private(set) var slots: UnsafeMutableBufferPointer<UntypedTensor?>
  /// What an operation of several results is given, from one such operation to the next.
  var gradients: [UntypedTensor?] = []
  var needed: [Bool] = []
  /// The seed of the pass before. During a pass nobody changes it: it is never theirs alone.
  private var one: UntypedTensor?

  init() { slots = .init(start: nil, count: 0) }

  deinit { slots.deallocate() }

  /// 1, the gradient of a tensor of one element with respect to itself.
  mutating func seed(_ value: UntypedTensor) -> UntypedTensor {
    if let one, one.type == value.type, one.shape == value.shape { return one }
    let seed = Compute.filled(value.type, value.shape, 1)
    one = seed
    return seed
  }

  /// Forgets the seed where somebody else has it, who may change it once it is theirs alone.
  mutating func forgetShared() { if !isKnownUniquelyReferenced(&one) { one = nil } }

  /// Makes sure of so many slots.
  mutating func reserve(_ count: Int) {
    if slots.count >= count { return }
    slots.deallocate()
    slots = .allocate(capacity: count)
    // Cleared as memory: `nil` one by one took as long as half an operation.
    UnsafeMutableRawBufferPointer(slots).initializeMemory(as: UInt8.self, repeating: 0)
  }
}

extension Array {
  /// Makes the list anew in the memory that it has.
  @inline(__always)
  mutating func refill(_ count: Int, _ element: (Int) -> Element) {
    while self.count > count { removeLast() }
    for position in indices { self[position] = element(position) }
    while self.count < count { append(element(self.count)) }
  }
}
