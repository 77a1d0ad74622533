import Autograd
import Layers
import Testing

/// Beam search against enumeration of all that can be said.
@Suite struct BeamSearchTests {
  /// A decoder whose next symbol depends on the source and the last two symbols: all else is noise
  /// that the seed decides.
  private struct Decoder {
    static let symbols = 5
    static let (start, end): (Int32, Int32) = (0, 1)
    let seed: UInt64
    /// More makes the end rarer.
    var patience = 0.0

    /// What stands for a source in the memory.
    func memory(_ sources: Int) -> Tensor<Double> {
      Tensor((0..<sources).map { Double($0) }, shape: [sources, 1])
    }

    func logProbabilities(source: Int, _ before: Int, _ last: Int) -> [Double] {
      var generator = Generator(seed: seed &+ UInt64(source * 1000 + before * 10 + last))
      var logits = Tensor<Double>.normal([1, Self.symbols], deviation: 1.5, using: &generator)
      logits[0, Int(Self.end)] -= patience
      return logSoftmax(logits, axis: 1).scalars
    }

    /// The state is the symbol before the last, `[rows, 1]`.
    func step(
      _ symbols: Tensor<Int32>, _ state: inout Tensor<Double>, _ memory: Tensor<Double>
    ) -> Tensor<Double> {
      let last = symbols.scalars
      let rows = last.indices.flatMap { row in
        logProbabilities(
          source: Int(memory[row, 0].scalar), Int(state[row, 0].scalar), Int(last[row]))
      }
      state = Tensor(last.map { Double($0) }, shape: [last.count, 1])
      return Tensor(rows, shape: [last.count, Self.symbols])
    }

    func search(_ search: BeamSearch, sources: Int) -> [[BeamSearch.Hypothesis]] {
      search(sources: sources, state: .zeros([sources, 1]), memory: memory(sources), step: step)
    }

    /// Log-probabilities of all that can be said in up to `limit` symbols without start.
    func all(source: Int, limit: Int) -> [(symbols: [Int32], logProbability: Double)] {
      var complete: [(symbols: [Int32], logProbability: Double)] = []
      var open: [(symbols: [Int32], logProbability: Double)] = [([], 0)]
      for length in 0...limit {
        var longer: [(symbols: [Int32], logProbability: Double)] = []
        for (symbols, so) in open {
          let past = [Self.start, Self.start] + symbols
          let next = logProbabilities(
            source: source, Int(past[past.count - 2]), Int(past[past.count - 1]))
          complete.append((symbols, so + next[Int(Self.end)]))
          if length < limit {
            for symbol in 2..<Self.symbols {
              longer.append((symbols + [Int32(symbol)], so + next[symbol]))
            }
          }
        }
        open = longer
      }
      return complete
    }
  }

  private func options(
    width: Int, limit: Int, _ penalty: LengthPenalty = .none
  ) -> BeamSearch {
    BeamSearch(
      width: width, limit: limit, start: Decoder.start, end: Decoder.end,
      excluding: [Decoder.start], lengthPenalty: penalty)
  }

  private static let penalties: [LengthPenalty] = [
    .none, .gnmt(0.6), .gnmt(2), LengthPenalty(exponent: 1), LengthPenalty(exponent: -0.5),
  ]

  @Test(arguments: penalties, [0.0, 2])
  func `a beam that loses nothing finds the best of all, in their order`(
    penalty: LengthPenalty, patience: Double
  ) {
    // Up to three symbols of three: 1 + 3 + 9 + 27 hypotheses.
    for seed in 0..<10 {
      let decoder = Decoder(seed: UInt64(seed) << 32, patience: patience)
      let found = decoder.search(options(width: 40, limit: 3, penalty), sources: 3)
      for (source, hypotheses) in found.enumerated() {
        let expected = decoder.all(source: source, limit: 3)
          .map { ($0, penalty.score($0.logProbability, length: $0.symbols.count + 1)) }
          .sorted { $0.1 > $1.1 }
        #expect(hypotheses.map(\.symbols) == expected.map(\.0.symbols))
        for (ours, theirs) in zip(hypotheses, expected) {
          #expect(abs(ours.logProbability - theirs.0.logProbability) < 1e-14)
          #expect(abs(ours.score - theirs.1) < 1e-14)
        }
      }
    }
  }

  /// A beam without any thought of stopping early: all beginnings live to the limit.
  private func plain(
    _ decoder: Decoder, source: Int, width: Int, limit: Int, _ penalty: LengthPenalty
  ) -> [[Int32]] {
    var open: [(symbols: [Int32], logProbability: Double)] = [([], 0)]
    var complete: [(symbols: [Int32], score: Double)] = []
    for length in 0...limit {
      var candidates: [(symbols: [Int32], logProbability: Double)] = []
      for (symbols, so) in open {
        let past = [Decoder.start, Decoder.start] + symbols
        let next = decoder.logProbabilities(
          source: source, Int(past[past.count - 2]), Int(past[past.count - 1]))
        for symbol in 1..<Decoder.symbols where length < limit || symbol == Int(Decoder.end) {
          candidates.append((symbols + [Int32(symbol)], so + next[symbol]))
        }
      }
      let best = candidates.sorted { $0.logProbability > $1.logProbability }.prefix(width)
      for candidate in best where candidate.symbols.last == Decoder.end {
        complete.append(
          (
            candidate.symbols.dropLast(),
            penalty.score(candidate.logProbability, length: candidate.symbols.count)
          ))
      }
      open = best.filter { $0.symbols.last != Decoder.end }
    }
    return complete.sorted { $0.score > $1.score }.prefix(width).map(\.symbols)
  }

