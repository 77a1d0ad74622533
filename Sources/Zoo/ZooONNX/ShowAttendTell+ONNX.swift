import Autograd
import Layers
public import ONNX
public import ShowAttendTell

extension PictureEncoder: ONNXMapping {
  /// `[batch, channels, height, width]` to `[batch, features, rows, columns]`.
  public var onnxSignature: ONNXSignature {
    let (first, last) = (stages.first!.first!, stages.last!.last!)
    return ONNXSignature(
      Scalar.onnxType, ["batch", .size(first.convolution.$weight.shape[1]), "height", "width"],
      ["batch", .size(last.norm.channels), "rows", "columns"])
  }

  /// Stages of convolutions, and between two the largest of each 2 x 2 places.
  public func callAsFunction(_ pictures: ONNXValue) -> ONNXValue {
    var x = pictures
    for (number, blocks) in stages.enumerated() {
      if number > 0 {
        x = x.graph.node(
          "MaxPool", [x], ["kernel_shape": .integers([2, 2]), "strides": .integers([2, 2])])
      }
      for block in blocks { x = relu(block.norm(block.convolution(x))) }
    }
    return x
  }
}

extension ShowAttendTell: ONNXExportable where Score: ONNXAttentionScore {
  /// `encoder`, of `pictures` `[batch, channels, size, size]`, and `step`, of the last `symbols`
  /// `[batch]`, to the logarithms of the next words' probabilities, `logProbabilities`
  /// `[batch, vocabulary]`, and to `weights` `[batch, places]`. A hard glance is at the place of the
  /// largest weight.
  public func onnxGraphs() throws -> [ONNXGraph] { [try encoderGraph(), try stepGraph()] }

  private var memory: [Handed] {
    [
      Handed(
        name: "memory.keys", type: Scalar.onnxType, axes: ["batch", "places", "preparedSize"]),
      Handed(
        name: "memory.annotations", type: Scalar.onnxType,
        axes: ["batch", "places", .size(configuration.annotationSize)]),
    ]
  }

  private var state: [Handed] {
    ["state.hidden", "state.cell"].map {
      Handed(
        name: $0, type: Scalar.onnxType, axes: ["batch", .size(configuration.hiddenSize)])
    }
  }

  private func encoderGraph() throws -> ONNXGraph {
    let graph = ONNXGraph("encoder", of: self)
    let pictures = graph.input("pictures", Scalar.onnxType, encoder.onnxSignature.input)
    let annotations = encoder(pictures).reshaped([0, 0, -1]).transposed([0, 2, 1])
    let mean = annotations.mean(axes: [1])
    graph.give(memory, [try attention.score.prepare(keys: annotations), annotations])
    graph.give(state, [tanh(initialHidden(mean)), tanh(initialCell(mean))])
    return graph
  }

  private func stepGraph() throws -> ONNXGraph {
    let graph = ONNXGraph("step", of: self)
    let embedded = embedding(graph.input("symbols", .int64, ["batch"]))
    let memory = graph.inputs(self.memory)
    let state = graph.inputs(self.state)
    let (expected, weights) = try attention(
      step: state[0], ONNXAttentionMemory(keys: memory[0], values: memory[1]))
    let seen = configuration.glance == .soft ? expected : glance(weights, at: memory[1])
    let context = seen * sigmoid(gate(state[0]))
    let next = decoder.step(.concatenated([embedded, context], axis: 1), state)
    let logits = output(embedded + outputHidden(next[0]) + outputContext(context))
    graph.output(
      "logProbabilities", logSoftmax(logits, axis: -1),
      ["batch", .size(configuration.vocabulary)])
    graph.output("weights", weights, ["batch", "places"])
    graph.giveNext(self.state, next)
    return graph
  }

  /// The annotation of the place with the largest weight, `[batch, features]`.
  private func glance(_ weights: ONNXValue, at annotations: ONNXValue) -> ONNXValue {
    let places = weights.graph.range(weights.graph.constant(0, .int64), weights.count(1))
    let isChosen = (places .== weights.argmax(axis: 1).unsqueezed([1])).converted(to: weights.type)
    return matmul(isChosen.unsqueezed([1]), annotations).squeezed([1])
  }
}
