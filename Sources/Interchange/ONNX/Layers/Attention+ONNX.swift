import Autograd
import Interchange
public import Layers

/// A sentence as attention remembers it in a graph; see `AttentionMemory`.
public struct ONNXAttentionMemory {
  /// What the score has made of the keys: `[batch, keys, any size]`
  public var keys: ONNXValue
  /// `[batch, keys, valueSize]`
  public var values: ONNXValue
  /// True = may attend: `[batch, 1 or queries, keys]`; nil where every query may attend to all.
  public var allowed: ONNXValue?

  /// - Parameters:
  ///   - keys: what the score has made of the keys.
  ///   - values: `[batch, keys, valueSize]`
  ///   - keyMask: true = may attend, for all queries: `[batch, keys]`.
  ///   - mask: true = may attend: `[batch, queries, keys]`.
  public init(
    keys: ONNXValue, values: ONNXValue, keyMask: ONNXValue? = nil, mask: ONNXValue? = nil
  ) {
    self.keys = keys
    self.values = values
    let rows = keyMask?.unsqueezed([1])
    allowed = mask.map { mask in rows.map { mask & $0 } ?? mask } ?? rows
  }
}

extension ONNXValue {
  /// Zeros at the keys that nothing may attend to: 0 times what stands there, be it NaN, is 0.
  ///
  /// - Parameter keyMask: true = may attend: `[batch, keys]`.
  func cleared(outside keyMask: ONNXValue?) -> ONNXValue {
    keyMask.map { select($0.unsqueezed([2]), self, like(0)) } ?? self
  }
}

extension Attention where Score: ONNXAttentionScore {
  /// What attention needs to know of a sentence. What stands at a key that `keyMask` leaves out has
  /// no influence, even if it is not a number.
  ///
  /// - Parameters:
  ///   - keys: `[batch, keys, keySize]`
  ///   - values: `[batch, keys, valueSize]`; the keys if nil.
  ///   - keyMask: true = may attend, for all queries: `[batch, keys]`.
  ///   - mask: true = may attend: `[batch, queries, keys]`.
  public func prepare(
    keys: ONNXValue, values: ONNXValue? = nil, keyMask: ONNXValue? = nil, mask: ONNXValue? = nil
  ) throws -> ONNXAttentionMemory {
    let keys = keys.cleared(outside: keyMask)
    return ONNXAttentionMemory(
      keys: try score.prepare(keys: keys), values: values?.cleared(outside: keyMask) ?? keys,
      keyMask: keyMask, mask: mask)
  }

  /// - Parameters:
  ///   - queries: `[batch, queries, querySize]`
  ///   - memory: what `prepare` has returned.
  /// - Returns: context `[batch, queries, valueSize]` and weights `[batch, queries, keys]`.
  public func callAsFunction(
    _ queries: ONNXValue, _ memory: ONNXAttentionMemory
  ) throws -> (context: ONNXValue, weights: ONNXValue) {
    memory.attended(try score(queries: queries, keys: memory.keys))
  }

  /// A single step.
  ///
  /// - Parameter query: `[batch, querySize]`
  /// - Returns: context `[batch, valueSize]` and weights `[batch, keys]`.
  public func callAsFunction(
    step query: ONNXValue, _ memory: ONNXAttentionMemory
  ) throws -> (context: ONNXValue, weights: ONNXValue) {
    let (context, weights) = try self(query.unsqueezed([1]), memory)
    return (context.squeezed([1]), weights.squeezed([1]))
  }
}

extension Attention where Score: ONNXHistoryScore {
  /// A single step that knows what those before have attended to.
  ///
  /// - Parameters:
  ///   - query: `[batch, querySize]`
  ///   - history: `[batch, keys]`; zeros before the first step.
  /// - Returns: context `[batch, valueSize]`, weights `[batch, keys]`, and the next history.
  public func callAsFunction(
    step query: ONNXValue, _ memory: ONNXAttentionMemory, after history: ONNXValue
  ) throws -> (context: ONNXValue, weights: ONNXValue, history: ONNXValue) {
    let scores = try score(query: query, keys: memory.keys, history: history)
    let (context, weights) = memory.attended(scores.unsqueezed([1]))
    let own = weights.squeezed([1])
    return (context.squeezed([1]), own, score.history(history, followedBy: own))
  }
}

