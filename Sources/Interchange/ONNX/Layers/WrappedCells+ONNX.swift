import Autograd
public import Layers

// Cells around other cells, as they are in evaluation.

extension Zoneout: ONNXRecurrentCell where Cell: ONNXRecurrentCell {
  /// The expectation of what training draws, `z s + (1 - z) cell(x, s)`.
  public func step(_ x: ONNXValue, _ state: [ONNXValue]) throws -> [ONNXValue] {
    let next = try cell.step(x, state)
    return next.indices.map { index in
      let rate = rates.count == 1 ? rates[0] : rates[index]
      return rate == 0 ? next[index] : state[index] + (next[index] - state[index]) * (1 - rate)
    }
  }
}

extension VariationalDropout: ONNXRecurrentCell where Cell: ONNXRecurrentCell {
  /// The cell's.
  public func step(_ x: ONNXValue, _ state: [ONNXValue]) throws -> [ONNXValue] {
    try cell.step(x, state)
  }

  /// The cell's.
  public func sequence(
    _ inputs: ONNXValue, initialState: [ONNXValue]?, lengths: ONNXValue?, isReverse: Bool
  ) throws -> (outputs: ONNXValue, finalState: [ONNXValue]) {
    try cell.sequence(
      inputs, initialState: initialState, lengths: lengths, isReverse: isReverse)
  }
}

extension Checkpointed: ONNXRecurrentCell where Cell: ONNXRecurrentCell {
  /// The cell's.
  public func step(_ x: ONNXValue, _ state: [ONNXValue]) throws -> [ONNXValue] {
    try cell.step(x, state)
  }

  /// The cell's.
  public func sequence(
    _ inputs: ONNXValue, initialState: [ONNXValue]?, lengths: ONNXValue?, isReverse: Bool
  ) throws -> (outputs: ONNXValue, finalState: [ONNXValue]) {
    try cell.sequence(
      inputs, initialState: initialState, lengths: lengths, isReverse: isReverse)
  }
}
