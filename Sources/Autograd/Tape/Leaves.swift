extension Tape {
  /// The parameters that a call has met, in that order, each with the leaf that stands for it.
  /// Models have tens or hundreds of parameters, which are found by looking at each more quickly
  /// than by hashing.
  ///
  /// The next step meets the same parameters: where nobody else refers to a leaf, it stays in the
  /// list, emptied, to be a leaf again without an allocation.
  package struct Leaves {
    private struct Entry {
      var box: ObjectIdentifier
      /// Which of the parameters it is that the call differentiates at.
      var position: Int
      /// Behind the list's end: emptied; nil where the leaf was somebody else's too.
      var leaf: UntypedTensor?
    }

    private var entries: [Entry] = []
    private(set) var count = 0

    init() {}

    /// In the order in which the parameters were met.
    var tensors: [UntypedTensor] { entries[..<count].map { $0.leaf! } }

    @inline(__always)
    func position(_ number: Int) -> Int { entries[number].position }

    /// The leaf's position on its tape.
    @inline(__always)
    func index(_ number: Int) -> Int32 { entries[number].leaf.unsafelyUnwrapped.index }

    /// The leaf of a parameter that has been met.
    @inline(__always)
    func leaf(of box: AnyObject) -> UntypedTensor? {
      let identity = ObjectIdentifier(box)
      var number = 0
      while number < count {
        if entries[number].box == identity { return entries[number].leaf }
        number &+= 1
      }
      return nil
    }

    /// Adds a parameter with its tensor as it is.
    mutating func append(_ tensor: UntypedTensor, of box: AnyObject, at position: Int) {
      let entry = Entry(box: ObjectIdentifier(box), position: position, leaf: tensor)
      if count < entries.count { entries[count] = entry } else { entries.append(entry) }
      count &+= 1
    }

    /// Adds a parameter; its leaf joins a tape.
    mutating func append(
      leafOf stored: consuming UntypedTensor, on tape: Tape, of box: AnyObject, at position: Int
    ) -> UntypedTensor {
      let index = tape.index(of: stored)
      if count < entries.count, let spare = entries[count].leaf, spare.fits(stored) {
        spare.show(consume stored)
        entries[count].box = ObjectIdentifier(box)
        entries[count].position = position
        count &+= 1
        tape.append(leaf: spare, of: index)
        return spare
      }
      let leaf = UntypedTensor(sameAs: consume stored)
      append(leaf, of: box, at: position)
      tape.append(leaf: leaf, of: index)
      return leaf
    }

    /// Forgets all.
    mutating func removeAll() {
      for number in 0..<count where !UntypedTensor.empty(&entries[number].leaf) {
        entries[number].leaf = nil
      }
      count = 0
    }
  }
}
