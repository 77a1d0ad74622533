/// The weights that RNN, GRU and LSTM cells have, stacked gate by gate, as the calling thread's
/// innermost gradient sees them.
package struct RecurrentWeights {
  package let input: UntypedTensor
  package let hidden: UntypedTensor
  package let biasInput: UntypedTensor?
  package let biasHidden: UntypedTensor?

  package init(
    input: UntypedTensor, hidden: UntypedTensor, biasInput: UntypedTensor?,
    biasHidden: UntypedTensor?
  ) {
    self.input = input
    self.hidden = hidden
    self.biasInput = biasInput
    self.biasHidden = biasHidden
  }
}

extension FusedSequence {
  /// Input `[batch, time, in]`, first states `[batch, hidden]` (nil for zeros; a cell's for an LSTM alone),
  /// weights `[gates * hidden, in]`, or `[gates * hidden, in + valueSize]` where there is attention,
  /// and `[gates * hidden, hidden]`, biases `[gates * hidden]`.
  ///
  /// Not copyable, so that on the way to a run no reference is counted.
  package struct Operands: ~Copyable {
    let input: UntypedTensor
    let hidden: UntypedTensor?
    let cell: UntypedTensor?
    let weights: RecurrentWeights
    let attention: Attention?

    package init(
      input: UntypedTensor, hidden: UntypedTensor?, cell: UntypedTensor?, weights: RecurrentWeights,
      attention: Attention? = nil
    ) {
      self.input = input
      self.hidden = hidden
      self.cell = cell
      self.weights = weights
      self.attention = attention
    }
  }

  /// What a cell attends to before each step, with additive scores (Bahdanau, Cho and Bengio, 2015).
  ///
  /// An object, so that a sequence without attention carries one word for it.
  package final class Attention {
    /// `[batch, keys, size]`, already multiplied by their weight, element after element.
    let keys: UntypedTensor
    /// `[batch, keys, valueSize]`, each row in one piece.
    let values: UntypedTensor
    /// `[size, hidden]`
    let queryWeight: UntypedTensor
    /// `[size]`, element after element.
    let v: UntypedTensor
    /// True = may attend, `[batch, keys]`; nil where every key may be attended to.
    let mask: UntypedTensor?

    /// Takes operands of any layout. Copied here rather than in each pass, keys and values are there
    /// once.
    package init(
      keys: UntypedTensor, values: UntypedTensor, queryWeight: UntypedTensor, v: UntypedTensor,
      mask: UntypedTensor?
    ) {
      self.keys = Compute.contiguousOperand(keys)
      self.values = values.stride(2) == 1 ? values : Compute.contiguousOperand(values)
      self.queryWeight = queryWeight
      self.v = Compute.contiguousOperand(v)
      self.mask = mask.map { Compute.contiguous($0) }
    }

    /// In the order of the stored properties.
    var list: [UntypedTensor?] { [keys, values, queryWeight, v] }

    /// The same with other operands.
    func replacing(_ list: ArraySlice<UntypedTensor?>) -> Attention {
      let list = list.map { $0! }
      return Attention(
        keys: list[0], values: list[1], queryWeight: list[2], v: list[3], mask: mask)
    }
  }
}

extension FusedSequence.Operands {
  /// In the order of the stored properties.
  var list: [UntypedTensor?] {
    let own = [
      input, hidden, cell, weights.input, weights.hidden, weights.biasInput, weights.biasHidden,
    ]
    guard let attention else { return own }
    return own + attention.list
  }

  /// These with others of a list in their place.
  func replacing(_ list: [UntypedTensor?]) -> FusedSequence.Operands {
    FusedSequence.Operands(
      input: list[0]!, hidden: list[1], cell: list[2],
      weights: .init(
        input: list[3]!, hidden: list[4]!, biasInput: list[5], biasHidden: list[6]),
      attention: attention?.replacing(list[7...]))
  }

  /// Where these stand on a tape.
  func indices(on tape: Tape) -> [Int32] {
    let own = [
      tape.index(of: input), tape.index(of: hidden), tape.index(of: cell),
      tape.index(of: weights.input), tape.index(of: weights.hidden),
      tape.index(of: weights.biasInput), tape.index(of: weights.biasHidden),
    ]
    guard let attention else { return own }
    return own + attention.list.map { tape.index(of: $0) }
  }

  /// The tape to record on, if an operand has one that records. Without a list of them, which
  /// would count a reference for each.
  var recording: Tape? {
    func tape(_ x: UntypedTensor?) -> Tape? { x.flatMap { Autograd.recording($0) } }
    let own =
      tape(input) ?? tape(hidden) ?? tape(cell) ?? tape(weights.input)
      ?? tape(weights.hidden) ?? tape(weights.biasInput) ?? tape(weights.biasHidden)
    guard own == nil, let attention else { return own }
    return tape(attention.keys) ?? tape(attention.values) ?? tape(attention.queryWeight)
      ?? tape(attention.v)
  }
}
