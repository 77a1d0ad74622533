import Kernels

// Attention of several heads (Vaswani et al., 2017, section 3.2.2), in two forms: as operations of
// their own, of which the first leaves the weights, and as one that keeps none.

/// `softmax(query keyᵀ scale)`, over the keys that the mask allows.
///
/// - Parameters:
///   - query: `[batch, heads, queries, features]`
///   - key: `[batch, heads, keys, features]`
///   - mask: true = may attend; broadcasts to the result; nil where all is true.
/// - Returns: `[batch, heads, queries, keys]`
package func headWeights(
  _ query: UntypedTensor, _ key: UntypedTensor, mask: UntypedTensor?, scale: Double
) -> UntypedTensor {
  let scores = maskedScores(query * scale, key, mask)
  return softmax(scores, 3, mask.map { Compute.expanded($0, scores.shape) })
}

/// What the heads have attended to, side by side.
///
/// - Parameters:
///   - weights: `[batch, heads, queries, keys]`, 0 where the mask is false.
///   - value: `[batch, heads, keys, values]`
/// - Returns: `[batch, queries, heads * values]`
package func headContexts(_ weights: UntypedTensor, _ value: UntypedTensor, mask: UntypedTensor?)
  -> UntypedTensor
{
  let joined = permuted(maskedProduct(weights, value, mask), [0, 2, 1, 3])
  return reshaped(joined, [joined.shape[0], joined.shape[1], joined.shape[2] * joined.shape[3]])
}

/// A linear function of the `headContexts` of the `headWeights`, as one operation.
///
/// Nothing of the size queries x keys stays, nor do the contexts: the weights are computed by blocks
/// of queries, and once more for the derivative (Dao et al., 2022, section 3.1, algorithm 4), with
/// the contexts, of which the weight's gradient is made.
///
/// - Parameters:
///   - query: and key, value, mask and scale as for those.
///   - projection: the operands of the linear function: `[out, heads * values]` and `[out]` or nil.
///   - dropout: what weights are multiplied by, `[batch, heads, queries, keys]`.
/// - Returns: `[batch, queries, out]`
package func headAttention(
  _ query: UntypedTensor, _ key: UntypedTensor, _ value: UntypedTensor,
  projection: (weight: UntypedTensor, bias: UntypedTensor?),
  mask: UntypedTensor?, dropout: UntypedTensor?, scale: Double
) -> UntypedTensor {
  ProjectedHeadAttention(
    query: query, key: key, value: value, weight: projection.weight, bias: projection.bias,
    mask: mask, dropout: dropout, scale: scale
  ).run()[0]
}

package struct ProjectedHeadAttention: FusedOperation {
  let query: UntypedTensor
  let key: UntypedTensor
  let value: UntypedTensor
  let weight: UntypedTensor
  let bias: UntypedTensor?
  let mask: UntypedTensor?
  let dropout: UntypedTensor?
  let scale: Double

  package init(
    query: UntypedTensor, key: UntypedTensor, value: UntypedTensor, weight: UntypedTensor,
    bias: UntypedTensor?, mask: UntypedTensor?, dropout: UntypedTensor?, scale: Double
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.weight = weight
    self.bias = bias
    self.mask = mask
    self.dropout = dropout
    self.scale = scale
  }

  package var name: StaticString { "headAttention" }
  package var operands: [UntypedTensor?] { [query, key, value, weight, bias] }

  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    var weights = headWeights(operands[0]!, operands[1]!, mask: mask, scale: scale)
    if let dropout { weights = weighted(weights, byConstant: dropout) }
    let contexts = headContexts(weights, operands[2]!, mask: mask)
    return [linear(contexts, operands[3]!, operands[4])]
  }

  /// What is not finite must not meet a weight of 0; see `maskedProduct`.
  package var needsDefinition: Bool {
    mask != nil && ![query, key, value].allSatisfy { Compute.isFinite($0.detached) }
  }

  private var heads: HeadAttention { HeadAttention(query, key, value, mask, dropout, scale) }

  package func forward() -> [UntypedTensor] {
    [
      Compute.matrixProduct(
        heads.forward(), weight.transposedView, bias: bias.map { Compute.contiguous($0) })
    ]
  }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    let dy = Compute.contiguous(gradients[0]!)
    if mask != nil, !Compute.isFinite(dy) { return nil }
    let (found, context) = heads.backward(Compute.matrixProduct(dy, weight))
    let rows = dy.viewed(as: [dy.shape[0] * dy.shape[1], dy.shape[2]])
    let dWeight = Compute.matrixProduct(
      rows.transposedView, context.viewed(as: [rows.shape[0], context.shape[2]]))
    return found + [dWeight, bias.map { _ in Compute.reduce(.sum, rows, axis: 0) }]
  }
}

