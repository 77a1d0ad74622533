import Kernels

/// The sizes of a recurrent cell's run, and what is decided by them alone.
struct RecurrentSizes {
  let batch: Int
  let time: Int
  /// Of what comes from outside; a cell that attends reads a context beside it.
  let input: Int
  let hidden: Int
  let gates: Int
  let attention: Attention?

  /// Those of what a cell attends to.
  struct Attention {
    /// Keys of a sentence.
    let keys: Int
    /// Of a query, a key and v.
    let score: Int
    let value: Int
  }

  init(_ operands: borrowing FusedSequence.Operands) {
    batch = operands.input.shape[0]
    time = operands.input.shape[1]
    input = operands.input.shape[2]
    hidden = operands.weights.hidden.shape[1]
    gates = operands.weights.hidden.shape[0]
    attention = operands.attention.map {
      Attention(keys: $0.keys.shape[1], score: $0.keys.shape[2], value: $0.values.shape[2])
    }
  }

  /// Columns of the input's weight: those of the input, and those of the context.
  var inputColumns: Range<Int> { 0..<input }
  var contextColumns: Range<Int> { input..<(input + (attention?.value ?? 0)) }

  /// How the threads divide a stretch of steps.
  func parts(_ stretch: Range<Int>) -> RowParts {
    var work = gates * hidden
    if let attention {
      work += gates * attention.value + attention.score * hidden
      work += attention.keys * (attention.score + attention.value)
    }
    return RowParts(batch: batch, work: stretch.count * work)
  }

  /// From a step to the next, or to the one before.
  func strides(isReverse: Bool) -> RecurrentStrides {
    let rows = isReverse ? -batch : batch
    return RecurrentStrides(gates: rows * gates, states: rows * hidden, cells: rows * hidden)
  }

  /// Whether several products have the weight of a step.
  var packsStepWeights: Bool { time > 1 && batch > 0 }

  /// Whether several products have the input's weight.
  func packsInputWeight(_ stretches: StepStretches) -> Bool {
    stretches.count > 1 || stretches.contains { parts($0).isDivided }
  }
}