  @Test(arguments: penalties, [1, 2, 3, 5])
  func `stopping early loses nothing`(penalty: LengthPenalty, width: Int) {
    for seed in 0..<20 {
      let decoder = Decoder(seed: UInt64(seed) << 32, patience: Double(seed % 4))
      let found = decoder.search(options(width: width, limit: 8, penalty), sources: 3)
      for source in 0..<3 {
        #expect(
          found[source].map(\.symbols)
            == plain(decoder, source: source, width: width, limit: 8, penalty))
      }
    }
  }

  @Test func `a search ends when nothing better can come`() {
    let decoder = Decoder(seed: 1, patience: -6)
    var steps = 0
    _ = options(width: 2, limit: 1000)(
      sources: 3, state: Tensor<Double>.zeros([3, 1]), memory: decoder.memory(3)
    ) {
      steps += 1
      return decoder.step($0, &$1, $2)
    }
    #expect(steps < 10)
  }

  @Test func `a longer hypothesis that a length penalty prefers is found`() {
    // The end at once has the probability 0.5; symbols 2 and 3 and the end have 0.45, which is
    // more by symbol.
    let table: [[Double]] = [[0, 0.5, 0.5, 0], [0, 1, 0, 0], [0, 0.1, 0, 0.9], [0, 1, 0, 0]]
    let search = BeamSearch(
      width: 2, limit: 2, start: 0, end: 1, excluding: [0],
      lengthPenalty: LengthPenalty(exponent: 1))
    let found = search(sources: 1, state: Tensor<Double>.zeros([1, 1])) { symbols, _ in
      log(Tensor(symbols.scalars.map { table[Int($0)] }))
    }
    #expect(found[0].first?.symbols == [2, 3])
    #expect(found[0].first?.rows.count == 2)
  }

  @Test func `sources of a batch are searched as if alone, and width 1 is greedy`() {
    let decoder = Decoder(seed: 5, patience: 1)
    for width in [1, 3] {
      let together = decoder.search(options(width: width, limit: 6, .gnmt(0.6)), sources: 6)
      for source in 0..<6 {
        let alone = options(width: width, limit: 6, .gnmt(0.6))(
          sources: 1, state: Tensor<Double>.zeros([1, 1]),
          memory: Tensor<Double>([[Double(source)]]), step: decoder.step)
        #expect(alone[0].map(\.symbols) == together[source].map(\.symbols))
        #expect(alone[0].map(\.score) == together[source].map(\.score))
        if width > 1 { continue }
        var symbols: [Int32] = []
        while symbols.count < 6 {
          let past = [0, 0] + symbols
          let next = decoder.logProbabilities(
            source: source, Int(past[past.count - 2]), Int(past[past.count - 1]))
          let best = (1..<Decoder.symbols).max { next[$0] < next[$1] }!
          if best == Int(Decoder.end) { break }
          symbols.append(Int32(best))
        }
        #expect(together[source].map(\.symbols) == [symbols])
      }
    }
  }

  @Test func `rows tell where each symbol came from`() {
    let decoder = Decoder(seed: 9, patience: 1)
    var seen: [[Int32]] = []
    let found = options(width: 3, limit: 6)(
      sources: 2, state: Tensor<Double>.zeros([2, 1]), memory: decoder.memory(2)
    ) { symbols, state, memory in
      seen.append(symbols.scalars)
      return decoder.step(symbols, &state, memory)
    }
    for hypothesis in found.joined() {
      let read = [Decoder.start] + hypothesis.symbols.dropLast()
      #expect(hypothesis.rows.count == hypothesis.symbols.count)
      for (step, row) in hypothesis.rows.enumerated() { #expect(seen[step][row] == read[step]) }
    }
  }

  @Test func `what has no probability is never said`() {
    let search = BeamSearch(width: 4, limit: 3, start: 0, end: 1)
    let found = search(sources: 2, state: Tensor<Float>.zeros([2, 1])) { symbols, _ in
      let row: [Float] = [-.infinity, -1, -1, .nan]
      return Tensor(symbols.scalars.flatMap { _ in row }, shape: [symbols.count, 4])
    }
    for hypotheses in found {
      #expect(hypotheses.map(\.symbols) == [[], [2], [2, 2], [2, 2, 2]])
    }
    let none = search(sources: 0, state: Tensor<Float>.zeros([0, 1])) { $1 }
    #expect(none.isEmpty)
  }

  @Test func `the penalty of GNMT is that of its formula`() {
    // ((5 + 7) / 6)^0.6 = 2^0.6
    #expect(abs(LengthPenalty.gnmt(0.6).score(-3, length: 7) - -3 / 1.5157165665103982) < 1e-14)
    #expect(LengthPenalty.gnmt(0.6).score(-3, length: 1) == -3)
    #expect(LengthPenalty(exponent: 1).score(-3, length: 4) == -0.75)
    #expect(LengthPenalty.none.score(-3, length: 4) == -3)
  }
}
