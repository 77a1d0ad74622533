import Kernels

/// One kernel each, from arrays to arrays.
struct Runs<Set: KernelSet> where Set.Stored == Set.Scalar {
  typealias Scalar = Set.Scalar
  typealias Numbers = Room<Scalar>

  static func unary(_ function: UnaryFunction, _ x: [Double]) -> [Double] {
    let (x, result) = (Numbers(x), Numbers(count: x.count))
    Set.unary(function, x.input, to: result.start, count: x.count)
    return result.values
  }

  static func binary(_ function: BinaryFunction, _ a: [Double], _ b: [Double]) -> [Double] {
    let count = max(a.count, b.count)
    let (x, y, result) = (Numbers(a), Numbers(b), Numbers(count: count))
    Set.binary(
      function, x.input, stride: a.count == count ? 1 : 0, y.input,
      stride: b.count == count ? 1 : 0, to: result.start, count: count)
    return result.values
  }

  static func compare(_ comparison: Comparison, _ a: [Double], _ b: [Double]) -> [Double] {
    let (x, y, result) = (Numbers(a), Numbers(b), Room<Bool>(count: a.count))
    Set.compare(
      comparison, x.input, stride: 1, y.input, stride: 1, to: result.start, count: a.count)
    return result.values.map { $0 ? 1 : 0 }
  }

  static func sums(_ a: [Double], _ b: [Double], factor: Double) -> [Double] {
    let (x, total, excess) = (Numbers(a), Numbers(b), Numbers(a.map { _ in 0 }))
    Set.addScaled(x.input, by: Scalar(factor), to: total.start, count: a.count)
    Set.addBlock(x.start, to: total.start, excess: excess.start, count: a.count)
    return total.values + x.values
  }

  static func reduce(_ reduction: Reduction, _ x: [Double], _ extents: Extents) -> [Double] {
    let (x, result) = (Numbers(x), Numbers(count: extents.outer * extents.inner))
    Set.reduce(reduction, x.input, to: result.start, extents)
    return result.values
  }

  static func softmax(
    _ x: [Double], _ gradient: [Double], _ mask: [Bool]?, _ extents: Extents, logarithm: Bool
  ) -> [Double] {
    let (numbers, result, back) = (Numbers(x), Numbers(count: x.count), Numbers(count: x.count))
    let room = mask.map { Room<Bool>($0) }
    Set.softmax(numbers.input, mask: room?.input, to: result.start, extents, logarithm: logarithm)
    Set.softmaxGradient(
      Numbers(gradient).input, of: result.input, to: back.start, extents, logarithm: logarithm)
    return result.values + back.values
  }

  static func layerNorm(
    _ x: [Double], _ gradient: [Double], _ weight: [Double], _ bias: [Double], rows: Int
  ) -> [Double] {
    let (count, numbers, weight) = (weight.count, Numbers(x), Numbers(weight))
    let (result, back) = (Numbers(count: x.count), Numbers(count: x.count))
    let (means, deviations) = (Numbers(count: rows), Numbers(count: rows))
    let (shift, slope) = (Numbers(bias), Numbers(gradient))
    Set.layerNorm(
      numbers.input, weight: weight.input, bias: shift.input, to: result.start,
      means: means.start, inverseDeviations: deviations.start, rows: rows, count: count,
      epsilon: 0.001)
    Set.layerNormGradient(
      slope.input, at: numbers.input, weight: weight.input, means: means.input,
      inverseDeviations: deviations.input, to: back.start, rows: rows, count: count)
    return result.values + means.values + deviations.values + back.values
  }