/// The loops over heads and blocks of queries.
private struct HeadAttention {
  let query: UntypedTensor
  let key: UntypedTensor
  let value: UntypedTensor
  /// Of the weights' shape.
  let mask: UntypedTensor?
  let dropout: UntypedTensor?
  let scale: Double

  let batch: Int
  let heads: Int
  let queries: Int
  let keys: Int
  let features: Int
  let values: Int

  /// Weights of a block at most, unless a query has more keys: a quarter of a second-level cache.
  private static let block = 1 << 16
  /// Multiply-adds that are worth a thread.
  private static let grain = 1 << 18

  init(
    _ query: UntypedTensor, _ key: UntypedTensor, _ value: UntypedTensor, _ mask: UntypedTensor?,
    _ dropout: UntypedTensor?,
    _ scale: Double
  ) {
    self.query = query.detached
    self.key = key.detached
    self.value = value.detached
    self.scale = scale
    (batch, heads, queries) = (query.shape[0], query.shape[1], query.shape[2])
    (keys, features, values) = (key.shape[2], query.shape[3], value.shape[3])
    let shape: Shape = [batch, heads, queries, keys]
    self.mask = mask.map { Compute.expanded($0, shape) }
    self.dropout = dropout.map { Compute.contiguous($0) }
  }

  /// Queries of a block.
  private var rows: Int {
    Swift.min(Swift.max(Self.block / Swift.max(keys, 1), 16), Swift.max(queries, 1))
  }

  /// Calls the body for each head of each sentence, several at a time.
  private func forEachHead<Scalar>(
    _: Scalar.Type, _ body: (_ sentence: Int, _ head: Int, Tiles<Scalar>) -> Void
  ) {
    let work = Swift.max(queries * keys * (features + values), 1)
    let count = batch * heads
    // A few parts for each thread, so that none waits long for another.
    let length = Swift.max(
      Self.grain / work, (count + 4 * Threads.count - 1) / (4 * Threads.count), 1)
    RowParts(count, length: length).forEach { places in
      let tiles = Tiles<Scalar>(self)
      for place in places { body(place / heads, place % heads, tiles) }
      withExtendedLifetime(tiles) {}
    }
  }

  private func forEachBlock(_ body: (Range<Int>) -> Void) {
    for start in stride(from: 0, to: queries, by: rows) {
      body(start..<Swift.min(start + rows, queries))
    }
  }

  /// `[batch, queries, heads * values]`
  func forward() -> UntypedTensor {
    let result = UntypedTensor(query.type, [batch, queries, heads * values])
    query.type.floatingPoint(
      "headAttention", forward(Float.self, result), forward(Double.self, result))
    return result
  }

  private func forward<Scalar: FloatingPointScalar>(_: Scalar.Type, _ result: UntypedTensor) {
    forEachHead(Scalar.self) { sentence, head, tiles in
      forEachBlock { range in
        computeWeights(sentence, head, range, tiles)
        let kept = applyDropout(sentence, head, range, tiles)
        computeContexts(kept, sentence, head, range, into: result)
      }
    }
  }

  /// From the contexts' gradient, `[batch, queries, heads * values]`: those of query, key and value,
  /// whose features lie head by head in each position, and the contexts.
  func backward(_ gradient: UntypedTensor) -> (gradients: [UntypedTensor?], context: UntypedTensor)
  {
    let targets = [(queries, features), (keys, features), (keys, values)].map { count, size in
      let target = UntypedTensor(query.type, [batch, count, heads, size])
      // Without queries, sums over them are zero.
      return queries == 0 ? Compute.zeros(like: target) : target
    }
    let context = UntypedTensor(like: gradient)
    query.type.floatingPoint(
      "headAttention", backward(Float.self, gradient, targets, context),
      backward(Double.self, gradient, targets, context))
    return (targets.map { permuted($0, [0, 2, 1, 3]) }, context)
  }

