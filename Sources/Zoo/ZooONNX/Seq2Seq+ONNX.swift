import Autograd
import Interchange
import Layers
public import ONNX
public import Seq2Seq

extension Seq2Seq: ONNXExportable {
  /// `encoder`, of `source` `[batch, source]` and `lengths`, and `step`, of the last `symbols` `[batch]`,
  /// to the logarithms of the next symbols' probabilities, `logProbabilities` `[batch, symbols]`, and to
  /// what the step has looked at, `weights` `[batch, source]`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let encoder = ONNXGraph("encoder", of: self)
    try encode(in: encoder)
    let step = ONNXGraph("step", of: self)
    let symbols = step.input("symbols", .int64, ["batch"])
    let (features, weights) = try self.step(targetEmbedding(symbols), in: step)
    step.output(
      "logProbabilities", logSoftmax(output(features), axis: -1),
      ["batch", .size(configuration.targetVocabulary)])
    if let weights { step.output("weights", weights, ["batch", "source"]) }
    return [encoder, step]
  }

  // MARK: What is handed on

  private var hiddenAxes: [TensorAxis] { ["batch", .size(configuration.hiddenSize)] }
  private var sourceSize: TensorAxis { .size(2 * configuration.hiddenSize) }

  /// Of a source: keys, values and mask of an attention, or the encoder's last states, or nothing.
  private var memory: [Handed] {
    if attention != nil {
      return [
        Handed(
          name: "memory.keys", type: Scalar.onnxType, axes: ["batch", "source", "preparedSize"]),
        Handed(
          name: "memory.values", type: Scalar.onnxType, axes: ["batch", "source", sourceSize]),
        Handed(name: "memory.keyMask", type: .bool, axes: ["batch", "source"]),
      ]
    }
    return configuration.score == .fixed
      ? [Handed(name: "memory.summary", type: Scalar.onnxType, axes: ["batch", sourceSize])] : []
  }

  /// From step to step: the cell's state, and what the decoder's form and attention need beside it.
  private enum Part: CaseIterable { case hidden, fed, history, step }

  private var parts: [Part] {
    Part.allCases.filter { part in
      switch part {
      case .hidden: return true
      case .fed: return configuration.form == .inputFeeding
      case .history: return attention?.looksBack ?? false
      case .step: return attention?.needsStep ?? false
      }
    }
  }

  private var state: [Handed] {
    parts.map { part in
      switch part {
      case .hidden: Handed(name: "state.hidden", type: Scalar.onnxType, axes: hiddenAxes)
      case .fed: Handed(name: "state.fed", type: Scalar.onnxType, axes: hiddenAxes)
      case .history:
        Handed(name: "state.history", type: Scalar.onnxType, axes: ["batch", "source"])
      case .step: Handed(name: "state.step", type: .int64, axes: [])
      }
    }
  }

  // MARK: The two graphs

  /// The encoder, from its inputs to its outputs.
  func encode(in graph: ONNXGraph) throws {
    let source = graph.input("source", .int64, ["batch", "source"])
    let lengths = graph.input("lengths", .int64, ["batch"])
    let annotations = try encoder(sourceEmbedding(source), lengths: lengths)
    let summary = ONNXValue.concatenated(
      [annotations.finalStates.last![0], annotations.reverseFinalStates.last![0]], axis: 1)
    let mask = ONNXValue.sequenceMask(lengths: lengths, time: source.count(1))
    if let attention {
      let looked = try attention.prepare(keys: annotations.outputs, keyMask: mask)
      graph.give(memory, [looked.keys, looked.values, mask])
    } else {
      graph.give(memory, [summary])
    }
    let hidden = tanh(bridge(summary))
    graph.give(
      state,
      parts.map { part in
        switch part {
        case .hidden: hidden
        case .fed: hidden * 0
        case .history: mask.converted(to: Scalar.onnxType) * 0
        case .step: graph.constant(0, .int64)
        }
      })
  }

  /// One step, from the memory and the state to the next state.
  ///
  /// - Parameter embedded: the last symbol, `[batch, embedding]`.
  /// - Returns: what the output reads, `[batch, features]`, and what the step has looked at,
  ///   `[batch, source]`, nil without attention.
  func step(
    _ embedded: ONNXValue, in graph: ONNXGraph
  ) throws -> (features: ONNXValue, weights: ONNXValue?) {
    let memory = graph.inputs(memory)
    let given = graph.inputs(state)
    var state = Dictionary(uniqueKeysWithValues: zip(parts, given))
    let features: ONNXValue
    let weights: ONNXValue?
    if let joint {
      state[.hidden] = decoder.step(joined(embedded, state[.fed]), [state[.hidden]!])[0]
      let looked = try look(&state, memory)
      features = tanh(joint(joined(state[.hidden]!, looked.context)))
      weights = looked.weights
      if state[.fed] != nil { state[.fed] = features }
    } else {
      let looked = try look(&state, memory)
      state[.hidden] = decoder.step(joined(embedded, looked.context), [state[.hidden]!])[0]
      features = joined(state[.hidden]!, looked.context)
      weights = looked.weights
    }
    if let step = state[.step] { state[.step] = step + 1 }
    graph.giveNext(self.state, parts.map { state[$0]! })
    return (features, weights)
  }

  private func look(
    _ state: inout [Part: ONNXValue], _ memory: [ONNXValue]
  ) throws -> (context: ONNXValue?, weights: ONNXValue?) {
    guard let attention else { return (memory.first, nil) }
    let source = ONNXAttentionMemory(keys: memory[0], values: memory[1], keyMask: memory[2])
    let (context, weights) = try attention(
      state[.hidden]!, source, step: state[.step], history: &state[.history])
    return (context, weights)
  }
}

