import Autograd
public import Layers

/// Keys and values of an attention's heads in a graph, `[batch, heads, keys, E/H]` each.
public struct ONNXHeads {
  /// `[batch, heads, keys, E/H]`
  public var keys: ONNXValue
  /// `[batch, heads, keys, E/H]`
  public var values: ONNXValue

  /// Keys and values that stand in a graph.
  public init(keys: ONNXValue, values: ONNXValue) {
    self.keys = keys
    self.values = values
  }
}

extension MultiHeadAttention {
  /// The heads' keys and values.
  ///
  /// - Parameters:
  ///   - keys: `[batch, keys, keySize]`
  ///   - values: `[batch, keys, valueSize]`
  ///   - start: position of the first, without axes, for rotary positions; nil for 0.
  public func projected(
    keys: ONNXValue, values: ONNXValue, from start: ONNXValue? = nil
  ) -> ONNXHeads {
    keys.graph.inside(self) {
      ONNXHeads(
        keys: turned(split(projection(keys, $keyWeight, $keyBias)), start),
        values: split(projection(values, $valueWeight, $valueBias)))
    }
  }

  /// What the heads attend to, joined.
  ///
  /// - Parameters:
  ///   - queries: `[batch, queries, size]`
  ///   - heads: what `projected` has returned.
  ///   - allowed: true = may attend; broadcasts to `[batch, heads, queries, keys]`.
  ///   - start: position of the first query, for rotary positions; nil for 0.
  /// - Returns: output `[batch, queries, size]`, weights `[batch, heads, queries, keys]`.
  public func callAsFunction(
    _ queries: ONNXValue, _ heads: ONNXHeads, allowed: ONNXValue?, from start: ONNXValue? = nil
  ) -> (output: ONNXValue, weights: ONNXValue) {
    queries.graph.inside(self) {
      let q = turned(split(projection(queries, $queryWeight, $queryBias)), start)
      let size = Double($queryWeight.shape[0] / self.heads)
      let scores = matmul(q * (1 / size.squareRoot()), heads.keys.transposed([0, 1, 3, 2]))
      let weights = softmax(scores, axis: -1, mask: allowed)
      let context = matmul(weights, heads.values).transposed([0, 2, 1, 3]).reshaped([0, 0, -1])
      return (projection(context, $outputWeight, $outputBias), weights)
    }
  }

  /// - Parameters:
  ///   - queries: `[batch, queries, size]`
  ///   - keys: `[batch, keys, keySize]`
  ///   - values: `[batch, keys, valueSize]`; the keys if nil.
  ///   - keyMask: true = may be attended to: `[batch, keys]`. What stands elsewhere has no influence,
  ///     even if it is not a number.
  ///   - mask: true = may attend; broadcasts to `[batch, heads, queries, keys]`.
  /// - Returns: output `[batch, queries, size]`, weights `[batch, heads, queries, keys]`.
  public func callAsFunction(
    queries: ONNXValue, keys: ONNXValue, values: ONNXValue? = nil, keyMask: ONNXValue? = nil,
    mask: ONNXValue? = nil
  ) -> (output: ONNXValue, weights: ONNXValue) {
    let keys = keys.cleared(outside: keyMask)
    let allowed = keyMask?.unsqueezed([1, 2])
    return self(
      queries, projected(keys: keys, values: values?.cleared(outside: keyMask) ?? keys),
      allowed: mask.map { mask in allowed.map { mask & $0 } ?? mask } ?? allowed)
  }

  /// Causal attention of a sequence to itself, further positions at a time.
  ///
  /// - Parameters:
  ///   - x: `[batch, new, size]`
  ///   - cache: of the positions before; of these, too, when it comes back.
  ///   - keyMask: true = may be attended to: `[batch, positions so far and new]`.
  /// - Returns: `[batch, new, size]`
  public func callAsFunction(
    _ x: ONNXValue, cache: inout ONNXHeads, keyMask: ONNXValue? = nil
  ) -> ONNXValue {
    let start = cache.keys.count(2)
    let new = projected(keys: x, values: x, from: start)
    cache.keys = .concatenated([cache.keys, new.keys], axis: 2)
    cache.values = .concatenated([cache.values, new.values], axis: 2)
    let causal = x.graph.causalMask(start, start + x.count(1))  // [new, positions]
    let allowed = keyMask.map { causal & $0.unsqueezed([1, 2]) } ?? causal
    return self(x, cache, allowed: allowed, from: start).output
  }

  private func projection(
    _ x: ONNXValue, _ weight: Parameter<Scalar>, _ bias: Parameter<Scalar>?
  ) -> ONNXValue {
    linear(x, x.graph.parameter(weight), bias.map { x.graph.parameter($0) })
  }

  /// `[batch, time, E]` to `[batch, heads, time, E/H]`.
  private func split(_ x: ONNXValue) -> ONNXValue {
    x.reshaped([0, 0, .size(heads), -1]).transposed([0, 2, 1, 3])
  }

  private func turned(_ x: ONNXValue, _ start: ONNXValue?) -> ONNXValue {
    rotary.map { $0(x, from: start, timeAxis: 2) } ?? x
  }
}

extension MultiHeadAttention: ONNXExportable {
  /// One graph: queries, keys, values and both masks to `output` and `weights`, the mean of the
  /// heads'.
  public func onnxGraphs() -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let inputs = AttentionInputs(graph, Scalar.onnxType)
    let made = self(
      queries: inputs.queries, keys: inputs.keys, values: inputs.values, keyMask: inputs.keyMask,
      mask: inputs.mask.unsqueezed([1]))
    inputs.give(made.output, made.weights.mean(axes: [1]))
    return [graph]
  }
}
