import Autograd
import Layers
import Seq2Seq
import Sequences
import Testing
import Transformer

/// A decoder without a network: how probable a symbol is follows from the source and all that has been
/// read, by a table that a seed makes up. Padding and start are the most probable throughout.
private struct MadeUpDecoder: SequenceDecoder {
  struct Memory: BatchState {
    /// `[batch, 1]`
    var source: Tensor<Int32>
    func rows(_ indices: Tensor<Int32>) -> Memory { Memory(source: source.rows(indices)) }
  }

  struct State: BatchState {
    /// `[batch, steps]`
    var read: Tensor<Int32>
    func rows(_ indices: Tensor<Int32>) -> State { State(read: read.rows(indices)) }
  }

  func encode(
    _ source: Tensor<Int32>, lengths: [Int]?
  ) -> (memory: Memory, initialState: State) {
    (
      Memory(source: source.narrowed(axis: 1, to: 0..<1)),
      State(read: Tensor(repeating: 0, shape: [source.shape[0], 1]))
    )
  }

  func step(
    _ symbols: Tensor<Int32>, _ state: inout State, _ memory: Memory
  ) -> Tensor<Double> {
    state.read = .concatenated([state.read, symbols.unsqueezed(axis: 1)], axis: 1)
    return Tensor(
      (0..<symbols.count).map { row in
        Self.logProbabilities(memory.source[row, 0].scalar, state.read[row].scalars.dropFirst(2))
      })
  }

  /// Of the next symbol, after those that have been said.
  static func logProbabilities(_ source: Int32, _ said: some Sequence<Int32>) -> [Double] {
    let seed = said.reduce(UInt64(source)) { $0 * 7 + UInt64($1) }
    var generator = Generator(seed: seed)
    let shares = [9, 8] + (0..<4).map { _ in Double.random(in: 0.1...1, using: &generator) }
    let total = shares.reduce(0, +)
    return shares.map { log($0 / total) }
  }

  /// What a target's symbols, and its end, are together.
  static func logProbability(_ source: Int32, _ target: [Int32]) -> Double {
    (target + [SequenceSymbol.end]).enumerated().reduce(0) { sum, next in
      sum + logProbabilities(source, target.prefix(next.offset))[Int(next.element)]
    }
  }
}

@Suite struct SequenceDecoderTests {
  private let sources: [[Int32]] = [[3, 4, 5, 6, 7], [8, 3], [5], [4, 4, 4]]

  /// Follows the largest of the symbols that may be said, by steps of a source that is alone.
  private func followed<Model: SequenceDecoder>(
    _ model: Model, _ source: [Int32], limit: Int
  ) -> (symbols: [Int32], logProbability: Double) {
    var (memory, state) = model.encode(padded([source]), lengths: nil)
    var (symbols, total) = ([SequenceSymbol.start], 0.0)
    while true {
      let next = model.step(Tensor([symbols.last!]), &state, memory)[0].scalars.map { Double($0) }
      let isFull = symbols.count > limit
      let best = isFull ? 2 : (2..<next.count).max { next[$0] < next[$1] }!
      total += next[best]
      if best == Int(SequenceSymbol.end) { return (Array(symbols.dropFirst()), total) }
      symbols.append(Int32(best))
    }
  }

  private func checkGreedy(_ model: some SequenceDecoder<Double>, limit: Int) {
    for (source, hypothesis) in zip(sources, model.greedy(sources, limit: limit)) {
      let expected = followed(model, source, limit: limit)
      #expect(hypothesis.symbols == expected.symbols)
      #expect(abs(hypothesis.logProbability - expected.logProbability) < 1e-11)
    }
    #expect(model.greedy([], limit: limit).isEmpty && model.beam([], width: 2, limit: 1).isEmpty)
  }

  @Test(arguments: DecoderForm.allCases)
  func `greedy decoding of a recurrent model follows its largest steps`(form: DecoderForm) {
    var generator = Generator(seed: 3)
    checkGreedy(
      Seq2Seq<Double>(
        Seq2SeqConfiguration(
          sourceVocabulary: 9, targetVocabulary: 7, embeddingSize: 5, hiddenSize: 6, form: form,
          coverage: true), using: &generator), limit: 6)
  }

