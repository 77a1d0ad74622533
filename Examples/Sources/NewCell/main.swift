// The program of Documentation/Tapestry.docc/NewCell.md: change it there, and call Documentation/programs.sh.
import Autograd
import Layers
import Training

struct MinimalGatedCell<Scalar: FloatingPointScalar>: RecurrentCell {
  let hiddenSize: Int
  let gate: Linear<Scalar>
  let candidate: Linear<Scalar>

  init(inputSize: Int, hiddenSize: Int, using generator: inout some RandomNumberGenerator) {
    self.hiddenSize = hiddenSize
    gate = Linear(inputs: inputSize + hiddenSize, outputs: hiddenSize, using: &generator)
    candidate = Linear(inputs: inputSize + hiddenSize, outputs: hiddenSize, using: &generator)
  }

  func initialState(batch: Int) -> Tensor<Scalar> { .zeros([batch, hiddenSize]) }

  /// `[batch, in]` and `[batch, hidden]` to `[batch, hidden]`.
  func callAsFunction(_ x: Tensor<Scalar>, _ state: Tensor<Scalar>) -> Tensor<Scalar> {
    let forget = sigmoid(gate(.concatenated([x, state], axis: 1)))
    let next = tanh(candidate(.concatenated([x, forget * state], axis: 1)))
    return (1 - forget) * state + forget * next
  }
}

var generator = Generator(seed: 3)
let network = Recurrent(inputSize: 2, layers: 2, isBidirectional: true) { size in
  MinimalGatedCell<Double>(inputSize: size, hiddenSize: 4, using: &generator)
}
let x = Tensor<Double>.normal([3, 5, 2], using: &generator)
let result = network(x, lengths: [5, 2, 4])
print("outputs", result.outputs.shape, "states of", result.finalStates.count, "layers")
print("behind an end:", result.outputs[1, 2...].max().scalar, result.outputs[1, 2...].min().scalar)

let check = GradientCheck(at: network) { $0(x, lengths: [5, 2, 4]).outputs }
print("gradients agree:", check.passes)

let long = Tensor<Double>.normal([1, 1000, 2], using: &generator)
let plain = Recurrent(inputSize: 2) { size in
  MinimalGatedCell<Double>(inputSize: size, hiddenSize: 4, using: &generator)
}
let saved = Recurrent(inputSize: 2) { _ in
  Checkpointed(plain.layers[0].forward, segments: 32)
}
let loss = valueWithGradient(at: plain) { $0(long).outputs.sum() }
let same = valueWithGradient(at: saved) { $0(long).outputs.sum() }
print("the same loss:", loss.value == same.value)
