/// The recurrent cells that have kernels of their own.
public enum RecurrentCellKind: UInt8, CaseIterable, Sendable {
  case tanh, relu, gru, lstm

  /// Blocks of rows in the weights: 1, 3 (reset, update, new) or 4 (input, forget, cell, output).
  @inlinable
  public var gateCount: Int {
    switch self {
    case .tanh, .relu: 1
    case .gru: 3
    case .lstm: 4
    }
  }
}

/// The arithmetic of one step of a recurrent cell after its matrix products, for some rows of a
/// batch. Every array is `[rows, size]` or `[rows, gates * size]`, contiguous. The pointers are
/// marked as in `MatrixProduct`: threads work on rows of their own.
public struct RecurrentStep<Stored: StoredScalar>: Sendable {
  /// Numbers that are read and written.
  public typealias Output = UnsafeMutablePointer<Stored>

  /// Rows of the batch.
  public var rows: Int
  /// Extent of a state.
  public var size: Int
  /// Before: what gates get from the input, and for all but the GRU from the state too.
  /// After: the gates' values, but for the GRU's last block: what the state contributes to it, which
  /// is all that its derivative needs of it.
  public nonisolated(unsafe) var gates: Output
  /// GRU: what gates get from the state, `[rows, 3 * size]`.
  public nonisolated(unsafe) var hiddenGates: Output?
  /// The state before the step.
  public nonisolated(unsafe) var previousHidden: Output
  /// Receives the state after the step; memory of its own.
  public nonisolated(unsafe) var hidden: Output
  /// LSTM.
  public nonisolated(unsafe) var previousCell: Output?
  /// LSTM: receives the new cell, which may take the old one's place.
  public nonisolated(unsafe) var cell: Output?
  /// LSTM: receives the new cell's tanh, if there will be a derivative: to compute it once more is
  /// what a derivative spends a third of its time on.
  public nonisolated(unsafe) var squashed: Output?

  /// A step; what its cell does not have stays nil.
  @inlinable
  public init(
    rows: Int, size: Int, gates: Output, hiddenGates: Output? = nil, previousHidden: Output,
    hidden: Output, previousCell: Output? = nil, cell: Output? = nil, squashed: Output? = nil
  ) {
    self.rows = rows
    self.size = size
    self.gates = gates
    self.hiddenGates = hiddenGates
    self.previousHidden = previousHidden
    self.hidden = hidden
    self.previousCell = previousCell
    self.cell = cell
    self.squashed = squashed
  }
}

/// The derivative of a `RecurrentStep`. The gradients of the gates may take the place of their values.
public struct RecurrentStepGradient<Stored: StoredScalar>: Sendable {
  /// Numbers that are read and written.
  public typealias Output = UnsafeMutablePointer<Stored>

  /// The step as it was taken; `gates` hold the gates' values.
  public var step: RecurrentStep<Stored>
  /// Gradient of the new state, from the step after.
  public nonisolated(unsafe) var hidden: Output
  /// Of the previous state, `[rows, size]`. GRU: receives what reaches it but for the matrix product.
  public nonisolated(unsafe) var previousHidden: Output
  /// Gradient of the new state, from what read it; nil is zero.
  public nonisolated(unsafe) var output: Output?
  /// LSTM: gradient of the new cell state; afterwards that of the previous one.
  public nonisolated(unsafe) var cell: Output?
  /// Receives the gradient of what the gates get from the state.
  public nonisolated(unsafe) var hiddenGates: Output
  /// GRU: receives that of the last block of what they get from the input, `[rows, size]`; those of the
  /// others are the same as of `hiddenGates`.
  public nonisolated(unsafe) var lastGates: Output?

  /// The derivative of a step; what its cell does not have stays nil.
  @inlinable
  public init(
    step: RecurrentStep<Stored>, hidden: Output, previousHidden: Output, output: Output?,
    cell: Output? = nil, hiddenGates: Output, lastGates: Output? = nil
  ) {
    self.step = step
    self.hidden = hidden
    self.previousHidden = previousHidden
    self.output = output
    self.cell = cell
    self.hiddenGates = hiddenGates
    self.lastGates = lastGates
  }
}

extension VectorInstructions {
  /// The arithmetic of a step: all gates of a row in one loop.
  @inlinable @inline(__always)
  static func recurrentStep(_ kind: RecurrentCellKind, _ step: RecurrentStep<Stored>) {
    switch kind {
    case .tanh: simpleStep(step, isTanh: true)
    case .relu: simpleStep(step, isTanh: false)
    case .gru: gruStep(step)
    case .lstm: lstmStep(step)
    }
  }

  /// Its derivative.
  @inlinable @inline(__always)
  static func recurrentStepGradient(
    _ kind: RecurrentCellKind, _ gradient: RecurrentStepGradient<Stored>
  ) {
    switch kind {
    case .tanh: simpleGradient(gradient, isTanh: true)
    case .relu: simpleGradient(gradient, isTanh: false)
    case .gru: gruGradient(gradient)
    case .lstm: lstmGradient(gradient)
    }
  }

