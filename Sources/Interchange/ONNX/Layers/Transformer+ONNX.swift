import Autograd
import Interchange
public import Layers

extension FeedForward: ONNXMapping {
  /// `[batch, time, size]`; in a model of one's own, of any rank.
  public var onnxSignature: ONNXSignature {
    ONNXSignature(Scalar.onnxType, ["batch", "time", .size(first.$weight.shape[1])])
  }

  /// `second(activation(first(x)))`
  public func callAsFunction(_ x: ONNXValue) -> ONNXValue {
    x.graph.inside(self) {
      let inner = first(x)
      return second(activation == .relu ? relu(inner) : gelu(inner))
    }
  }
}

/// A sublayer with its residual connection and its norm.
private func residual<Scalar>(
  _ x: ONNXValue, _ norm: LayerNorm<Scalar>, _ position: NormPosition,
  _ sublayer: (ONNXValue) -> ONNXValue
) -> ONNXValue {
  switch position {
  case .postNorm: norm(x + sublayer(x))
  case .preNorm: x + sublayer(norm(x))
  }
}

extension TransformerEncoderLayer {
  /// - Parameters:
  ///   - x: `[batch, time, size]`
  ///   - mask: true = may attend; broadcasts to `[batch, heads, time, time]`.
  ///   - keyMask: true = may be attended to, `[batch, time]`.
  public func callAsFunction(
    _ x: ONNXValue, mask: ONNXValue? = nil, keyMask: ONNXValue? = nil
  ) -> ONNXValue {
    layer(x) { selfAttention(queries: $0, keys: $0, keyMask: keyMask, mask: mask).output }
  }

  /// The layer as part of a decoder without an encoder; see `MultiHeadAttention`.
  public func callAsFunction(
    _ x: ONNXValue, cache: inout ONNXHeads, keyMask: ONNXValue? = nil
  ) -> ONNXValue {
    layer(x) { selfAttention($0, cache: &cache, keyMask: keyMask) }
  }

  private func layer(_ x: ONNXValue, attention: (ONNXValue) -> ONNXValue) -> ONNXValue {
    let attended = residual(x, norm1, normPosition, attention)
    return residual(attended, norm2, normPosition) { feedForward($0) }
  }
}

extension TransformerEncoderLayer: ONNXExportable {
  /// One graph: `x`, `keyMask` and `mask` to `output`.
  public func onnxGraphs() -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let axes: [TensorAxis] = ["batch", "time", .size(norm1.shape[0])]
    let x = graph.input("x", Scalar.onnxType, axes)
    let keyMask = graph.input("keyMask", .bool, ["batch", "time"])
    let mask = graph.input("mask", .bool, ["batch", "time", "time"])
    graph.output("output", self(x, mask: mask.unsqueezed([1]), keyMask: keyMask), axes)
    return [graph]
  }
}

extension TransformerDecoderLayer {
  /// - Parameters:
  ///   - x: `[batch, target, size]`
  ///   - memory: the encoder's result, `[batch, source, size]`.
  ///   - mask: of the target to itself; broadcasts to `[batch, heads, target, target]`.
  ///   - memoryKeyMask: true = may be attended to, `[batch, source]`.
  public func callAsFunction(
    _ x: ONNXValue, memory: ONNXValue, mask: ONNXValue? = nil, memoryKeyMask: ONNXValue? = nil
  ) -> ONNXValue {
    layer(x) {
      selfAttention(queries: $0, keys: $0, mask: mask).output
    } toMemory: {
      memoryAttention(queries: $0, keys: memory, keyMask: memoryKeyMask).output
    }
  }

  /// What the attention to the memory needs to know of it, computed once for all steps.
  ///
  /// - Parameters:
  ///   - memory: the encoder's result, `[batch, source, size]`.
  ///   - keyMask: true = may be attended to, `[batch, source]`.
  public func prepare(memory: ONNXValue, keyMask: ONNXValue?) -> ONNXHeads {
    let memory = memory.cleared(outside: keyMask)
    return memoryAttention.projected(keys: memory, values: memory)
  }

  /// Further positions of the target, each of which sees those before it and itself.
  ///
  /// - Parameters:
  ///   - x: `[batch, new, size]`
  ///   - memory: what `prepare` has returned.
  ///   - memoryKeyMask: true = may be attended to, `[batch, source]`.
  ///   - cache: of the positions before; of these, too, when it comes back.
  public func callAsFunction(
    _ x: ONNXValue, memory: ONNXHeads, memoryKeyMask: ONNXValue?, cache: inout ONNXHeads
  ) -> ONNXValue {
    layer(x) {
      selfAttention($0, cache: &cache)
    } toMemory: {
      memoryAttention($0, memory, allowed: memoryKeyMask?.unsqueezed([1, 2])).output
    }
  }

  private func layer(
    _ x: ONNXValue, toItself: (ONNXValue) -> ONNXValue, toMemory: (ONNXValue) -> ONNXValue
  ) -> ONNXValue {
    let own = residual(x, norm1, normPosition, toItself)
    let attended = residual(own, norm2, normPosition, toMemory)
    return residual(attended, norm3, normPosition) { feedForward($0) }
  }
}

extension TransformerDecoderLayer: ONNXExportable {
  /// One graph, of a target that is known: `x`, `memory`, `mask` and `memoryKeyMask` to `output`.
  public func onnxGraphs() -> [ONNXGraph] {
    let (graph, size) = (ONNXGraph(of: self), norm1.shape[0])
    let x = graph.input("x", Scalar.onnxType, ["batch", "target", .size(size)])
    let memory = graph.input("memory", Scalar.onnxType, ["batch", "source", .size(size)])
    let mask = graph.input("mask", .bool, ["batch", "target", "target"])
    let keyMask = graph.input("memoryKeyMask", .bool, ["batch", "source"])
    graph.output(
      "output", self(x, memory: memory, mask: mask.unsqueezed([1]), memoryKeyMask: keyMask),
      ["batch", "target", .size(size)])
    return [graph]
  }
}
