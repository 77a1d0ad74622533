// The equations of the recurrent cells, each once: the cells of `Layers` call them, and what the fused
// sequence and decoder are defined by.

/// `tanh(sums)` or `relu(sums)` (Elman, 1990).
///
/// - Parameter sums: `x Wᵀ + bias + h Uᵀ + bias`, `[batch, hidden]`.
package func rnnStep(_ kind: RecurrentCellKind, _ sums: UntypedTensor) -> UntypedTensor {
  kind == .relu ? relu(sums) : tanh(sums)
}

/// A step of the gated recurrent unit (Cho et al., 2014), with gates r, z, n.
///
/// - Parameters:
///   - inputs: `x Wᵀ + bias`, `[batch, 3 * hidden]`.
///   - state: h, `[batch, hidden]`.
///   - seen: what is seen of the state where it meets weights, `[batch, hidden]`.
///   - weight: U, `[3 * hidden, hidden]`.
///   - bias: `[3 * hidden]`
///   - resetsFirst: whether the reset gate stands before the product, not after it.
/// - Returns: h', `[batch, hidden]`.
package func gruStep(
  _ inputs: UntypedTensor, state: UntypedTensor, seen: UntypedTensor, weight: UntypedTensor,
  bias: UntypedTensor?, resetsFirst: Bool
) -> UntypedTensor {
  func product(_ x: UntypedTensor, _ gates: Range<Int>) -> UntypedTensor {
    linear(x, block(weight, 0, gates, of: 3), bias.map { block($0, 0, gates, of: 3) })
  }
  let gates = sigmoid(block(inputs, 1, 0..<2, of: 3) + product(seen, 0..<2))
  let (reset, update) = (block(gates, 1, 0..<1, of: 2), block(gates, 1, 1..<2, of: 2))
  let recurrent = resetsFirst ? product(reset * seen, 2..<3) : reset * product(seen, 2..<3)
  let new = tanh(block(inputs, 1, 2..<3, of: 3) + recurrent)
  return new + update * (state - new)
}

/// A step of long short-term memory (Hochreiter and Schmidhuber, 1997; Gers et al., 2000), with gates
/// i, f, g, o.
///
/// - Parameters:
///   - sums: `x Wᵀ + bias + h Uᵀ + bias`, `[batch, 4 * hidden]`.
///   - cell: c, `[batch, hidden]`.
/// - Returns: h' and c'.
package func lstmStep(_ sums: UntypedTensor, cell: UntypedTensor) -> (
  hidden: UntypedTensor, cell: UntypedTensor
) {
  func gate(_ index: Int) -> UntypedTensor { block(sums, 1, index..<(index + 1), of: 4) }
  let next = sigmoid(gate(1)) * cell + sigmoid(gate(0)) * tanh(gate(2))
  return (sigmoid(gate(3)) * tanh(next), next)
}

/// Neighbouring blocks of an axis that is made of `count` of them.
private func block(_ x: UntypedTensor, _ axis: Int, _ blocks: Range<Int>, of count: Int)
  -> UntypedTensor
{
  let size = x.shape[axis] / count
  return narrowed(x, axis, (blocks.lowerBound * size)..<(blocks.upperBound * size))
}
