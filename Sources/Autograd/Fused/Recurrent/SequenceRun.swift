import Kernels

/// A recurrent cell over all steps of a batch of sequences.
///
/// - Returns: `[output [batch, time, hidden], last hidden state, last cell state]`, the states
///   `[batch, hidden]`, the cell's for an LSTM alone; and with attention the contexts
///   `[batch, time, valueSize]` and the weights `[batch, time, keys]`.
package func recurrentSequence(
  _ sequence: FusedSequence, _ operands: consuming FusedSequence.Operands
) -> [UntypedTensor] {
  SequenceRun(sequence, operands).run()
}

/// A run of a recurrent cell over its operands, with all that the derivative needs of it. It is one
/// object, which is all that a record keeps: who keeps it counts one reference.
package final class SequenceRun {
  let sequence: FusedSequence
  let parts: FusedSequence.Operands
  let sizes: RecurrentSizes
  let stretches: StepStretches
  /// Whether something is to be done between a step and the next.
  let isStepwise: Bool
  /// The tape to record on. Nil where there is none, and so no derivative, for which nothing is kept
  /// then.
  package let tape: Tape?
  /// `[time + 1, batch, hidden]`; slot t is before step t, in reverse slot t + 1.
  let states: UntypedTensor
  /// What the steps have attended to.
  let attended: Attended?
  /// LSTM: whether there is a cell state for each slot, for a derivative, or for rows that end
  /// early; else there is one, which changes.
  let keepsCells: Bool
  /// Everything else, time-major.
  let memory: Workspace
  let offsets: Offsets
  /// Whether the inputs of all steps lie in time-major order already.
  private let isInPlace: Bool
  /// The stretch whose inputs have been laid out last.
  private var laidOut: Range<Int>?

  struct Attended {
    /// `[time, batch, valueSize]`
    let contexts: UntypedTensor
    /// `[time, batch, keys]`
    let weights: UntypedTensor
  }

  /// Where things are in the memory.
  struct Offsets {
    /// The gates after the steps (see `RecurrentStep`), of all steps where there will be a derivative,
    /// else of one stretch. An RNN has none but its states.
    let gates: Int
    /// LSTM: the cell states, as many as hidden ones if all are kept, and after them, for the
    /// derivative, the tanh of the cell after each step, `[time, batch, hidden]`.
    let cells: Int
    /// The inputs of a stretch, `[steps, batch, in]`, where they do not lie so already.
    let input: Int
    /// Biases; but for the GRU, their sum is in the first of them.
    let biasInput: Int
    let biasHidden: Int
    /// GRU: what the gates of a step get from the state.
    let hiddenGates: Int
    /// The recurrent weight, laid out for the steps; nil where that would be much beside the rest,
    /// to be kept for a derivative that does not need it.
    let weightHidden: Int?
    /// With attention: the queries of as many steps as gates, and the scores of one.
    let queries: Int
    let scores: Int
  }

  package convenience init(_ sequence: FusedSequence, _ operands: consuming FusedSequence.Operands)
  {
    switch operands.input.type {
    case .float: self.init(Float.self, sequence, operands)
    case .double: self.init(Double.self, sequence, operands)
    case .int32, .bool, .uint8: Compute.wrongType("a recurrent layer", operands.input.type)
    }
  }

  private init<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ sequence: FusedSequence, _ operands: consuming FusedSequence.Operands
  ) {
    let sizes = RecurrentSizes(operands)
    let (batch, time) = (sizes.batch, sizes.time)
    let tape = operands.recording
    let isRecorded = tape != nil
    stretches = StepStretches(time: time, batch: batch, width: sizes.gates)
    keepsCells = isRecorded || !sequence.isWhole(time)
    let slots = (keepsCells ? time + 1 : 1) + (isRecorded ? time : 0)
    let rows = stretches.longest * batch
    let keptRows = isRecorded ? time * batch : rows
    isInPlace = sequence.isWhole(time) && TimeMajor.isOrder(of: operands.input)
    let isGRU = sequence.kind == .gru
    var layout = Workspace.Layout<Scalar>()
    offsets = Offsets(
      gates: layout.reserve(sequence.kind.gateCount > 1 ? keptRows * sizes.gates : 0),
      cells: layout.reserve(sequence.kind == .lstm ? slots * batch * sizes.hidden : 0),
      input: layout.reserve(isInPlace ? 0 : rows * sizes.input),
      biasInput: layout.reserve(operands.weights.biasInput == nil ? 0 : sizes.gates),
      biasHidden: layout.reserve(operands.weights.biasHidden == nil ? 0 : sizes.gates),
      hiddenGates: layout.reserve(isGRU ? batch * sizes.gates : 0),
      weightHidden: 8 * sizes.hidden <= time * batch
        ? layout.reserve(Scalar.kernels.packedCount(rows: sizes.hidden, columns: sizes.gates))
        : nil,
      queries: layout.reserve(keptRows * (sizes.attention?.score ?? 0)),
      scores: layout.reserve(batch * (sizes.attention?.keys ?? 0)))
    memory = Workspace(layout)
    states = UntypedTensor(Scalar.scalarType, Shape(time + 1, batch, sizes.hidden))
    attended = sizes.attention.map {
      Attended(
        contexts: UntypedTensor(Scalar.scalarType, Shape(time, batch, $0.value)),
        weights: UntypedTensor(Scalar.scalarType, Shape(time, batch, $0.keys)))
    }
    isStepwise = sequence.lengths != nil || sizes.attention != nil
    self.sequence = sequence
    parts = operands
    self.sizes = sizes
    self.tape = tape
  }

  /// Where the gates are; nil where there are none but the states.
  func gates<Scalar>() -> UnsafeMutablePointer<Scalar>? {
    sequence.kind.gateCount > 1 ? memory.pointer() + offsets.gates : nil
  }

  /// Where the cells are, of an LSTM.
  func cells<Scalar>() -> UnsafeMutablePointer<Scalar>? {
    sequence.kind == .lstm ? memory.pointer() + offsets.cells : nil
  }

  /// The first row of a step in what is kept of all steps for a derivative, else of one stretch.
  func keptRow(_ t: Int, in stretch: Range<Int>) -> Int {
    (tape != nil ? t : t - stretch.lowerBound) * sizes.batch
  }

  /// The inputs of a stretch, `[steps, batch, in]`, with zeros after the sequences' ends: where they
  /// are, or laid out.
  func input<Scalar: FloatingPointScalar>(_ stretch: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    if isInPlace {
      return parts.input.pointer() + stretch.lowerBound * sizes.batch * sizes.input
    }
    let target = memory.pointer(Scalar.self) + offsets.input
    if laidOut != stretch { sequence.layOut(parts.input, stretch, to: target) }
    laidOut = stretch
    return target
  }

  /// `[batch, hidden]` of a state that lies elsewhere.
  func state<Scalar: FloatingPointScalar>(_ source: UnsafeMutablePointer<Scalar>) -> UntypedTensor {
    let result = UntypedTensor(Scalar.scalarType, Shape(sizes.batch, sizes.hidden))
    result.pointer().update(from: source, count: result.count)
    return result
  }
}

