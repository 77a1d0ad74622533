import Autograd
import Layers

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
            rnn: Recurrent(inputSize: size.input) { make($0, size.hidden, &generator) },
            fc: Linear(inputs: size.hidden, outputs: 10, using: &generator))
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
