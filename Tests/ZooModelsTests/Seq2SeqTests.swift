import Autograd
import Layers
import Testing
import Training

@testable import Seq2Seq
import Sequences

@Suite struct Seq2SeqTests {
  // MARK: Against PyTorch

  @Test(arguments: cases("BahdanauSeq2Seq"))
  func `the additive model and its gradients are PyTorch's`(path: String) throws {
    try withCase(path, float: { try check($0) }, double: { try check($0) })
  }

  private func check<Scalar>(_ example: ModelCase<Scalar>) throws {
    var generator = Generator(seed: 0)
    let model = Seq2Seq<Scalar>(
      Seq2SeqConfiguration(
        sourceVocabulary: try example.size("source_vocabulary"),
        targetVocabulary: try example.size("target_vocabulary"),
        embeddingSize: try example.size("embedding_size"),
        hiddenSize: try example.size("hidden_size"),
        attentionSize: try example.size("attention_size")), using: &generator)
    try example.load(into: model)
    let (source, target) = (try example.indices("input.0"), try example.indices("input.1"))
    try example.check(model) { model(source, target, lengths: example.lengths) }
  }

  @Test func `there are cases, with lengths and without`() throws {
    #expect(cases("BahdanauSeq2Seq").count >= 2)
  }

  // MARK: Masks

  private func model(_ score: ScoreName, dropout: Double = 0) -> Seq2Seq<Double> {
    var generator = Generator(seed: 3)
    return Seq2Seq(
      Seq2SeqConfiguration(
        sourceVocabulary: 9, targetVocabulary: 7, embeddingSize: 5, hiddenSize: 6, score: score,
        dropout: dropout), using: &generator)
  }

  private let sources: [[Int32]] = [[3, 4, 5, 6, 7], [8, 3], [5], [4, 4, 4]]

  @Test(arguments: ScoreName.allCases)
  func `padding changes no sentence, in values and gradients`(score: ScoreName) {
    let model = model(score)
    let targets: [[Int32]] = [[3, 4, 5], [6], [3, 3, 3, 3, 3], [4, 5]]
    let batch = SequencePairBatch(sources: sources, targets: targets)
    let together = valueWithGradient(at: model) {
      crossEntropyLoss(
        $0(batch.source, batch.input, lengths: batch.lengths), batch.labels,
        ignoring: Int(SequenceSymbol.padding), reduction: .sum)
    }
    let alone = zip(sources, targets).map { source, target in
      let batch = SequencePairBatch(sources: [source], targets: [target])
      return valueWithGradient(at: model) {
        crossEntropyLoss($0(batch.source, batch.input), batch.labels, reduction: .sum)
      }
    }
    // The same sums in another order: some roundings of numbers of size 1 to 10.
    let sum = alone.reduce(0) { $0 + $1.value.scalar }
    #expect(abs(together.value.scalar - sum) < 1e-12)
    let gradients = alone.dropFirst().reduce(alone[0].gradients) { $0 + $1.gradients }
    for (name, parameter) in model.parameters {
      let box = parameter as! Parameter<Double>
      let difference = together.gradients[box]! - gradients[box]!
      #expect(abs(difference).max().scalar < 1e-12, "\(name)")
    }
  }

