import Autograd
public import Layers

extension LocalAttention where Score: ONNXAttentionScore {
  /// - Parameters:
  ///   - queries: of consecutive steps, `[batch, queries, querySize]`.
  ///   - memory: what `attention.prepare` has returned.
  ///   - step: number of the first query's step, without axes. A predictor does without.
  /// - Returns: context `[batch, queries, valueSize]` and weights `[batch, queries, keys]`.
  public func callAsFunction(
    _ queries: ONNXValue, _ memory: ONNXAttentionMemory, step: ONNXValue
  ) throws -> (context: ONNXValue, weights: ONNXValue) {
    let graph = queries.graph
    let keys = memory.keys.count(1)
    let positions = graph.range(keys.like(0), keys).converted(to: queries.type)  // [keys]
    let centers =
      predictor.map { $0(queries, lengths: memory.lengths) }
      ?? graph.range(step, step + queries.count(1)).converted(to: queries.type)
      .unsqueezed([0, 2])
    let distances = positions - centers  // [batch or 1, queries, keys]
    let isNear = abs(distances) .<= distances.like(Double(window))
    var near = memory
    near.allowed = memory.allowed.map { isNear & $0 } ?? isNear
    let variance = Double(window * window) / 4
    return near.attended(
      try attention.score(queries: queries, keys: memory.keys),
      scaledBy: predictor == nil ? nil : exp(square(distances) * (-1 / (2 * variance))))
  }
}

extension LocalAttention: ONNXExportable where Score: ONNXAttentionScore {
  /// One graph: queries, keys, values, both masks and `step`, the number of the first query's step, to
  /// `output` and `weights`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let inputs = AttentionInputs(graph, Scalar.onnxType)
    let memory = try attention.prepare(
      keys: inputs.keys, values: inputs.values, keyMask: inputs.keyMask, mask: inputs.mask)
    let (context, weights) = try self(
      inputs.queries, memory, step: graph.input("step", .int64, []))
    inputs.give(context, weights)
    return [graph]
  }
}

extension PositionPredictor {
  /// `S sigmoid(v · tanh(weight q))`
  ///
  /// - Parameters:
  ///   - queries: `[batch, queries, querySize]`
  ///   - lengths: S of each sentence, `[batch]`.
  /// - Returns: `[batch, queries, 1]`
  public func callAsFunction(_ queries: ONNXValue, lengths: ONNXValue) -> ONNXValue {
    let graph = queries.graph
    return graph.inside(self) {
      let features = tanh(linear(queries, graph.parameter($weight)))
      let share = sigmoid(matmul(features, graph.parameter($v).unsqueezed([1])))
      return share * lengths.converted(to: queries.type).unsqueezed([1, 2])
    }
  }
}

extension ONNXAttentionMemory {
  /// Number of keys of each sentence up to the last one that any query may attend to, `[batch]`.
  var lengths: ONNXValue {
    let graph = keys.graph
    let numbers = graph.range(keys.count(1).like(1), keys.count(1) + 1)  // [keys]
    guard let allowed else {
      return keys.extent(1).expanded(to: [.axis(0, of: keys)])
    }
    return (allowed.converted(to: .int64) * numbers).max(axes: [1, 2])
  }
}
