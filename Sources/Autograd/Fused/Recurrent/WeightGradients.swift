import Kernels

/// What all rows contribute to, grown stretch by stretch: the gradients of the weights and the biases,
/// and the input's.
struct WeightGradients<Scalar: FloatingPointScalar>: ~Copyable {
  private let run: SequenceRun
  /// Nil where the input's gradient is not needed.
  private let packedInput: InputSideWeight<Scalar>?
  /// `[time, batch, in]`
  private let timeMajorInput: UntypedTensor?
  let weightInput: UntypedTensor?
  let weightHidden: UntypedTensor?
  let queryWeight: UntypedTensor?
  private var bias: BiasSums<Scalar>

  /// - Parameter needed: by operand.
  init(_ run: SequenceRun, _ needed: [Bool]) {
    self.run = run
    let (sizes, weights, isEmpty) = (run.sizes, run.parts.weights, run.stretches.isEmpty)
    func sum(_ isNeeded: Bool, _ weight: borrowing UntypedTensor) -> UntypedTensor? {
      isNeeded ? WeightSum<Scalar>.memory(weight.shape, isEmpty: isEmpty) : nil
    }
    packedInput =
      needed[0]
      ? InputSideWeight(
        weights.input, columns: sizes.inputColumns, run.sequence.kind,
        isPacked: sizes.packsInputWeight(run.stretches), batch: sizes.batch) : nil
    timeMajorInput =
      needed[0]
      ? UntypedTensor(Scalar.scalarType, Shape(sizes.time, sizes.batch, sizes.input)) : nil
    weightInput = sum(needed[3], weights.input)
    weightHidden = sum(needed[4], weights.hidden)
    queryWeight = run.parts.attention.flatMap { sum(needed[9], $0.queryWeight) }
    bias = BiasSums(
      GateWidths(run.sequence.kind, gates: sizes.gates), input: needed[5], hidden: needed[6],
      isEmpty: isEmpty)
  }

  /// What a stretch leaves of the input's gradient, where that is needed.
  ///
  /// - Parameter rows: those of the batch that this thread computes; nil for all, on all threads.
  func addInput(_ rows: Range<Int>?, _ gradients: StretchGradients<Scalar>) {
    switch packedInput {
    case .some(let weight):
      let products = InputProducts(
        weight, gradients.gates, gradients.stretch, into: timeMajorInput!)
      if let rows { products.run(rows) } else { products.run() }
    case .none: break
    }
  }

  /// Adds what a stretch contributes.
  mutating func add(_ gradients: StretchGradients<Scalar>) {
    let (sizes, stretch, gates) = (run.sizes, gradients.stretch, gradients.gates)
    let rows = stretch.count * sizes.batch
    func product(
      _ x: UnsafeMutablePointer<Scalar>, _ size: Int, column: Int = 0
    ) -> WeightSum<Scalar>.Rows {
      .init(count: rows, x: x, size: size, column: column, isFirst: gradients.isFirst)
    }
    let before = run.sequence.isReverse ? stretch.lowerBound + 1 : stretch.lowerBound
    let states = product(
      run.states.pointer(Scalar.self) + before * sizes.batch * sizes.hidden, sizes.hidden)
    if let weightInput {
      let sum = WeightSum<Scalar>(weightInput)
      sum.add(input: gates, product(run.input(stretch), sizes.input))
      if let attended = run.attended {
        let size = attended.contexts.shape[2]
        let contexts =
          attended.contexts.pointer(Scalar.self) + stretch.lowerBound * sizes.batch * size
        sum.add(input: gates, product(contexts, size, column: sizes.input))
      }
    }
    if let weightHidden { WeightSum<Scalar>(weightHidden).add(gates.hidden, sizes.gates, states) }
    if let queryWeight, let attention = gradients.attention {
      WeightSum<Scalar>(queryWeight).add(attention.queries, queryWeight.shape[0], states)
    }
    bias.add(gates, rows: rows)
  }

  /// `[batch, time, in]`
  var input: UntypedTensor? { timeMajorInput.map { permuted($0, [1, 0, 2]) } }
  var biasInput: UntypedTensor? { bias.input }
  var biasHidden: UntypedTensor? { bias.hidden }
}