  private func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ gradient: UntypedTensor, _ targets: [UntypedTensor], _ context: UntypedTensor
  ) {
    let table = Scalar.kernels
    let flow = UnsafePointer(gradient.pointer(Scalar.self))
    let (dQuery, dKey, dValue) = (
      targets[0].pointer(Scalar.self), targets[1].pointer(Scalar.self),
      targets[2].pointer(Scalar.self)
    )
    let (inner, outer) = (heads * features, heads * values)
    forEachHead(Scalar.self) { sentence, head, tiles in
      let k = start(of: key, sentence, head, Scalar.self)
      let v = start(of: value, sentence, head, Scalar.self)
      forEachBlock { range in
        let (first, count) = (range.lowerBound, range.count)
        let dContext = flow + (sentence * queries + first) * outer + head * values
        let slopes = tiles.slopes.pointer(Scalar.self)
        let adds = first > 0
        computeWeights(sentence, head, range, tiles)
        let kept = applyDropout(sentence, head, range, tiles)
        computeContexts(kept, sentence, head, range, into: context)
        table.matrixProduct(
          MatrixProduct(
            m: keys, n: values, k: count, a: UnsafePointer(kept), aRow: 1, aColumn: keys,
            b: dContext, bRow: outer, bColumn: 1,
            c: dValue + (sentence * keys * heads + head) * values, cRow: outer, accumulate: adds))
        // Of the weights, then of the scores.
        table.matrixProduct(
          MatrixProduct(
            m: count, n: keys, k: values, a: dContext, aRow: outer, aColumn: 1,
            b: v, bRow: value.strides[3], bColumn: value.strides[2], c: slopes, cRow: keys))
        if let factors = dropoutStart(sentence, head, range, Scalar.self) {
          table.binary(
            .weigh, slopes, stride: 1, factors, stride: 1, to: slopes, count: count * keys)
        }
        table.softmaxGradient(
          slopes, of: tiles.weights.pointer(Scalar.self), to: slopes,
          .init(outer: count, axis: keys, inner: 1), logarithm: false)
        let target = dQuery + ((sentence * queries + first) * heads + head) * features
        table.matrixProduct(
          MatrixProduct(
            m: count, n: features, k: keys, a: UnsafePointer(slopes), aRow: keys, aColumn: 1,
            b: k, bRow: key.strides[2], bColumn: key.strides[3], c: target, cRow: inner))
        var factor = Scalar(scale)
        for i in 0..<count {
          let row = target + i * inner
          table.binary(.multiply, row, stride: 1, &factor, stride: 0, to: row, count: features)
        }
        table.matrixProduct(
          MatrixProduct(
            m: keys, n: features, k: count, a: UnsafePointer(slopes), aRow: 1, aColumn: keys,
            b: UnsafePointer(tiles.query.pointer(Scalar.self)), bRow: features, bColumn: 1,
            c: dKey + (sentence * keys * heads + head) * features, cRow: inner, accumulate: adds))
      }
    }
  }

  // MARK: Blocks

  /// What a thread needs for a block of queries.
  private struct Tiles<Scalar: FloatingPointScalar> {
    /// `[queries, features]`, times the scale.
    let query: UntypedTensor
    /// `[queries, keys]`
    let weights: UntypedTensor
    /// The weights after dropout; the weights themselves without.
    let kept: UntypedTensor
    /// Their gradients.
    let slopes: UntypedTensor
    let mask: UntypedTensor?

    init(_ heads: HeadAttention) {
      let shape: Shape = [heads.rows, heads.keys]
      query = UntypedTensor(Scalar.scalarType, [heads.rows, heads.features])
      weights = UntypedTensor(Scalar.scalarType, shape)
      slopes = UntypedTensor(Scalar.scalarType, shape)
      kept = heads.dropout == nil ? weights : UntypedTensor(Scalar.scalarType, shape)
      mask = heads.mask.map { _ in UntypedTensor(.bool, shape) }
    }
  }

  /// The matrix of one head of one sentence.
  private func start<Scalar>(
    of x: UntypedTensor, _ sentence: Int, _ head: Int, _: Scalar.Type
  ) -> UnsafePointer<Scalar> {
    UnsafePointer(x.pointer(Scalar.self) + sentence * x.strides[0] + head * x.strides[1])
  }

  /// The weights of a block of queries, as `headWeights` would have them.
  private func computeWeights<Scalar: FloatingPointScalar>(
    _ sentence: Int, _ head: Int, _ range: Range<Int>, _ tiles: Tiles<Scalar>
  ) {
    let table = Scalar.kernels
    let scaled = tiles.query.pointer(Scalar.self)
    let weights = tiles.weights.pointer(Scalar.self)
    let (row, column) = (query.strides[2], query.strides[3])
    let q = start(of: query, sentence, head, Scalar.self) + range.lowerBound * row
    var factor = Scalar(scale)
    for i in 0..<range.count {
      if column == 1 {
        table.binary(
          .multiply, q + i * row, stride: 1, &factor, stride: 0, to: scaled + i * features,
          count: features)
      } else {
        for j in 0..<features { scaled[i * features + j] = q[i * row + j * column] * factor }
      }
    }
    table.matrixProduct(
      MatrixProduct(
        m: range.count, n: keys, k: features, a: UnsafePointer(scaled), aRow: features, aColumn: 1,
        b: start(of: key, sentence, head, Scalar.self), bRow: key.strides[3],
        bColumn: key.strides[2],
        c: weights, cRow: keys))
    if let mask, let tile = tiles.mask {
      copyMask(start(of: mask, sentence, head, Bool.self), range, tile.pointer(Bool.self))
    }
    table.softmax(
      weights, mask: tiles.mask.map { UnsafePointer($0.pointer(Bool.self)) }, to: weights,
      .init(outer: range.count, axis: keys, inner: 1), logarithm: false)
  }

  /// What a block of queries attends to, to its place in `[batch, queries, heads * values]`.
  private func computeContexts<Scalar: FloatingPointScalar>(
    _ weights: UnsafeMutablePointer<Scalar>, _ sentence: Int, _ head: Int, _ range: Range<Int>,
    into result: UntypedTensor
  ) {
    let row = heads * values
    let first = (sentence * queries + range.lowerBound) * row + head * values
    Scalar.kernels.matrixProduct(
      MatrixProduct(
        m: range.count, n: values, k: keys, a: UnsafePointer(weights), aRow: keys, aColumn: 1,
        b: start(of: value, sentence, head, Scalar.self), bRow: value.strides[2],
        bColumn: value.strides[3], c: result.pointer(Scalar.self) + first, cRow: row))
  }

  private func copyMask(
    _ allowed: UnsafePointer<Bool>, _ range: Range<Int>, _ tile: UnsafeMutablePointer<Bool>
  ) {
    let (row, column) = (mask!.strides[2], mask!.strides[3])
    for i in 0..<range.count {
      let from = allowed + (range.lowerBound + i) * row
      if column == 1 {
        (tile + i * keys).update(from: from, count: keys)
      } else {
        for j in 0..<keys { tile[i * keys + j] = from[j * column] }
      }
    }
  }

  private func dropoutStart<Scalar>(
    _ sentence: Int, _ head: Int, _ range: Range<Int>, _: Scalar.Type
  ) -> UnsafePointer<Scalar>? {
    dropout.map {
      let row = (sentence * heads + head) * queries + range.lowerBound
      return UnsafePointer($0.pointer(Scalar.self) + row * keys)
    }
  }

  /// The weights after dropout.
  private func applyDropout<Scalar: FloatingPointScalar>(
    _ sentence: Int, _ head: Int, _ range: Range<Int>, _ tiles: Tiles<Scalar>
  ) -> UnsafeMutablePointer<Scalar> {
    let kept = tiles.kept.pointer(Scalar.self)
    if let factors = dropoutStart(sentence, head, range, Scalar.self) {
      Scalar.kernels.binary(
        .weigh, tiles.weights.pointer(Scalar.self), stride: 1, factors, stride: 1, to: kept,
        count: range.count * keys)
    }
    return kept
  }
}
