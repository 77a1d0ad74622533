import Autograd
import Layers

// Cells as a user writes them, of ordinary operations: `Recurrent` runs them step by step.

/// `h' = tanh(W x + U h)`
struct OwnRNNCell: RecurrentCell {
  let input: Linear<Float>
  let hidden: Linear<Float>
  let hiddenSize: Int

  init(_ inputSize: Int, _ hiddenSize: Int, using generator: inout Generator) {
    input = Linear(inputSize, hiddenSize, using: &generator)
    hidden = Linear(hiddenSize, hiddenSize, using: &generator)
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
    input = Linear(inputSize, 3 * hiddenSize, using: &generator)
    hidden = Linear(hiddenSize, 3 * hiddenSize, using: &generator)
    self.hiddenSize = hiddenSize
  }

  func initialState(batch: Int) -> Tensor<Float> { .zeros([batch, hiddenSize]) }

  func callAsFunction(_ x: Tensor<Float>, _ state: Tensor<Float>) -> Tensor<Float> {
    let a = input(x).split(1, every: hiddenSize)
    let b = hidden(state).split(1, every: hiddenSize)
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
    input = Linear(inputSize, 4 * hiddenSize, using: &generator)
    hidden = Linear(hiddenSize, 4 * hiddenSize, using: &generator)
    self.hiddenSize = hiddenSize
  }

  package func initialState(batch: Int) -> LSTMState<Float> {
    LSTMState(hidden: .zeros([batch, hiddenSize]), cell: .zeros([batch, hiddenSize]))
  }

  package func callAsFunction(_ x: Tensor<Float>, _ state: LSTMState<Float>) -> LSTMState<Float> {
    let gates = (input(x) + hidden(state.hidden)).split(1, every: hiddenSize)
    let cell = sigmoid(gates[1]) * state.cell + sigmoid(gates[0]) * tanh(gates[2])
    return LSTMState(hidden: sigmoid(gates[3]) * tanh(cell), cell: cell)
  }
}

extension Workload {
  /// Train steps of a user's own cells, beside the library's fused ones.
  static var ownCells: [Workload] {
    let size = RecurrentSize.medium
    func workload<Cell: RecurrentCell>(
      _ name: String, gates: Int, fused: @escaping () -> Work,
      _ make: @escaping (Int, Int, inout Generator) -> Cell
    ) -> Workload where Cell.Scalar == Float {
      Workload(
        "own_" + name, size.name, operations: size.operations(gates: gates),
        reference: ("the fused cell", fused)
      ) {
        size.subject({ generator in
          Classifier(
            rnn: Recurrent(size.input) { make($0, size.hidden, &generator) },
            fc: Linear(size.hidden, 10, using: &generator))
        }) { $0($1) }.training
      }
    }
    return [
      workload("rnn", gates: 1, fused: { size.simpleRNN.training }) {
        OwnRNNCell($0, $1, using: &$2)
      },
      workload("gru", gates: 3, fused: { size.gru.training }) { OwnGRUCell($0, $1, using: &$2) },
      workload("lstm", gates: 4, fused: { size.lstm.training }) { OwnLSTMCell($0, $1, using: &$2) },
    ]
  }
}
