public import Autograd
import Kernels

/// The weights that RNN, GRU and LSTM cells have, stacked gate by gate.
public struct RecurrentWeights<Scalar: FloatingPointScalar>: Sendable {
  let input: Parameter<Scalar>
  let hidden: Parameter<Scalar>
  let biasInput: Parameter<Scalar>?
  let biasHidden: Parameter<Scalar>?
}

/// A cell whose steps have kernels of their own.
protocol FusedCell: RecurrentCell {
  var kind: RecurrentCellKind { get }
  var inputSize: Int { get }
  var weights: RecurrentWeights<Scalar> { get }
}

extension FusedCell {
  /// Runs the fused operation: outputs, last hidden state, last cell state.
  func run(
    _ inputs: Tensor<Scalar>, _ hidden: Tensor<Scalar>, _ cell: Tensor<Scalar>?,
    _ lengths: [Int]?, _ isReverse: Bool
  ) -> [Tensor<Scalar>] {
    let (batch, _) = checkSequence(inputs, lengths, in: self)
    let place = Compute.place(weights.input.tensor.value)
    if inputs.shape[2] != inputSize {
      trap(
        "\(kind) cell: inputs \(inputs.shape) for an input size of \(inputSize): the last axis "
          + "must be \(inputSize)\(place)")
    }
    for state in [hidden, cell ?? hidden] where state.shape != [batch, hiddenSize] {
      trap("\(kind) cell: a state of shape \(state.shape), not [\(batch), \(hiddenSize)]\(place)")
    }
    let sequence = FusedSequence(kind: kind, isReverse: isReverse, lengths: lengths)
    return recurrentSequence(
      sequence,
      .init(
        input: inputs.value, hidden: hidden.value, cell: cell?.value,
        weightInput: weights.input.wrappedValue.value,
        weightHidden: weights.hidden.wrappedValue.value,
        biasInput: weights.biasInput?.wrappedValue.value,
        biasHidden: weights.biasHidden?.wrappedValue.value)
    ).map { Tensor($0) }
  }

  /// One step as a sequence of one.
  func step(
    _ x: Tensor<Scalar>, _ hidden: Tensor<Scalar>, _ cell: Tensor<Scalar>?
  ) -> [Tensor<Scalar>] {
    if x.rank != 2 { trap("\(kind) cell: an input of shape \(x.shape), not [batch, in]") }
    return run(x.unsqueezed(1), hidden, cell, nil, false)
  }
}

/// The sizes that weights of a cell are made from, and how they start.
struct CellShape {
  let inputSize: Int
  let hiddenSize: Int
  let gates: Int

  func weight<Scalar: FloatingPointScalar>(
    _ columns: Int, _ generator: inout some RandomNumberGenerator
  ) -> Tensor<Scalar> {
    .fanInUniform([gates * hiddenSize, columns], fanIn: hiddenSize, using: &generator)
  }

  func bias<Scalar: FloatingPointScalar>(
    _ isPresent: Bool, _ generator: inout some RandomNumberGenerator
  ) -> Tensor<Scalar>? {
    isPresent
      ? .fanInUniform([gates * hiddenSize], fanIn: hiddenSize, using: &generator) : nil
  }
}
