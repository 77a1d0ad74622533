import Autograd
import Layers

// Cells as a user writes them, of ordinary operations: `Recurrent` runs them step by step.

/// `h' = tanh(W x + U h)`
struct OwnRNNCell: RecurrentCell {
  let input: Linear<Float>
  let hidden: Linear<Float>
  let hiddenSize: Int

  init(_ inputSize: Int, _ hiddenSize: Int, using generator: inout Generator) {
    input = Linear(inputs: inputSize, outputs: hiddenSize, using: &generator)
    hidden = Linear(inputs: hiddenSize, outputs: hiddenSize, using: &generator)
    self.hiddenSize = hiddenSize
  }

  func initialState(batch: Int) -> Tensor<Float> { .zeros([batch, hiddenSize]) }

  func callAsFunction(_ x: Tensor<Float>, _ state: Tensor<Float>) -> Tensor<Float> {
    tanh(input(x) + hidden(state))
  }
}

/// The gated recurrent unit.
struct OwnGRUCell: RecurrentCell {
  let input: Linear<Float>
  let hidden: Linear<Float>
  let hiddenSize: Int

  init(_ inputSize: Int, _ hiddenSize: Int, using generator: inout Generator) {
    input = Linear(inputs: inputSize, outputs: 3 * hiddenSize, using: &generator)
    hidden = Linear(inputs: hiddenSize, outputs: 3 * hiddenSize, using: &generator)
    self.hiddenSize = hiddenSize
  }

  func initialState(batch: Int) -> Tensor<Float> { .zeros([batch, hiddenSize]) }

  func callAsFunction(_ x: Tensor<Float>, _ state: Tensor<Float>) -> Tensor<Float> {
    let a = input(x).split(axis: 1, every: hiddenSize)
    let b = hidden(state).split(axis: 1, every: hiddenSize)
    let (r, z) = (sigmoid(a[0] + b[0]), sigmoid(a[1] + b[1]))
    let n = tanh(a[2] + r * b[2])
    return n + z * (state - n)
  }
}

/// Long short-term memory.
package struct OwnLSTMCell: RecurrentCell {
  let input: Linear<Float>
  let hidden: Linear<Float>
  package let hiddenSize: Int

  package init(_ inputSize: Int, _ hiddenSize: Int, using generator: inout Generator) {
    input = Linear(inputs: inputSize, outputs: 4 * hiddenSize, using: &generator)
    hidden = Linear(inputs: hiddenSize, outputs: 4 * hiddenSize, using: &generator)
    self.hiddenSize = hiddenSize
  }

  package func initialState(batch: Int) -> LSTMState<Float> {
    LSTMState(hidden: .zeros([batch, hiddenSize]), cell: .zeros([batch, hiddenSize]))
  }

  package func callAsFunction(_ x: Tensor<Float>, _ state: LSTMState<Float>) -> LSTMState<Float> {
    let gates = (input(x) + hidden(state.hidden)).split(axis: 1, every: hiddenSize)
    let cell = sigmoid(gates[1]) * state.cell + sigmoid(gates[0]) * tanh(gates[2])
    return LSTMState(hidden: sigmoid(gates[3]) * tanh(cell), cell: cell)
  }
}