  static func additiveScores(
    _ queries: [Double], _ keys: [Double], _ v: [Double], _ gradient: [Double]
  ) -> [Double] {
    let size = v.count
    let (m, n) = (queries.count / max(size, 1), keys.count / max(size, 1))
    let (q, k, w, slope) = (Numbers(queries), Numbers(keys), Numbers(v), Numbers(gradient))
    let scores = Numbers(count: m * n)
    let (toQ, toK, toV) = (Numbers(queries), Numbers(keys), Numbers(v))
    Set.additiveScores(
      queries: q.input, keys: k.input, v: w.input, to: scores.start, queryCount: m, keyCount: n,
      size: size)
    Set.additiveScoresGradient(
      slope.input, queries: q.input, keys: k.input, v: w.input, toQueries: toQ.start,
      toKeys: toK.start, toV: toV.start, queryCount: m, keyCount: n, size: size)
    return scores.values + toQ.values + toK.values + toV.values
  }

  static func featureAttention(
    _ scores: [Double], _ states: [Double], _ total: [Double], _ gradient: [Double]
  ) -> [Double] {
    let count = scores.count
    let (x, y, slope) = (Numbers(scores), Numbers(states), Numbers(gradient))
    let (squashed, weights, sum) = (Numbers(count: count), Numbers(total), Numbers(total))
    let (toX, toY) = (Numbers(count: count), Numbers(count: count))
    Set.featureAttention(
      scores: x.input, states: y.input, squashed: squashed.start, total: weights.start,
      sum: sum.start, count: count)
    Set.featureAttentionGradient(
      slope.input, squashed: squashed.input, states: y.input, total: weights.input,
      context: sum.input, toScores: toX.start, toStates: toY.start, count: count)
    return squashed.values + weights.values + sum.values + toX.values + toY.values
  }

  static func rowProducts(_ a: [Double], _ x: [Double], rows: Int) -> [Double] {
    let (matrix, vector, result) = (Numbers(a), Numbers(x), Numbers(count: rows))
    Set.rowProducts(
      matrix.input, row: x.count, vector.input, to: result.start, rows: rows, count: x.count)
    return result.values
  }

  static func optimizers(_ p: [Double], _ g: [Double], _ v: [Double]) -> [Double] {
    let gradient = Numbers(g)
    let (first, second, third) = (Numbers(p), Numbers(p), Numbers(p))
    let (velocity, moment, square) = (Numbers(v), Numbers(v), Numbers(v.map { $0 * $0 }))
    let largest = Numbers(v.map { abs($0) })
    let descent = SGDStep<Scalar>(
      learningRate: 0.125, sign: -1, weightDecay: 0.25, momentum: 0.5, gain: 0.5,
      isNesterov: true)
    let adam = AdamStep<Scalar>(
      stepSize: 0.125, sign: 1, weightDecay: 0.25, shrinkage: 0.75, beta1: 0.875, gain1: 0.125,
      beta2: 0.75, gain2: 0.25, rootFactor: 2, epsilon: 0.0625)
    let count = p.count
    Set.sgd(
      descent, parameter: first.start, gradient: gradient.input, velocity: velocity.start,
      count: count)
    Set.sgd(
      descent, parameter: second.start, gradient: gradient.input, velocity: nil, count: count)
    Set.adam(
      adam, parameter: third.start, gradient: gradient.input, first: moment.start,
      second: square.start, largest: largest.start, count: count)
    return first.values + second.values + third.values + velocity.values + moment.values
      + square.values + largest.values
  }

  static func transpose(_ x: [Double], rows: Int, columns: Int) -> [Double] {
    let (x, result) = (Numbers(x), Numbers(count: x.count))
    Set.transpose(
      x.input, row: columns, rows: rows, columns: columns, to: result.start, row: rows)
    return result.values
  }