  // MARK: Order

  /// Calls `first` for blocks of rows and then `second` for the same: a block is so large that the
  /// processor finds enough to do at once, and stays in the first-level cache. In one pass, what waits
  /// for a gate stands in the way of the next row's gates.
  @inlinable @inline(__always)
  static func inTwoPasses(
    _ rows: Int, _ size: Int, first: (Int) -> Void, second: (Int) -> Void
  ) {
    let most = Swift.max(1, 16 &* width / Swift.max(size, 1))
    var start = 0
    while start < rows {
      let end = Swift.min(start &+ most, rows)
      var row = start
      while row < end {
        first(row)
        row &+= 1
      }
      row = start
      while row < end {
        second(row)
        row &+= 1
      }
      start = end
    }
  }

  /// Calls `body` with the positions of the vectors of so many scalars, and with how many lanes of each
  /// belong to them. The gradients of gates, which need more numbers at once, would make calls of it.
  @inlinable @inline(__always)
  static func forEachVector(_ count: Int, _ body: (Int, Int) -> Void) {
    var start = 0
    while start &+ width <= count {
      body(start, width)
      start &+= width
    }
    if start < count { body(start, count &- start) }
  }

  // MARK: One gate

  @inlinable @inline(__always)
  static func simpleStep(_ step: RecurrentStep<Stored>, isTanh: Bool) {
    forEachVector(step.rows &* step.size) { offset, lanes in
      let x = load(step.gates + offset, lanes: lanes, else: 0)
      let h = isTanh ? tanh(x) : max(x, zero)
      store(h, step.hidden + offset, lanes: lanes)
    }
  }

  @inlinable @inline(__always)
  static func simpleGradient(
    _ gradient: RecurrentStepGradient<Stored>, isTanh: Bool
  ) {
    let step = gradient.step
    forEachVector(step.rows &* step.size) { offset, lanes in
      var g = load(gradient.hidden + offset, lanes: lanes, else: 0)
      if let output = gradient.output { g = g + load(output + offset, lanes: lanes, else: 0) }
      let h = load(step.hidden + offset, lanes: lanes, else: 0)
      let slope = isTanh ? g * (splat(1) - h * h) : select(less(zero, h), g, zero)
      store(slope, gradient.hiddenGates + offset, lanes: lanes)
    }
  }

  // MARK: GRU

  @inlinable @inline(__always)
  static func gruStep(_ step: RecurrentStep<Stored>) {
    let size = step.size
    inTwoPasses(step.rows, size) { row in
      let gates = step.gates + row &* 3 &* size
      let hiddenGates = step.hiddenGates! + row &* 3 &* size
      let hidden = step.hidden + row &* size
      forEachVector(size) { i, lanes in
        let reset = gate(
          load(gates + i, lanes: lanes, else: 0) + load(hiddenGates + i, lanes: lanes, else: 0))
        let update = gate(
          load(gates + (size &+ i), lanes: lanes, else: 0)
            + load(hiddenGates + (size &+ i), lanes: lanes, else: 0))
        let candidate = load(hiddenGates + (2 &* size &+ i), lanes: lanes, else: 0)
        store(
          fma(reset, candidate, load(gates + (2 &* size &+ i), lanes: lanes, else: 0)), hidden + i,
          lanes: lanes)
        store(reset, gates + i, lanes: lanes)
        store(update, gates + (size &+ i), lanes: lanes)
        store(candidate, gates + (2 &* size &+ i), lanes: lanes)
      }
    } second: { row in
      let updates = step.gates + (row &* 3 &+ 1) &* size
      let previous = step.previousHidden + row &* size
      let hidden = step.hidden + row &* size
      forEachVector(size) { i, lanes in
        let new = tanh(load(hidden + i, lanes: lanes, else: 0))
        let update = load(updates + i, lanes: lanes, else: 0)
        let before = load(previous + i, lanes: lanes, else: 0)
        store(fma(update, before - new, new), hidden + i, lanes: lanes)
      }
    }
  }

