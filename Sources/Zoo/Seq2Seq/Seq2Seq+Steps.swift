public import Autograd
public import Layers

// Which models there are, what a decoder remembers, and its steps when all its inputs are known.

extension Seq2Seq {
  /// Why there is no such model: a phrase; nil if there is one.
  public static func contradiction(in configuration: Seq2SeqConfiguration) -> String? {
    let hasScore = configuration.score != .none && configuration.score != .fixed
    if configuration.reach != .whole && !hasScore {
      return "local attention needs a score, not \(configuration.score.rawValue)"
    }
    if configuration.coverage {
      if configuration.score != .additive { return "coverage is a term of the additive score" }
      if configuration.reach != .whole {
        return "coverage goes with attention to the whole source"
      }
    }
    return Layers.contradiction(
      sizes: [
        "sourceVocabulary": configuration.sourceVocabulary,
        "targetVocabulary": configuration.targetVocabulary,
        "embeddingSize": configuration.embeddingSize, "hiddenSize": configuration.hiddenSize,
        "attentionSize": configuration.attentionSize, "window": configuration.window,
      ], layers: ["encoderLayers": configuration.encoderLayers],
      rates: ["dropout": configuration.dropout])
  }

  /// A source sentence as the decoder sees it.
  public struct Memory: BatchState, Sendable {
    /// What attention looks at; nil without attention.
    let attention: AttentionMemory<Scalar>?
    /// The encoder's last states in both directions, `[batch, 2 * hidden]`, where every step sees
    /// them; nil elsewhere.
    let summary: Tensor<Scalar>?

    /// The sentences with the given numbers.
    public func rows(_ indices: Tensor<Int32>) -> Memory {
      Memory(attention: attention.rows(indices), summary: summary.rows(indices))
    }
  }

  /// What the decoder hands from step to step.
  public struct State: BatchState, Sendable {
    /// `[batch, hidden]`
    public var hidden: Tensor<Scalar>
    /// The attentional vector of the step before, `[batch, hidden]`, in the form that feeds it in.
    var fed: Tensor<Scalar>?
    /// What earlier steps have looked at, with coverage.
    var history: AttentionHistory<Scalar>?
    /// Number of steps so far.
    public internal(set) var step = 0

    /// The sentences with the given numbers.
    public func rows(_ indices: Tensor<Int32>) -> State {
      State(
        hidden: hidden.rows(indices), fed: fed.rows(indices), history: history.rows(indices),
        step: step)
    }
  }

  /// All steps through the runs of the layers below; nil where each needs what the one before has
  /// looked at.
  ///
  /// - Parameter inputs: `[batch, target, embedding]`
  /// - Returns: what the output reads, `[batch, target, features]`, and weights
  ///   `[batch, target, source]`.
  package func allAtOnce(
    _ inputs: Tensor<Scalar>, _ first: State, _ memory: Memory
  ) -> (features: Tensor<Scalar>, weights: Tensor<Scalar>?)? {
    switch configuration.form {
    case .inputFeeding: return nil
    case .luong:
      let states = run(inputs, first)
      guard let attention, let source = memory.attention else {
        return (tanh(joint!(joined(states, repeated(memory.summary, inputs)))), nil)
      }
      return attention(all: states, source).map { (tanh(joint!(joined(states, $0))), $1) }
    case .bahdanau:
      guard let attention, let source = memory.attention else {
        let contexts = repeated(memory.summary, inputs)
        return (joined(run(joined(inputs, contexts), first), contexts), nil)
      }
      return attention.sequence(inputs, cell: decoder, initialState: first.hidden, source).map {
        (joined($0.outputs, $0.contexts), $0.weights)
      }
    }
  }

  /// The decoder's states, `[batch, target, hidden]`.
  private func run(_ inputs: Tensor<Scalar>, _ first: State) -> Tensor<Scalar> {
    decoder.sequence(inputs, initialState: first.hidden, lengths: nil, isReverse: false).outputs
  }

  /// The same for each step, `[batch, target, features]`.
  private func repeated(_ summary: Tensor<Scalar>?, _ inputs: Tensor<Scalar>) -> Tensor<Scalar>? {
    summary?.unsqueezed(axis: 1)
      .expanded(to: [inputs.shape[0], inputs.shape[1], 2 * configuration.hiddenSize])
  }

  /// Step by step; results as those of `allAtOnce`.
  package func stepwise(
    _ inputs: Tensor<Scalar>, _ first: State, _ memory: Memory
  ) -> (features: Tensor<Scalar>, weights: Tensor<Scalar>?) {
    var state = first
    var features: [Tensor<Scalar>] = []
    var weights: [Tensor<Scalar>] = []
    for input in inputs.unstacked(axis: 1) {
      let made = step(input, &state, memory)
      features.append(made.features)
      if let looked = made.weights { weights.append(looked) }
    }
    return (
      .stacked(features, axis: 1), weights.isEmpty ? nil : .stacked(weights, axis: 1)
    )
  }
}