extension SequenceRun: FusedOperation {
  package var name: StaticString {
    if attended != nil { return "attentionDecoder" }
    return switch sequence.kind {
    case .tanh, .relu: "rnn"
    case .gru: "gru"
    case .lstm: "lstm"
    }
  }

  package var operands: [UntypedTensor?] { parts.list }
  package func indices(on tape: Tape) -> [Int32] { parts.indices(on: tape) }
  package var isRecorded: Bool { parts.recording != nil }

  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    composedSequence(sequence, parts.replacing(operands))
  }

  package func forward() -> [UntypedTensor] {
    states.type.floatingPoint("a recurrent layer", forward(Float.self), forward(Double.self))
  }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    let arriving = Arriving(sequence.kind, gradients)
    return states.type.floatingPoint(
      "a recurrent layer", backward(Float.self, arriving, needed, usesUp),
      backward(Double.self, arriving, needed, usesUp))
  }

  /// The gradients that arrive at the results; nil is zero.
  struct Arriving {
    let output: UntypedTensor?
    let hidden: UntypedTensor?
    let cell: UntypedTensor?
    let contexts: UntypedTensor?
    let weights: UntypedTensor?

    init(_ kind: RecurrentCellKind, _ gradients: [UntypedTensor?]) {
      let states = kind == .lstm ? 2 : 1
      output = gradients[0]
      hidden = gradients[1]
      cell = states > 1 ? gradients[2] : nil
      let isAttended = gradients.count > 1 + states
      contexts = isAttended ? gradients[1 + states] : nil
      weights = isAttended ? gradients[2 + states] : nil
    }
  }
}
