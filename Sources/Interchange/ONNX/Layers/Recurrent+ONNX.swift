import Autograd
public import Layers

extension Recurrent where Cell: ONNXRecurrentCell {
  /// The results of a network in a graph; see `Result`.
  public struct ONNXResult {
    /// Of the last layer, `[batch, time, hidden]`, or `[batch, time, 2 * hidden]`.
    public let outputs: ONNXValue
    /// By layer: the tensors of the state after each sequence's last step.
    public let finalStates: [[ONNXValue]]
    /// By layer: those of the reverse direction; empty without it.
    public let reverseFinalStates: [[ONNXValue]]
  }

  /// - Parameters:
  ///   - inputs: `[batch, time, in]`
  ///   - lengths: number of steps of each sequence, `[batch]`; nil where all have all.
  public func callAsFunction(_ inputs: ONNXValue, lengths: ONNXValue? = nil) throws -> ONNXResult {
    var x = inputs
    var (finalStates, reverseFinalStates) = ([[ONNXValue]](), [[ONNXValue]]())
    for layer in layers {
      let ahead = try layer.forward.sequence(
        x, initialState: nil, lengths: lengths, isReverse: false)
      finalStates.append(ahead.finalState)
      guard let cell = layer.reverse else {
        x = ahead.outputs
        continue
      }
      let back = try cell.sequence(x, initialState: nil, lengths: lengths, isReverse: true)
      reverseFinalStates.append(back.finalState)
      x = .concatenated([ahead.outputs, back.outputs], axis: 2)
    }
    return ONNXResult(
      outputs: x, finalStates: finalStates, reverseFinalStates: reverseFinalStates)
  }
}

extension Recurrent: ONNXExportable where Cell: ONNXRecurrentCell {
  /// One graph: `x` and `lengths` to `outputs`, and by layer and tensor of the state
  /// `finalStates.0.0`, `reverseFinalStates.0.0` and so on.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let graph = ONNXGraph(of: self)
    let x = graph.input("x", Scalar.onnxType, ["batch", "time", "features"])
    let lengths = graph.input("lengths", .int64, ["batch"])
    let made = try self(x, lengths: lengths)
    let size = layers[0].forward.hiddenSize
    graph.output(
      "outputs", made.outputs, ["batch", "time", .size(isBidirectional ? 2 * size : size)])
    for (name, states) in [
      ("finalStates", made.finalStates), ("reverseFinalStates", made.reverseFinalStates),
    ] {
      for (layer, state) in states.enumerated() {
        for (index, tensor) in state.enumerated() {
          graph.output("\(name).\(layer).\(index)", tensor, ["batch", .named("state\(index)")])
        }
      }
    }
    return [graph]
  }
}

extension ONNXRecurrentCell where Self: ONNXExportable {
  /// One graph of one step: `x` and the state's tensors `state.0` and so on to `next.0` and so on.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let graph = ONNXGraph("step", of: self)
    let x = graph.input("x", Scalar.onnxType, ["batch", "features"])
    let state = initialTensors.indices.map {
      graph.input("state.\($0)", Scalar.onnxType, ["batch", .named("state\($0)")])
    }
    for (index, tensor) in try step(x, state).enumerated() {
      graph.output("next.\(index)", tensor, ["batch", .named("state\(index)")])
    }
    return [graph]
  }
}
