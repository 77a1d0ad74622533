public import Autograd

/// The search for the most probable sequences that a decoder can say, given a source: in each step
/// the `width` most probable beginnings of each source go on. Many sources are searched at once.
///
/// ```swift
/// let search = BeamSearch(width: 4, limit: 60, start: 1, end: 2, lengthPenalty: .gnmt(0.6))
/// let found = search(sources: 32, state: first, memory: annotations) { symbols, state, memory in
///   state = model.step(symbols, state, memory)
///   return logSoftmax(model.output(state), axis: 1)
/// }
/// found[0][0].symbols  // the best of the first source
/// ```
///
/// A source's search ends when no living beginning can reach the worst of its `width` best complete
/// hypotheses any more, whatever its further symbols are and whatever the length penalty: nothing
/// that the beam would have found is lost. With a width of 1 this is greedy decoding.
public struct BeamSearch: Sendable {
  /// Number of beginnings that are followed, and of hypotheses that are returned at most.
  public var width: Int
  /// The most symbols that a hypothesis can have, the end not counted.
  public var limit: Int
  /// What the decoder reads first.
  public var start: Int32
  /// What the decoder says last; not part of a hypothesis.
  public var end: Int32
  /// Symbols that are never said.
  public var excluded: Set<Int32>
  /// How hypotheses of different lengths are compared.
  public var lengthPenalty: LengthPenalty

  /// - Parameters:
  ///   - width: number of beginnings that are followed, at least 1.
  ///   - limit: the most symbols that a hypothesis can have, at least 1; the end not counted.
  ///   - start: what the decoder reads first.
  ///   - end: what the decoder says last.
  ///   - excluded: symbols that are never said.
  ///   - lengthPenalty: how hypotheses of different lengths are compared.
  public init(
    width: Int = 1, limit: Int, start: Int32, end: Int32, excluding excluded: Set<Int32> = [],
    lengthPenalty: LengthPenalty = .none
  ) {
    if width < 1 || limit < 1 { trap("BeamSearch: a beam of \(width) up to \(limit) symbols") }
    if excluded.contains(end) { trap("BeamSearch: the end symbol \(end) is excluded") }
    if start < 0 || end < 0 { trap("BeamSearch: start symbol \(start) and end symbol \(end)") }
    self.width = width
    self.limit = limit
    self.start = start
    self.end = end
    self.excluded = excluded
    self.lengthPenalty = lengthPenalty
  }

  /// A complete sequence that a decoder may say.
  public struct Hypothesis: Equatable, Sendable {
    /// Its symbols, without start and end.
    public let symbols: [Int32]
    /// The logarithm of its probability, the end included.
    public let logProbability: Double
    /// The log-probability under the length penalty: what hypotheses are ordered by.
    public let score: Double
    /// The row of the decoder's batch that each symbol came from, by step: where to find what the
    /// decoder has looked at meanwhile.
    public let rows: [Int]
  }

  /// Searches, with a decoder that sees a memory of its source.
  ///
  /// - Parameters:
  ///   - sources: number of sources.
  ///   - first: what the decoder reads first, by source, such as the last symbol of a prompt whose
  ///     others are in the state already; `start` for all if nil.
  ///   - state: the decoder's before the first step, a row for each source.
  ///   - memory: what the decoder knows of each source, a row for each. It is chosen from anew
  ///     only when a step changes how many rows a source has.
  ///   - step: one step of the decoder. It is given the last symbols `[rows]`, and state and memory
  ///     of as many rows; it replaces the state by that after the step, and returns the logarithms
  ///     of the next symbols' probabilities `[rows, symbols]`. A symbol whose logarithm is minus
  ///     infinity or not a number is never taken.
  /// - Returns: for each source its hypotheses, the best first: `width` of them, or fewer if the
  ///   beam has not met as many.
  public func callAsFunction<
    Scalar: FloatingPointScalar, State: BatchState, Memory: BatchState, Failure: Error
  >(
    sources: Int, reading first: [Int32]? = nil, state: State, memory: Memory,
    step: (_ symbols: Tensor<Int32>, _ state: inout State, _ memory: Memory) throws(Failure) ->
      Tensor<Scalar>
  ) throws(Failure) -> [[Hypothesis]] {
    if sources == 0 { return [] }
    let first = first ?? Array(repeating: start, count: sources)
    if first.count != sources {
      trap("BeamSearch: \(first.count) first symbols for \(sources) sources")
    }
    var beam = Beam(self, first: first)
    var (state, memory) = (state, memory)
    for number in 0...limit {
      let logProbabilities = try step(Tensor(beam.lastSymbols), &state, memory)
      let before = beam.sources
      let parents = beam.advance(logProbabilities, mustEnd: number == limit)
      if parents.isEmpty { break }
      if parents != Array(0..<before.count) {
        state = state.rows(Tensor(parents.map { Int32($0) }))
      }
      if beam.sources != before {
        // Any row of the same source will do.
        memory = memory.rows(Tensor(parents.map { Int32($0) }))
      }
    }
    return beam.hypotheses
  }

  /// Searches, with a decoder whose state holds all that it knows.
  public func callAsFunction<Scalar: FloatingPointScalar, State: BatchState, Failure: Error>(
    sources: Int, reading first: [Int32]? = nil, state: State,
    step: (_ symbols: Tensor<Int32>, _ state: inout State) throws(Failure) -> Tensor<Scalar>
  ) throws(Failure) -> [[Hypothesis]] {
    try self(sources: sources, reading: first, state: state, memory: [State]()) {
      (symbols, state, _) throws(Failure) in
      try step(symbols, &state)
    }
  }
}