extension ONNXAttentionMemory {
  /// The weighted means of the values.
  ///
  /// - Parameters:
  ///   - scores: `[batch, queries, keys]`
  ///   - factor: what weights are multiplied by after the softmax; nothing if nil.
  func attended(
    _ scores: ONNXValue, scaledBy factor: ONNXValue? = nil
  ) -> (context: ONNXValue, weights: ONNXValue) {
    var weights = softmax(scores, axis: -1, mask: allowed)
    if let factor { weights = weights * factor }
    return (matmul(weights, values), weights)
  }
}

extension Attention: ONNXExportable where Score: ONNXAttentionScore {
  /// Queries, keys, values and both masks to context and weights. A score that looks back is one
  /// step: `query`, `keys`, `values`, `keyMask` and `state.history` to `context`, `weights` and
  /// `next.history`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    func look<Past: ONNXHistoryScore<Scalar>>(_ score: Past) throws -> [ONNXGraph] {
      try Attention<Past>(score).stepGraphs()
    }
    if let score = score as? any ONNXHistoryScore<Scalar> { return try look(score) }
    let graph = ONNXGraph(of: self)
    let inputs = AttentionInputs(graph, Scalar.onnxType)
    try graph.inside(self) {
      let (context, weights) = try self(
        inputs.queries,
        prepare(
          keys: inputs.keys, values: inputs.values, keyMask: inputs.keyMask, mask: inputs.mask))
      inputs.give(context, weights)
    }
    return [graph]
  }
}

extension Attention where Score: ONNXHistoryScore {
  fileprivate func stepGraphs() throws -> [ONNXGraph] {
    let (graph, type) = (ONNXGraph("step", of: self), Scalar.onnxType)
    let query = graph.input("query", type, ["batch", "querySize"])
    let keys = graph.input("keys", type, ["batch", "keys", "keySize"])
    let values = graph.input("values", type, ["batch", "keys", "valueSize"])
    let keyMask = graph.input("keyMask", .bool, ["batch", "keys"])
    let history = graph.input("state.history", type, ["batch", "keys"])
    let made = try self(
      step: query, prepare(keys: keys, values: values, keyMask: keyMask), after: history)
    graph.output("context", made.context, ["batch", "valueSize"])
    graph.output("weights", made.weights, ["batch", "keys"])
    graph.output("next.history", made.history, ["batch", "keys"])
    return [graph]
  }
}

/// What a graph of an attention by itself is given.
struct AttentionInputs {
  let queries, keys, values, keyMask, mask: ONNXValue

  init(_ graph: ONNXGraph, _ type: ONNXElementType) {
    queries = graph.input("queries", type, ["batch", "queries", "querySize"])
    keys = graph.input("keys", type, ["batch", "keys", "keySize"])
    values = graph.input("values", type, ["batch", "keys", "valueSize"])
    keyMask = graph.input("keyMask", .bool, ["batch", "keys"])
    mask = graph.input("mask", .bool, ["batch", "queries", "keys"])
  }

  func give(_ context: ONNXValue, _ weights: ONNXValue) {
    context.graph.output("output", context, ["batch", "queries", "outputSize"])
    context.graph.output("weights", weights, ["batch", "queries", "keys"])
  }
}

extension AttentionLayer: ONNXExportable {
  /// - Parameters:
  ///   - states: `[batch, time, hidden]`
  ///   - keyMask: true = may attend: `[batch, time]`.
  /// - Returns: the states by their weights, and the weights, `[batch, time, hidden]` both.
  public func callAsFunction(
    _ states: ONNXValue, keyMask: ONNXValue?
  ) -> (output: ONNXValue, weights: ONNXValue) {
    let states = states.cleared(outside: keyMask)
    let weights = softmax(tanh(attention(states)), axis: 1, mask: keyMask?.unsqueezed([2]))
    return (weights * states, weights)
  }

  /// One graph: `states` and `keyMask` to `output` and `weights`, and `context`, the sum over time.
  public func onnxGraphs() -> [ONNXGraph] {
    let (graph, size) = (ONNXGraph(of: self), attention.$weight.shape[0])
    let axes: [TensorAxis] = ["batch", "time", .size(size)]
    let states = graph.input("states", Scalar.onnxType, axes)
    let (output, weights) = self(
      states, keyMask: graph.input("keyMask", .bool, ["batch", "time"]))
    graph.output("output", output, axes)
    graph.output("weights", weights, axes)
    graph.output("context", output.sum(axes: [1]), ["batch", .size(size)])
    return [graph]
  }
}
