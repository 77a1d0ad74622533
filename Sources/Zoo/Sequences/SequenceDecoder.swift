public import Autograd
public import Layers

/// A model that reads a source, and then says a target symbol by symbol.
///
/// It tells how it reads and how it goes one step; `greedy` and `beam` follow. So does any other way
/// to decode, such as saying symbols as often as the model finds them probable:
///
/// ```swift
/// func sample(
///   _ model: some SequenceDecoder<Float>, _ source: [Int32], limit: Int,
///   using generator: inout Generator
/// ) -> [Int32] {
///   var (memory, state) = model.encode(padded([source]), lengths: nil)
///   var symbols = [SequenceSymbol.start]
///   while symbols.count <= limit {
///     let next = model.step(Tensor([symbols.last!]), &state, memory)  // [1, symbols]
///     var rest = Float.random(in: 0..<1, using: &generator)
///     let symbol = exp(next).scalars.firstIndex { probability in
///       rest -= probability
///       return rest < 0
///     }
///     guard let symbol, symbol != Int(SequenceSymbol.end) else { break }
///     symbols.append(Int32(symbol))
///   }
///   return Array(symbols.dropFirst())
/// }
/// ```
public protocol SequenceDecoder<Scalar> {
  /// `Float` or `Double`.
  associatedtype Scalar: FloatingPointScalar
  /// What the steps know of a source, a row for each; no step changes it.
  associatedtype Memory: BatchState
  /// What a step hands to the next, a row for each sequence.
  associatedtype State: BatchState

  /// Reads sources.
  ///
  /// - Parameters:
  ///   - source: `[batch, source]`
  ///   - lengths: number of symbols of each source; nil where all have all.
  /// - Returns: what the steps look at, and the state before the first.
  func encode(
    _ source: Tensor<Int32>, lengths: [Int]?
  ) -> (memory: Memory, initialState: State)

  /// One step.
  ///
  /// - Parameters:
  ///   - symbols: the last ones, `[batch]`; `SequenceSymbol.start` before the first step.
  ///   - state: goes on by this step.
  ///   - memory: of as many rows.
  /// - Returns: the logarithms of the next symbols' probabilities, `[batch, symbols]`.
  func step(
    _ symbols: Tensor<Int32>, _ state: inout State, _ memory: Memory
  ) -> Tensor<Scalar>
}

extension SequenceDecoder {
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
  /// `BeamSearch`.
  ///
  /// - Parameters:
  ///   - sources: symbols of each sentence, at least one each.
  ///   - width: number of beginnings that are followed.
  ///   - limit: the most symbols that a target can have.
  ///   - lengthPenalty: how hypotheses of different lengths are compared.
  /// - Returns: for each sentence from 1 to `width` hypotheses, the best first. A model whose weights
  ///   are not finite says nothing, with a log-probability of minus infinity.
  public func beam(
    _ sources: [[Int32]], width: Int, limit: Int, lengthPenalty: LengthPenalty = .none
  ) -> [[SequenceHypothesis]] {
    if sources.isEmpty { return [] }
    let (memory, first) = encode(padded(sources), lengths: sources.map(\.count))
    return beamSearch(
      sources: sources.count, width: width, limit: limit, lengthPenalty: lengthPenalty,
      state: first, memory: memory
    ) { step($0, &$1, $2) }
  }
}

/// Sequences of symbols by beam search, from `SequenceSymbol.start` to `SequenceSymbol.end`: for a
/// decoder of whatever reads its source. Neither start nor padding is ever said.
///
/// - Parameters:
///   - sources: number of sources.
///   - width: number of beginnings that are followed; 1 is greedy.
///   - limit: the most symbols that a hypothesis can have.
///   - lengthPenalty: how hypotheses of different lengths are compared.
///   - excluded: further symbols that are never said.
///   - state: the decoder's before the first step, a row for each source.
///   - memory: what the decoder knows of each source, a row for each.
///   - step: one step of the decoder, as `SequenceDecoder.step`.
/// - Returns: for each source from 1 to `width` hypotheses, the best first. A model whose weights are
///   not finite says nothing, with a log-probability of minus infinity.
public func beamSearch<Scalar: FloatingPointScalar, State: BatchState, Memory: BatchState>(
  sources: Int, width: Int, limit: Int, lengthPenalty: LengthPenalty = .none,
  excluding excluded: Set<Int32> = [], state: State, memory: Memory,
  step: (_ symbols: Tensor<Int32>, _ state: inout State, _ memory: Memory) -> Tensor<Scalar>
) -> [[SequenceHypothesis]] {
  let search = BeamSearch(
    width: width, limit: limit, start: SequenceSymbol.start, end: SequenceSymbol.end,
    excluding: excluded.union([SequenceSymbol.padding, SequenceSymbol.start]),
    lengthPenalty: lengthPenalty)
  return search(sources: sources, state: state, memory: memory, step: step).map { found in
    SequenceHypothesis.all(found.map { ($0.symbols, $0.logProbability) })
  }
}
