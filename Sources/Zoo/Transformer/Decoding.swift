import Autograd
public import Layers

/// What the steps of a Transformer's decoder look at, computed once for a source.
struct TransformerMemory<Scalar: FloatingPointScalar>: BatchState {
  /// By layer; empty in a decoder alone, whose caches hold the source.
  var layers: [MultiHeadMemory<Scalar>] = []
  /// Number of symbols of each source, `[batch]`, in a decoder alone; nil where all are equal.
  var lengths: Tensor<Scalar>?

  func rows(_ indices: Tensor<Int32>) -> TransformerMemory {
    TransformerMemory(layers: layers.rows(indices), lengths: lengths.rows(indices))
  }
}

/// What a Transformer's decoder hands from step to step.
struct TransformerState<Scalar: FloatingPointScalar>: BatchState {
  /// By layer: keys and values of the positions so far.
  var caches: [KeyValueCache<Scalar>]
  /// Number of target symbols so far.
  var step = 0

  func rows(_ indices: Tensor<Int32>) -> TransformerState {
    TransformerState(caches: caches.rows(indices), step: step)
  }
}

extension Transformer {
  /// The most probable symbol in each step, until the end symbol or `limit` symbols.
  ///
  /// - Parameters:
  ///   - sources: symbols of each sentence, at least one each.
  ///   - limit: the most symbols that a target can have.
  /// - Returns: one hypothesis a sentence.
  public func greedy(_ sources: [[Int32]], limit: Int) -> [SequenceHypothesis] {
    beam(sources, width: 1, limit: limit).map { $0[0] }
  }

  /// Beam search: in each step the `width` most probable beginnings of each sentence go on; see
  /// `BeamSearch`. Keys and values of positions that have been are kept.
  ///
  /// - Parameters:
  ///   - sources: symbols of each sentence, at least one each.
  ///   - width: number of beginnings that are followed.
  ///   - limit: the most symbols that a target can have.
  ///   - lengthPenalty: how hypotheses of different lengths are compared.
  /// - Returns: for each sentence from 1 to `width` hypotheses, the best first. A model whose weights
  /// are not finite says nothing, with a log-probability of minus infinity.
  public func beam(
    _ sources: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty = .none
  ) -> [[SequenceHypothesis]] {
    if sources.isEmpty { return [] }
    let search = BeamSearch(
      width: width, limit: limit, start: SequenceSymbol.start, end: SequenceSymbol.end,
      excluding: [SequenceSymbol.padding, SequenceSymbol.start], lengthPenalty: lengthPenalty)
    let (memory, first) = prepare(padded(sources), lengths: sources.map(\.count))
    let found = search(sources: sources.count, state: first, memory: memory) {
      symbols, state, memory in
      logSoftmax(step(symbols, &state, memory), axis: 1)
    }
    return found.map { SequenceHypothesis.all($0.map { ($0.symbols, $0.logProbability) }) }
  }

  /// Reads the source for a decoder that goes step by step.
  func prepare(
    _ source: Tensor<Int32>, lengths: [Int]
  ) -> (memory: TransformerMemory<Scalar>, state: TransformerState<Scalar>) {
    let keyMask = sequenceKeyMask(lengths, source)
    guard configuration.form == .decoder else {
      let encoded = encode(source, keyMask)
      let memory = TransformerMemory(
        layers: decoderLayers.map { $0.prepare(memory: encoded, keyMask: keyMask) })
      return (memory, TransformerState(caches: decoderLayers.map { _ in KeyValueCache() }))
    }
    var state = TransformerState<Scalar>(caches: soleLayers.map { _ in KeyValueCache() })
    var x = embedded(source, sourceEmbedding)
    for (index, layer) in soleLayers.enumerated() {
      x = layer(x, cache: &state.caches[index], keyMask: keyMask)
    }
    let counts = keyMask.map { _ in Tensor(lengths.map { Scalar($0) }) }
    return (TransformerMemory(lengths: counts), state)
  }

  /// One step of the decoder.
  ///
  /// - Parameters:
  ///   - symbols: the last ones, `[batch]`.
  ///   - state: goes on by this step.
  /// - Returns: logits of the next symbols, `[batch, targetVocabulary]`.
  func step(
    _ symbols: Tensor<Int32>, _ state: inout TransformerState<Scalar>,
    _ memory: TransformerMemory<Scalar>
  ) -> Tensor<Scalar> {
    guard let targetEmbedding else {
      trap("Transformer: an encoder alone has no target")
    }
    var x = embedded(symbols.unsqueezed(axis: 1), targetEmbedding, from: state.step)
    state.step += 1
    if configuration.form == .decoder {
      let keyMask = memory.lengths.map {
        let width = state.caches[0].count - (state.step - 1)
        return sequence(
          followedBy: state.step, sequenceMask(lengths: $0.scalars.map { Int($0) }, time: width))
      }
      for (index, layer) in soleLayers.enumerated() {
        x = layer(x, cache: &state.caches[index], keyMask: keyMask)
      }
    } else {
      for (index, layer) in decoderLayers.enumerated() {
        x = layer(x, memory: memory.layers[index], cache: &state.caches[index])
      }
    }
    return logits(x).squeezed(axes: 1)
  }
}
