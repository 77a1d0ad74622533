import Autograd
import Layers
public import ONNX
public import SentenceEncoder

extension SentenceEncoder: ONNXExportable {
  /// One graph: `symbols` and `types` `[batch, time]` and `lengths` to `vectors`, `[batch, size]`.
  public func onnxGraphs() -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let symbols = graph.input("symbols", .int64, ["batch", "time"])
    let types = graph.input("types", .int64, ["batch", "time"])
    let lengths = graph.input("lengths", .int64, ["batch"])
    let mask = ONNXValue.sequenceMask(lengths: lengths, time: symbols.count(1))
    var x = norm(positions(words(symbols) + self.types(types)))
    for layer in layers { x = layer(x, keyMask: mask) }
    var vectors = pooled(x, lengths, mask)
    if configuration.isNormalized {
      let length = sqrt(square(vectors).sum(axes: [1], keepsAxes: true))
      let isShort = length .< graph.constant(1e-12, length.type)
      vectors = vectors / length.filled(where: isShort, with: 1e-12)
    }
    graph.output("vectors", vectors, ["batch", .size(configuration.size)])
    return [graph]
  }

  /// `[batch, time, size]` to `[batch, size]`.
  private func pooled(_ states: ONNXValue, _ lengths: ONNXValue, _ mask: ONNXValue) -> ONNXValue {
    let isNoSymbol = !mask.unsqueezed([2])
    let counts = lengths.unsqueezed([1]).converted(to: states.type)
    let isEmpty = counts .== states.graph.constant(0, states.type)
    switch configuration.pooling {
    case .mean:
      return states.filled(where: isNoSymbol, with: 0).sum(axes: [1])
        / counts.filled(where: isEmpty, with: 1)
    case .first: return states.selected(axis: 1, at: 0).filled(where: isEmpty, with: 0)
    case .largest:
      return states.filled(where: isNoSymbol, with: -Double(Scalar.greatestFiniteMagnitude)).max(
        axes: [1])
        .filled(where: isEmpty, with: 0)
    }
  }
}
