/// Steps of a recurrent cell for some rows of a batch, one after the other, each after the product of
/// the state before it and the recurrent weight. A small layer spends as long on a call for each as on
/// its arithmetic.
public struct RecurrentSteps<Stored: StoredScalar>: Sendable {
  /// Number of steps.
  public var count: Int
  /// The first step.
  public var step: RecurrentStep<Stored>
  /// `[rows, size] x [size, gates * size]`: goes to the step's `hiddenGates`, or is added to its `gates`.
  /// Where its operands are is the step's affair.
  public var product: MatrixProduct<Stored>
  /// Distances from a step to the next.
  public var strides: RecurrentStrides

  /// Steps; `product` has all but the addresses of the left operand and the result.
  @inlinable
  public init(
    count: Int, step: RecurrentStep<Stored>, product: MatrixProduct<Stored>,
    strides: RecurrentStrides
  ) {
    self.count = count
    self.step = step
    self.product = product
    self.strides = strides
  }
}

/// The derivatives of such steps, each before the product of its gates' gradients and the recurrent
/// weight.
public struct RecurrentStepGradients<Stored: StoredScalar>: Sendable {
  /// Number of steps.
  public var count: Int
  /// That of the step that was taken last. Its `hidden` and `previousHidden` change places from step to
  /// step.
  public var gradient: RecurrentStepGradient<Stored>
  /// `[rows, gates * size] x [gates * size, size]`: makes the gradient of the state before, or is added
  /// to it; of no rows, if it is done elsewhere.
  public var product: MatrixProduct<Stored>
  /// Distances from a step to the one that was taken before it.
  public var strides: RecurrentStrides

  /// Derivatives; `product` has all but the addresses of the left operand and the result.
  @inlinable
  public init(
    count: Int, gradient: RecurrentStepGradient<Stored>, product: MatrixProduct<Stored>,
    strides: RecurrentStrides
  ) {
    self.count = count
    self.gradient = gradient
    self.product = product
    self.strides = strides
  }
}

/// How far steps lie apart, in numbers: less than 0 from a step to an earlier one.
public struct RecurrentStrides: Sendable {
  /// In the gates and in their gradients.
  public var gates: Int
  /// In the hidden states, the tanh of cells, and what arrives at outputs.
  public var states: Int
  /// In the cell states.
  public var cells: Int

  /// Distances; those of a step by itself are of no interest.
  @inlinable
  public init(gates: Int = 0, states: Int = 0, cells: Int = 0) {
    self.gates = gates
    self.states = states
    self.cells = cells
  }
}

extension RecurrentStep {
  @inlinable @inline(__always)
  mutating func advance(_ strides: RecurrentStrides) {
    gates += strides.gates
    previousHidden += strides.states
    hidden += strides.states
    previousCell = previousCell.map { $0 + strides.cells }
    cell = cell.map { $0 + strides.cells }
    squashed = squashed.map { $0 + strides.states }
  }
}

extension RecurrentStepGradient {
  @inlinable @inline(__always)
  mutating func advance(_ strides: RecurrentStrides) {
    step.advance(strides)
    swap(&hidden, &previousHidden)
    output = output.map { $0 + strides.states }
    hiddenGates += strides.gates
    lastGates = lastGates.map { $0 + strides.states }
  }
}

extension VectorInstructions {
  /// `KernelSet.recurrentSteps`.
  @inlinable
  public static func recurrentSteps(_ kind: RecurrentCellKind, _ steps: RecurrentSteps<Stored>) {
    var step = steps.step
    var product = steps.product
    var left = steps.count
    while left > 0 {
      product.a = UnsafePointer(step.previousHidden)
      product.c = step.hiddenGates ?? step.gates
      matrixProduct(product)
      recurrentStep(kind, step)
      step.advance(steps.strides)
      left &-= 1
    }
  }

  /// `KernelSet.recurrentStepGradients`.
  @inlinable
  public static func recurrentStepGradients(
    _ kind: RecurrentCellKind, _ steps: RecurrentStepGradients<Stored>
  ) {
    var gradient = steps.gradient
    var product = steps.product
    var left = steps.count
    while left > 0 {
      recurrentStepGradient(kind, gradient)
      product.a = UnsafePointer(gradient.hiddenGates)
      product.c = gradient.previousHidden
      matrixProduct(product)
      gradient.advance(steps.strides)
      left &-= 1
    }
  }
}