/// Features side by side; the first alone if there is no second.
private func joined(_ first: ONNXValue, _ second: ONNXValue?) -> ONNXValue {
  second.map { .concatenated([first, $0], axis: 1) } ?? first
}

extension DecoderAttention {
  fileprivate var looksBack: Bool { if case .covered = self { true } else { false } }
  fileprivate var needsStep: Bool {
    if case .local(let attention) = self { attention.predictor == nil } else { false }
  }

  fileprivate func prepare(keys: ONNXValue, keyMask: ONNXValue) throws -> ONNXAttentionMemory {
    switch self {
    case .whole(let attention): try attention.prepare(keys: keys, keyMask: keyMask)
    case .covered(let attention): try attention.prepare(keys: keys, keyMask: keyMask)
    case .local(let attention): try attention.attention.prepare(keys: keys, keyMask: keyMask)
    }
  }

  /// What one step looks at; see the model.
  fileprivate func callAsFunction(
    _ query: ONNXValue, _ memory: ONNXAttentionMemory, step: ONNXValue?,
    history: inout ONNXValue?
  ) throws -> (context: ONNXValue, weights: ONNXValue) {
    switch self {
    case .whole(let attention): return try attention(step: query, memory)
    case .covered(let attention):
      let made = try attention(step: query, memory, after: history!)
      history = made.history
      return (made.context, made.weights)
    case .local(let attention):
      let (context, weights) = try attention(
        query.unsqueezed([1]), memory, step: step ?? query.graph.constant(0, .int64))
      return (context.squeezed([1]), weights.squeezed([1]))
    }
  }
}

extension DecoderScore: ONNXAttentionScore {
  /// What the score makes of the keys.
  public func prepare(keys: ONNXValue) throws -> ONNXValue {
    try exportable(score).prepare(keys: keys)
  }

  /// What the score makes of queries and prepared keys.
  public func callAsFunction(queries: ONNXValue, keys: ONNXValue) throws -> ONNXValue {
    let score = try exportable(score)
    return try score(queries: queries, keys: keys)
  }
}

extension ProjectedScore: ONNXAttentionScore {
  package func prepare(keys: ONNXValue) throws -> ONNXValue {
    try exportable(score).prepare(keys: projection(keys))
  }

  package func callAsFunction(queries: ONNXValue, keys: ONNXValue) throws -> ONNXValue {
    let score = try exportable(score)
    return try score(queries: queries, keys: keys)
  }
}

/// A score of any kind, if it says what it is in ONNX's operators.
private func exportable<Scalar>(
  _ score: any AttentionScore<Scalar>
) throws -> any ONNXAttentionScore<Scalar> {
  if let score = score as? any ONNXAttentionScore<Scalar> { return score }
  throw ONNXError.unknownLayer(
    path: score.pathInModel ?? "attention.score", type: "\(type(of: score))",
    conformance: "ONNXAttentionScore")
}