  @Test func `what stands in the padding does not matter`() {
    let model = model(.additive)
    let batch = SequencePairBatch(sources: sources, targets: sources.map { _ in [3, 4] })
    var other = batch.source
    for row in sources.indices {
      for t in sources[row].count..<5 { other[row, t] = 8 }
    }
    #expect(
      model(batch.source, batch.input, lengths: batch.lengths)
        == model(other, batch.input, lengths: batch.lengths))
  }

  // MARK: Decoding

  /// The log-probability that the model gives a target when it is told it word by word.
  private func logProbability(
    _ model: Seq2Seq<Double>, _ source: [Int32], _ target: [Int32]
  ) -> Double {
    let batch = SequencePairBatch(sources: [source], targets: [target])
    let logits = model(batch.source, batch.input)
    return -crossEntropyLoss(logits, batch.labels, reduction: .sum).scalar
  }

  /// Follows the most probable symbol with no other code of the decoder than `callAsFunction`.
  private func followed(_ model: Seq2Seq<Double>, _ source: [Int32], limit: Int) -> [Int32] {
    var target: [Int32] = []
    while target.count < limit {
      let batch = SequencePairBatch(sources: [source], targets: [target])
      let last = model(batch.source, batch.input).selected(axis: 1, at: target.count)
      let scores = last.scalars
      // Padding and start are never said.
      let best = (2..<7).max { scores[$0] < scores[$1] }!
      if best == Int(SequenceSymbol.end) { break }
      target.append(Int32(best))
    }
    return target
  }

  @Test(arguments: ScoreName.allCases)
  func `greedy decoding follows the most probable symbol`(score: ScoreName) {
    let model = model(score)
    let hypotheses = model.greedy(sources, limit: 8)
    for (source, hypothesis) in zip(sources, hypotheses) {
      #expect(hypothesis.symbols == followed(model, source, limit: 8))
      // Sums of a dozen logarithms of size 1.
      let expected = logProbability(model, source, hypothesis.symbols)
      #expect(abs(hypothesis.logProbability - expected) < 1e-12)
    }
  }

  @Test func `a beam of width one is greedy`() {
    let model = model(.general)
    let greedy = model.greedy(sources, limit: 6)
    let beam = model.beam(sources, width: 1, limit: 6)
    #expect(beam.map(\.count) == [1, 1, 1, 1])
    #expect(beam.map { $0[0].symbols } == greedy.map(\.symbols))
    #expect(beam.map { $0[0].logProbability } == greedy.map(\.logProbability))
  }

  @Test(arguments: [ScoreName.additive, .none], [2, 4])
  func `a beam's best is never less probable than greedy's`(score: ScoreName, width: Int) {
    let model = model(score)
    let greedy = model.greedy(sources, limit: 6)
    let beam = model.beam(sources, width: width, limit: 6)
    for ((source, greedy), hypotheses) in zip(zip(sources, greedy), beam) {
      #expect(hypotheses[0].logProbability >= greedy.logProbability - 1e-12)
      #expect(hypotheses.count <= width)
      let scores = hypotheses.map(\.logProbability)
      #expect(scores == scores.sorted(by: >))
      #expect(Set(hypotheses.map(\.symbols)).count == hypotheses.count)
      for hypothesis in hypotheses {
        let expected = logProbability(model, source, hypothesis.symbols)
        #expect(abs(hypothesis.logProbability - expected) < 1e-12)
      }
    }
  }

  @Test func `a beam as wide as all targets finds the most probable one`() {
    let model = model(.additive)
    let source = sources[0]
    var all: [[Int32]] = [[]]
    all += (3..<7).map { [Int32($0)] }
    all += (3..<7).flatMap { first in (3..<7).map { [Int32(first), Int32($0)] } }
    let best = all.max {
      logProbability(model, source, $0) < logProbability(model, source, $1)
    }
    let beam = model.beam([source], width: 32, limit: 2)[0]
    #expect(beam[0].symbols == best)
  }

  @Test func `attention weights are those of the sentence's own symbols, and sum to one`() {
    let hypotheses = model(.additive).greedy(sources, limit: 8)
    for (source, hypothesis) in zip(sources, hypotheses) {
      #expect(hypothesis.weights.count == hypothesis.symbols.count)
      for row in hypothesis.weights {
        #expect(row.count == source.count)
        // Float's rounding of at most five weights.
        #expect(abs(row.reduce(0, +) - 1) < 1e-6)
      }
    }
    #expect(model(.none).greedy(sources, limit: 8).allSatisfy { $0.weights.isEmpty })
  }

  @Test func `sentences of a batch are decoded as if alone`() {
    let model = model(.dot)
    let together = model.beam(sources, width: 3, limit: 6)
    for (source, hypotheses) in zip(sources, together) {
      let alone = model.beam([source], width: 3, limit: 6)[0]
      #expect(alone.map(\.symbols) == hypotheses.map(\.symbols))
    }
    #expect(model.beam([], width: 3, limit: 6).isEmpty)
  }

  // MARK: Training

  @Test func `a model learns to turn words round`() {
    var generator = Generator(seed: 1)
    let model = Seq2Seq<Float>(
      Seq2SeqConfiguration(
        sourceVocabulary: 6, targetVocabulary: 6, embeddingSize: 8, hiddenSize: 24),
      using: &generator)
    let words: [[Int32]] = [
      [3, 4], [4, 5], [5, 3], [3, 4, 5], [5, 4, 3], [4, 3, 3], [5], [3],
    ]
    let batch = SequencePairBatch(sources: words, targets: words.map { $0.reversed() })
    var optimizer = Adam(learningRate: 1e-2)
    for _ in 0..<300 {
      let (_, gradients) = valueWithGradient(at: model) {
        crossEntropyLoss(
          $0(batch.source, batch.input, lengths: batch.lengths), batch.labels,
          ignoring: Int(SequenceSymbol.padding))
      }
      optimizer.update(model, along: gradients.clipped(toNorm: 1))
    }
    #expect(model.greedy(words, limit: 5).map(\.symbols) == words.map { $0.reversed() })
  }
}