  /// Steps of a cell and their derivatives, two steps with a recurrent weight.
  static func recurrent(
    _ kind: RecurrentCellKind, rows: Int, size: Int, _ numbers: inout Generator
  ) -> [Double] {
    let (state, gate, steps) = (rows * size, rows * size * kind.gateCount, 2)
    let width = size * kind.gateCount
    let weight = Numbers(numbers.uniform(size * width, 0.5))
    let gates = Numbers(numbers.uniform(steps * gate, 2))
    let hidden = Numbers(numbers.uniform((steps + 1) * state, 1))
    let cells = Numbers(numbers.uniform((steps + 1) * state, 1))
    let squashed = Numbers(count: steps * state)
    let fromState = Numbers(count: gate)
    let (isGRU, isLSTM) = (kind == .gru, kind == .lstm)
    let step = RecurrentStep(
      rows: rows, size: size, gates: gates.start, hiddenGates: isGRU ? fromState.start : nil,
      previousHidden: hidden.start, hidden: hidden.start + state,
      previousCell: isLSTM ? cells.start : nil, cell: isLSTM ? cells.start + state : nil,
      squashed: isLSTM ? squashed.start : nil)
    Set.recurrentSteps(
      kind,
      RecurrentSteps(
        count: steps, step: step,
        product: MatrixProduct(
          m: rows, n: width, k: size, a: hidden.input, aRow: size, aColumn: 1, b: weight.input,
          bRow: width, bColumn: 1, c: gates.start, cRow: width, accumulate: !isGRU),
        strides: RecurrentStrides(gates: gate, states: state, cells: state)))
    let forward = gates.values + hidden.values + cells.values

    let slopes = Numbers(numbers.uniform(steps * state, 1))
    let (toHidden, toPrevious) = (Numbers(numbers.uniform(state, 1)), Numbers(count: state))
    let (toCell, toGates) = (Numbers(numbers.uniform(state, 1)), Numbers(count: steps * gate))
    let toLast = Numbers(count: steps * state)
    let last = RecurrentStep(
      rows: rows, size: size, gates: gates.start + gate, previousHidden: hidden.start + state,
      hidden: hidden.start + 2 * state, previousCell: isLSTM ? cells.start + state : nil,
      cell: isLSTM ? cells.start + 2 * state : nil,
      squashed: isLSTM ? squashed.start + state : nil)
    Set.recurrentStepGradients(
      kind,
      RecurrentStepGradients(
        count: steps,
        gradient: RecurrentStepGradient(
          step: last, hidden: toHidden.start, previousHidden: toPrevious.start,
          output: slopes.start + state, cell: isLSTM ? toCell.start : nil,
          hiddenGates: toGates.start + gate, lastGates: isGRU ? toLast.start + state : nil),
        product: MatrixProduct(
          m: rows, n: size, k: width, a: toGates.input, aRow: width, aColumn: 1, b: weight.input,
          bRow: 1, bColumn: width, c: toPrevious.start, cRow: size, accumulate: isGRU),
        strides: RecurrentStrides(gates: -gate, states: -state, cells: -state)))
    return forward + toHidden.values + (isLSTM ? toCell.values : []) + toGates.values
  }

  /// A product, plain or with the right operand packed; by rows or by columns; alone, or added to what
  /// is there and to a bias.
  static func product(
    _ a: [Double], _ b: [Double], _ c: [Double], _ bias: [Double]?, m: Int, n: Int, k: Int,
    turned: Bool, packed: Bool
  ) -> [Double] {
    let (left, right, result) = (Numbers(a), Numbers(b), Numbers(c))
    let shift = bias.map { Numbers($0) }
    let (bRow, bColumn) = turned ? (1, k) : (n, 1)
    let room = packed ? Numbers(count: Set.packedCount(rows: k, columns: n)) : nil
    if let room {
      Set.pack(
        right.input, row: bRow, column: bColumn, rows: k, columns: n, to: room.start)
    }
    Set.matrixProduct(
      MatrixProduct(
        m: m, n: n, k: k, a: left.input, aRow: k, aColumn: 1, b: right.input, bRow: bRow,
        bColumn: bColumn, c: result.start, cRow: n, accumulate: shift == nil, bias: shift?.input,
        packed: room?.input))
    return result.values
  }
}