  @Test(arguments: [TransformerForm.encoderDecoder, .decoder])
  func `greedy decoding of a Transformer follows its largest steps`(form: TransformerForm) {
    var generator = Generator(seed: 3)
    checkGreedy(
      Transformer<Double>(
        TransformerConfiguration(
          form: form, sourceVocabulary: 9, targetVocabulary: 7, size: 8, heads: 2,
          encoderLayers: 2, decoderLayers: 2, dropout: 0), using: &generator), limit: 6)
  }

  @Test func `padding and start are never said, however probable`() {
    checkGreedy(MadeUpDecoder(), limit: 7)
    for hypotheses in MadeUpDecoder().beam(sources, width: 5, limit: 7) {
      #expect(hypotheses.count == 5)
      for symbol in hypotheses.flatMap(\.symbols) { #expect(symbol > SequenceSymbol.end) }
    }
  }

  @Test func `a wide beam finds the most probable of all targets, in their order`() {
    var targets: [[Int32]] = [[]]
    var longer: [[Int32]] = [[]]
    for _ in 0..<3 {
      longer = longer.flatMap { target in (3..<6).map { target + [$0] } }
      targets += longer
    }
    for (source, found) in zip(sources, MadeUpDecoder().beam(sources, width: 40, limit: 3)) {
      let expected = targets.map { (MadeUpDecoder.logProbability(source[0], $0), $0) }
        .sorted { $0.0 > $1.0 }
      #expect(found.map(\.symbols) == expected.map(\.1))
      for (hypothesis, target) in zip(found, expected) {
        #expect(abs(hypothesis.logProbability - target.0) < 1e-12)
      }
    }
  }

  @Test func `a search of one's own leaves out what it is told to`() {
    let (memory, first) = MadeUpDecoder().encode(padded(sources), lengths: nil)
    let found = beamSearch(
      sources: 4, width: 3, limit: 5, excluding: [4], state: first, memory: memory
    ) { MadeUpDecoder().step($0, &$1, $2) }
    #expect(found.count == 4)
    #expect(!found.joined().contains { $0.symbols.contains { $0 == 4 || $0 < 2 } })
  }

  @Test func `a model of no finite numbers says nothing`() {
    let found = beamSearch(
      sources: 2, width: 3, limit: 5, state: Tensor<Float>.zeros([2, 1]),
      memory: Tensor<Float>.zeros([2, 1])
    ) { symbols, _, _ in Tensor<Float>(repeating: .nan, shape: [symbols.count, 5]) }
    let nothing = [SequenceHypothesis(symbols: [], logProbability: -.infinity)]
    #expect(found == [nothing, nothing])
  }

  // MARK: A way to decode of one's own

  /// The example of `SequenceDecoder`.
  private func sample(
    _ model: some SequenceDecoder<Float>, _ source: [Int32], limit: Int,
    using generator: inout Generator
  ) -> [Int32] {
    var (memory, state) = model.encode(padded([source]), lengths: nil)
    var symbols = [SequenceSymbol.start]
    while symbols.count <= limit {
      let next = model.step(Tensor([symbols.last!]), &state, memory)  // [1, symbols]
      var rest = Float.random(in: 0..<1, using: &generator)
      let symbol = exp(next).scalars.firstIndex { probability in
        rest -= probability
        return rest < 0
      }
      guard let symbol, symbol != Int(SequenceSymbol.end) else { break }
      symbols.append(Int32(symbol))
    }
    return Array(symbols.dropFirst())
  }

  @Test func `symbols are drawn as often as the model finds them probable`() {
    var generator = Generator(seed: 3)
    let model = Seq2Seq<Float>(
      Seq2SeqConfiguration(
        sourceVocabulary: 9, targetVocabulary: 5, embeddingSize: 3, hiddenSize: 4),
      using: &generator)
    var (memory, state) = model.encode(padded([[4, 5]]))
    let probabilities = exp(model.step(Tensor([SequenceSymbol.start]), &state, memory)).scalars
    let drawn = (0..<2000).map { _ in sample(model, [4, 5], limit: 1, using: &generator).first ?? 2
    }
    for (symbol, probability) in probabilities.enumerated() {
      let share = Float(drawn.count { $0 == Int32(symbol) }) / 2000
      // Five deviations of a share of a half.
      #expect(abs(share - probability) < 0.056)
    }
  }
}
