public import AttentionRNN
import Autograd
import Layers
public import ONNX
public import SimpleRNN

extension SimpleRNN: ONNXExportable {
  /// One graph: `x` `[batch, time, in]` and `lengths` to `output`, `[batch, out]`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let x = graph.input("x", Scalar.onnxType, ["batch", "time", .size(configuration.inputSize)])
    let states = try rnn(x, lengths: graph.input("lengths", .int64, ["batch"]))
    let last = [states.finalStates.last, states.reverseFinalStates.last].compactMap { $0?[0] }
    graph.output(
      "output", fc(.concatenated(last, axis: 1)), ["batch", .size(configuration.outputSize)])
    return [graph]
  }
}

extension AttentionRNN: ONNXExportable {
  /// One graph: `x` `[batch, time, in]` and `lengths` to `output`, `[batch, out]`, and `weights`, how
  /// much the model looks at each step, `[batch, time]`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let x = graph.input("x", Scalar.onnxType, ["batch", "time", .size(configuration.inputSize)])
    let lengths = graph.input("lengths", .int64, ["batch"])
    let states = try rnn(x, lengths: lengths).outputs
    let (weighted, weights) = attention(
      states, keyMask: .sequenceMask(lengths: lengths, time: x.count(1)))
    graph.output(
      "output", fc(weighted.sum(axes: [1])), ["batch", .size(configuration.outputSize)])
    graph.output("weights", weights.mean(axes: [2]), ["batch", "time"])
    return [graph]
  }
}
