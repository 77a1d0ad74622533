public import Autograd
public import Layers
public import Sequences

extension Transformer {
  /// What the decoder's steps know of a source: the keys and values of what the encoder has made of
  /// it, computed once. A decoder alone has read the source as the beginning of its own sequence, and
  /// keeps it in its state.
  public struct Memory: BatchState, Sendable {
    /// By layer of the decoder; empty in a decoder alone.
    var layers: [MultiHeadMemory<Scalar>] = []
    /// Number of symbols of each source, `[batch]`, in a decoder alone; nil where all are equal.
    var lengths: Tensor<Int32>?

    /// The sources with the given numbers.
    public func rows(_ indices: Tensor<Int32>) -> Memory {
      Memory(layers: layers.rows(indices), lengths: lengths.map { $0.rows(indices) })
    }
  }

  /// What the decoder hands from step to step: the keys and values of the positions that have been,
  /// so that a step computes those of its own alone.
  public struct State: BatchState, Sendable {
    /// By layer: keys and values of the positions so far.
    var caches: [KeyValueCache<Scalar>]
    /// Number of target symbols so far.
    public internal(set) var step = 0

    /// The sequences with the given numbers.
    public func rows(_ indices: Tensor<Int32>) -> State {
      State(caches: caches.rows(indices), step: step)
    }
  }
}

extension Transformer: SequenceDecoder {
  /// Reads the source, for a decoder that goes step by step.
  ///
  /// - Parameters:
  ///   - source: `[batch, source]`
  ///   - lengths: number of symbols of each sentence; nil where all have all.
  /// - Returns: what the decoder looks at, and its state before the first step.
  public func encode(
    _ source: Tensor<Int32>, lengths: [Int]? = nil
  ) -> (memory: Memory, initialState: State) {
    let keyMask = sequenceKeyMask(lengths, source)
    guard configuration.form == .decoder else {
      let encoded = encode(source, keyMask)
      let memory = Memory(
        layers: decoderLayers.map { $0.prepare(memory: encoded, keyMask: keyMask) })
      return (memory, State(caches: decoderLayers.map { _ in KeyValueCache() }))
    }
    var state = State(caches: soleLayers.map { _ in KeyValueCache() })
    var x = embedded(source, sourceEmbedding)
    for (index, layer) in soleLayers.enumerated() {
      x = layer(x, cache: &state.caches[index], keyMask: keyMask)
    }
    let counts = keyMask.map { _ in Tensor(lengths!.map { Int32($0) }) }
    return (Memory(lengths: counts), state)
  }

  /// One step of the decoder.
  ///
  /// - Parameters:
  ///   - symbols: the last ones, `[batch]`.
  ///   - state: goes on by this step.
  /// - Returns: the logarithms of the next symbols' probabilities, `[batch, targetVocabulary]`.
  public func step(
    _ symbols: Tensor<Int32>, _ state: inout State, _ memory: Memory
  ) -> Tensor<Scalar> {
    guard let targetEmbedding else { trap("Transformer: an encoder alone has no target") }
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
    return logSoftmax(logits(x).squeezed(axes: 1), axis: 1)
  }
}
