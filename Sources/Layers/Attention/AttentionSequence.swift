public import Autograd

/// What a decoder with attention has made of all its steps.
public struct AttentionSequence<Cell: RecurrentCell> {
  /// The cell's outputs, `[batch, time, hidden]`.
  public let outputs: Tensor<Cell.Scalar>
  /// What each step has looked at, `[batch, time, valueSize]`.
  public let contexts: Tensor<Cell.Scalar>
  /// `[batch, time, keys]`
  public let weights: Tensor<Cell.Scalar>
  /// The cell's state after the last step.
  public let finalState: Cell.State
}

extension Attention {
  /// A decoder whose inputs are known, as in training with teacher forcing: before each step the
  /// cell's output looks at the sentence, and the step reads the input beside the context:
  ///
  ///     context_t = attention(h_(t-1)),  h_t = cell([input_t, context_t], h_(t-1))
  ///
  /// With an additive score and one of the library's cells all steps run as one operation. A score
  /// that looks back (`HistoryScore`) sees the steps of this call.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, in]`
  ///   - cell: its input size is `in + valueSize`.
  ///   - initialState: the cell's before the first step.
  ///   - memory: what `prepare` has returned.
  public func sequence<Cell: RecurrentCell>(
    _ inputs: Tensor<Scalar>, cell: Cell, initialState: Cell.State,
    _ memory: AttentionMemory<Scalar>
  ) -> AttentionSequence<Cell> where Cell.Scalar == Scalar {
    let (batch, time) = checkSequence(inputs, nil, in: cell)
    if batch != memory.keys.shape[0] {
      trap("Attention: inputs of shape \(inputs.shape) for \(memory.keys.shape[0]) sentences")
    }
    if time > 0, let score = (score as? any FusableScore<Scalar>)?.additiveForm,
      memory.isOneForAllQueries,
      let fused = cell as? any FusedCell<Scalar>, fused.isFused
    {
      return fused.decode(inputs, from: initialState, score, memory)
    }
    return stepwise(inputs, cell, initialState, memory)
  }

  private func stepwise<Cell: RecurrentCell>(
    _ inputs: Tensor<Scalar>, _ cell: Cell, _ first: Cell.State,
    _ memory: AttentionMemory<Scalar>
  ) -> AttentionSequence<Cell> where Cell.Scalar == Scalar {
    let batch = inputs.shape[0]
    guard inputs.shape[1] > 0 else {
      return AttentionSequence(
        outputs: .zeros([batch, 0, cell.hiddenSize]),
        contexts: .zeros([batch, 0, memory.values.shape[2]]),
        weights: .zeros([batch, 0, memory.keys.shape[1]]), finalState: first)
    }
    var state = first
    var history = AttentionHistory<Scalar>(batch: batch, keys: memory.keys.shape[1])
    var outputs: [Tensor<Scalar>] = []
    var contexts: [Tensor<Scalar>] = []
    var allWeights: [Tensor<Scalar>] = []
    for input in inputs.unstacked(axis: 1) {
      let (context, weights) = look(state.output, memory, &history)
      state = cell(.concatenated([input, context], axis: 1), state)
      outputs.append(state.output)
      contexts.append(context)
      allWeights.append(weights)
    }
    return AttentionSequence(
      outputs: .stacked(outputs, axis: 1), contexts: .stacked(contexts, axis: 1),
      weights: .stacked(allWeights, axis: 1), finalState: state)
  }

  /// What a step looks at.
  private func look(
    _ query: Tensor<Scalar>, _ memory: AttentionMemory<Scalar>,
    _ history: inout AttentionHistory<Scalar>
  ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>) {
    guard let score = score as? any HistoryScore<Scalar> else { return self(query, memory) }
    func lookBack<Past: HistoryScore<Scalar>>(
      _ score: Past
    ) -> (context: Tensor<Scalar>, weights: Tensor<Scalar>, history: AttentionHistory<Scalar>) {
      Attention<Past>(score)(query, memory, after: history)
    }
    let (context, weights, next) = lookBack(score)
    history = next
    return (context, weights)
  }
}

extension AttentionMemory {
  /// Whether the mask is the same for all queries, and no sentence is without a key.
  fileprivate var isOneForAllQueries: Bool {
    guard let mask else { return true }
    return mask.allowed.shape[1] == 1 && mask.emptyQueries == nil
  }
}

extension FusedCell {
  /// All steps as one operation.
  fileprivate func decode<Cell: RecurrentCell>(
    _ inputs: Tensor<Scalar>, from state: Cell.State, _ score: AdditiveScore<Scalar>,
    _ memory: AttentionMemory<Scalar>
  ) -> AttentionSequence<Cell> where Cell.Scalar == Scalar {
    // The cell is of the type `Cell`: the caller has cast it to this protocol.
    let (hidden, cellState) = parts(of: state as! State)
    let (batch, width) = (inputs.shape[0], inputs.shape[2] + memory.values.shape[2])
    check(width: width, batch: batch, hidden, cellState)
    let queryWeight = score.queryWeight
    if queryWeight.shape[1] != hiddenSize {
      trap(
        "Attention: a query of \(queryWeight.shape[1]) features is scored; the cell's output has "
          + "\(hiddenSize)\(Compute.layerPath(queryWeight.untyped))")
    }
    var results = recurrentSequence(
      FusedSequence(kind: kind, isReverse: false, lengths: nil),
      .init(
        input: inputs.untyped, hidden: hidden.untyped, cell: cellState?.untyped, weights: weights,
        attention: .init(
          keys: memory.keys.untyped, values: memory.values.untyped,
          queryWeight: queryWeight.untyped, v: score.v.untyped,
          mask: memory.mask.map { $0.allowed.untyped }))
    ).map { Tensor<Scalar>($0) }
    let (lookedAt, contexts) = (results.removeLast(), results.removeLast())
    let last = self.state(of: results[1], results.count > 2 ? results[2] : nil)
    return AttentionSequence(
      outputs: results[0], contexts: contexts, weights: lookedAt,
      finalState: last as! Cell.State)
  }
}
