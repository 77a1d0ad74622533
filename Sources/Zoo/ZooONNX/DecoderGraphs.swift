import Autograd
import Interchange
import ONNX

// The graphs of decoders: `encoder` gives what `step` is given under the same name.

/// A tensor that an encoder hands to the steps, or a step to the next.
struct Handed {
  let name: String
  let type: ONNXElementType
  let axes: [TensorAxis]
}

extension ONNXGraph {
  /// Of a step: what the encoder or the step before has given.
  func inputs(_ handed: [Handed]) -> [ONNXValue] {
    handed.map { input($0.name, $0.type, $0.axes) }
  }

  /// Of an encoder: what the steps are given.
  func give(_ handed: [Handed], _ values: [ONNXValue]) {
    for (one, value) in zip(handed, values) { output(one.name, value, one.axes) }
  }

  /// Of a step: the state that the next one is given.
  func giveNext(_ handed: [Handed], _ values: [ONNXValue]) {
    for (one, value) in zip(handed, values) {
      output(
        one.name.replacing("state.", with: "next."), value,
        one.axes.map { $0 == .named("past") ? .named("now") : $0 })
    }
  }
}