  @inlinable @inline(__always)
  static func gruGradient(_ gradient: RecurrentStepGradient<Stored>) {
    let step = gradient.step
    let size = step.size
    let one = splat(1)
    let least = splat(Scalar.ulpOfOne / 2)
    @inline(__always) func between(_ x: Vector) -> Vector { min(one, max(splat(-1), x)) }
    var row = 0
    while row < step.rows {
      let gates = step.gates + row &* 3 &* size
      let dHiddenGates = gradient.hiddenGates + row &* 3 &* size
      let at = row &* size
      @inline(__always) func pass(_ i: Int, _ lanes: Int) {
        var g = load(gradient.hidden + (at &+ i), lanes: lanes, else: 0)
        if let output = gradient.output {
          g = g + load(output + (at &+ i), lanes: lanes, else: 0)
        }
        let reset = load(gates + i, lanes: lanes, else: 0)
        let update = load(gates + (size &+ i), lanes: lanes, else: 0)
        let candidate = load(gates + (2 &* size &+ i), lanes: lanes, else: 0)
        let previous = load(step.previousHidden + (at &+ i), lanes: lanes, else: 0)
        let hidden = load(step.hidden + (at &+ i), lanes: lanes, else: 0)
        // `new` is not kept: (1 - update) (new - previous) = hidden - previous. Where little of it is
        // in the new state, it is known as badly as it matters little.
        let share = one - update
        let new = between(previous + (hidden - previous) / max(share, least))
        let dNew = g * share * (one - new * new)
        let dUpdate = g * (previous - hidden) * update
        let dReset = dNew * candidate * reset * (one - reset)
        store(dReset, dHiddenGates + i, lanes: lanes)
        store(dUpdate, dHiddenGates + (size &+ i), lanes: lanes)
        store(dNew, gradient.lastGates! + (at &+ i), lanes: lanes)
        store(dNew * reset, dHiddenGates + (2 &* size &+ i), lanes: lanes)
        store(g * update, gradient.previousHidden + (at &+ i), lanes: lanes)
      }
      let count = size
      var start = 0
      while start &+ width <= count {
        pass(start, width)
        start &+= width
      }
      if start < count { pass(start, count &- start) }
      row &+= 1
    }
  }

  // MARK: LSTM

  @inlinable @inline(__always)
  static func lstmStep(_ step: RecurrentStep<Stored>) {
    let size = step.size
    inTwoPasses(step.rows, size) { row in
      let gates = step.gates + row &* 4 &* size
      let previous = step.previousCell! + row &* size
      let cells = step.cell! + row &* size
      forEachVector(size) { i, lanes in
        let input = gate(load(gates + i, lanes: lanes, else: 0))
        let forget = gate(load(gates + (size &+ i), lanes: lanes, else: 0))
        let candidate = tanh(load(gates + (2 &* size &+ i), lanes: lanes, else: 0))
        let output = gate(load(gates + (3 &* size &+ i), lanes: lanes, else: 0))
        let before = load(previous + i, lanes: lanes, else: 0)
        store(fma(forget, before, input * candidate), cells + i, lanes: lanes)
        store(input, gates + i, lanes: lanes)
        store(forget, gates + (size &+ i), lanes: lanes)
        store(candidate, gates + (2 &* size &+ i), lanes: lanes)
        store(output, gates + (3 &* size &+ i), lanes: lanes)
      }
    } second: { row in
      let outputs = step.gates + (row &* 4 &+ 3) &* size
      let cells = step.cell! + row &* size
      let hidden = step.hidden + row &* size
      let kept = step.squashed.map { $0 + row &* size }
      forEachVector(size) { i, lanes in
        let output = load(outputs + i, lanes: lanes, else: 0)
        let squashed = tanh(load(cells + i, lanes: lanes, else: 0))
        store(output * squashed, hidden + i, lanes: lanes)
        if let kept { store(squashed, kept + i, lanes: lanes) }
      }
    }
  }

  @inlinable @inline(__always)
  static func lstmGradient(_ gradient: RecurrentStepGradient<Stored>) {
    let step = gradient.step
    let size = step.size
    let one = splat(1)
    var row = 0
    while row < step.rows {
      let gates = step.gates + row &* 4 &* size
      let dGates = gradient.hiddenGates + row &* 4 &* size
      let at = row &* size
      @inline(__always) func pass(_ i: Int, _ lanes: Int) {
        var g = load(gradient.hidden + (at &+ i), lanes: lanes, else: 0)
        if let output = gradient.output {
          g = g + load(output + (at &+ i), lanes: lanes, else: 0)
        }
        let input = load(gates + i, lanes: lanes, else: 0)
        let forget = load(gates + (size &+ i), lanes: lanes, else: 0)
        let candidate = load(gates + (2 &* size &+ i), lanes: lanes, else: 0)
        let output = load(gates + (3 &* size &+ i), lanes: lanes, else: 0)
        let squashed = load(step.squashed! + (at &+ i), lanes: lanes, else: 0)
        let previous = load(step.previousCell! + (at &+ i), lanes: lanes, else: 0)
        let dCell = fma(
          g * output, one - squashed * squashed,
          load(gradient.cell! + (at &+ i), lanes: lanes, else: 0))
        store(dCell * candidate * input * (one - input), dGates + i, lanes: lanes)
        store(dCell * previous * forget * (one - forget), dGates + (size &+ i), lanes: lanes)
        store(
          dCell * input * (one - candidate * candidate), dGates + (2 &* size &+ i), lanes: lanes)
        store(
          g * squashed * output * (one - output), dGates + (3 &* size &+ i), lanes: lanes)
        store(dCell * forget, gradient.cell! + (at &+ i), lanes: lanes)
      }
      let count = size
      var start = 0
      while start &+ width <= count {
        pass(start, width)
        start &+= width
      }
      if start < count { pass(start, count &- start) }
      row &+= 1
    }
  }
}
