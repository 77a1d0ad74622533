import Autograd
import Layers
import Seq2Seq
import Sequences
import Testing
import Training

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

  /// A model of every kind: its configuration is a score with what goes beyond it.
  struct Kind: CustomTestStringConvertible, Sendable {
    var score = ScoreName.additive
    var form = DecoderForm.bahdanau
    var reach = AttentionReach.whole
    var coverage = false
    var layers = 1

    var testDescription: String {
      "\(score.rawValue) \(form.rawValue) \(reach.rawValue)\(coverage ? " coverage" : "") \(layers)"
    }

    static let all: [Kind] =
      ScoreName.allCases.map { Kind(score: $0) }
      + DecoderForm.allCases.dropFirst().flatMap { form in
        [ScoreName.additive, .general, .fixed, .none].map { Kind(score: $0, form: form) }
      }
      + DecoderForm.allCases.flatMap { form in
        [Kind(form: form, coverage: true), Kind(score: .general, form: form, reach: .monotonic)]
          + [Kind(score: .dot, form: form, reach: .predicted)]
      } + [Kind(layers: 2)]
  }

  private func model(_ kind: Kind, dropout: Double = 0) -> Seq2Seq<Double> {
    var generator = Generator(seed: 3)
    return Seq2Seq(
      Seq2SeqConfiguration(
        sourceVocabulary: 9, targetVocabulary: 7, embeddingSize: 5, hiddenSize: 6,
        encoderLayers: kind.layers, score: kind.score, form: kind.form, reach: kind.reach,
        window: 1, coverage: kind.coverage, dropout: dropout), using: &generator)
  }

  private func model(_ score: ScoreName, dropout: Double = 0) -> Seq2Seq<Double> {
    model(Kind(score: score), dropout: dropout)
  }

  private let sources: [[Int32]] = [[3, 4, 5, 6, 7], [8, 3], [5], [4, 4, 4]]

  @Test(arguments: Kind.all)
  func `padding changes no sentence, in values and gradients`(kind: Kind) {
    let model = model(kind)
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

  @Test(arguments: Kind.all)
  func `greedy decoding follows the most probable symbol`(kind: Kind) {
    let model = model(kind)
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

  @Test(arguments: Kind.all)
  func `what is looked at is a row for each symbol of the target`(kind: Kind) {
    let heads = model(kind).attentionHeads(source: sources[0], target: [3, 4, 5])
    if [.none, .fixed].contains(kind.score) {
      #expect(heads.isEmpty)
      return
    }
    #expect(heads.count == 1 && heads[0].queries == .target && heads[0].keys == .source)
    #expect(heads[0].weights.count == 3)
    for row in heads[0].weights {
      #expect(row.count == 5)
      // Float's rounding of at most five weights; a predicted position takes some away.
      let sum = row.reduce(0, +)
      #expect(kind.reach == .predicted ? sum > 0 && sum < 1 : abs(sum - 1) < 1e-6)
    }
  }

  @Test func `local attention looks at the step's neighbourhood alone`() {
    let heads = model(Kind(score: .general, form: .luong, reach: .monotonic))
      .attentionHeads(source: sources[0], target: [3, 4, 5])
    for (step, row) in heads[0].weights.enumerated() {
      for (position, weight) in row.enumerated() {
        #expect((weight > 0) == (abs(position - step) <= 1), "step \(step), symbol \(position)")
      }
    }
  }

  @Test(arguments: Kind.all)
  func `all steps at once are the steps one by one`(kind: Kind) throws {
    let model = model(kind)
    let batch = SequencePairBatch(sources: sources, targets: sources.map { _ in [3, 4, 5] })
    let (memory, first) = model.encode(batch.source, lengths: batch.lengths)
    let inputs = model.targetEmbedding(batch.input)
    let stepwise = model.stepwise(inputs, first, memory)
    guard let whole = model.allAtOnce(inputs, first, memory) else {
      #expect(kind.form == .inputFeeding || kind.coverage || kind.reach != .whole)
      return
    }
    // The same sums in another order.
    #expect(abs(whole.features - stepwise.features).max().scalar < 1e-13)
    #expect((whole.weights == nil) == (stepwise.weights == nil))
    if let ours = whole.weights, let theirs = stepwise.weights {
      #expect(abs(ours - theirs).max().scalar < 1e-13)
    }
  }

  @Test func `without attention a step sees the source by its first state alone, or always`() {
    // With the first state set to zero, nothing is left of the source, or its last states are.
    for (score, sees) in [(ScoreName.none, false), (.fixed, true)] {
      let model = model(score)
      let features = [sources[0], sources[3]].map { source in
        let (memory, first) = model.encode(padded([source]))
        var state = first
        state.hidden = .zeros([1, 6])
        return model.step(model.targetEmbedding(Tensor([1])), &state, memory).features
      }
      #expect((features[0] != features[1]) == sees, "\(score)")
    }
  }

  /// Scores by the negative squared distance: one of the user's own.
  struct DistanceScore: AttentionScore {
    let projection: Linear<Double>
    func prepare(keys: Tensor<Double>) -> Tensor<Double> { projection(keys) }
    func callAsFunction(queries: Tensor<Double>, keys: Tensor<Double>) -> Tensor<Double> {
      -square(queries.unsqueezed(axis: 2) - keys.unsqueezed(axis: 1)).sum(axes: 3)
    }
  }

  @Test func `a score of the user's own takes the place of the named one`() {
    var generator = Generator(seed: 3)
    let configuration = Seq2SeqConfiguration(
      sourceVocabulary: 9, targetVocabulary: 7, embeddingSize: 5, hiddenSize: 6)
    let own = DistanceScore(projection: Linear(inputs: 12, outputs: 6, using: &generator))
    let model = Seq2Seq<Double>(configuration, score: own, using: &generator)
    #expect(model.parameters.contains { $0.name == "attention.score.projection.weight" })
    let (memory, first) = model.encode(padded([sources[0]]))
    let annotations = model.encoder(model.sourceEmbedding(padded([sources[0]]))).outputs
    var state = first
    let weights = model.step(model.targetEmbedding(Tensor([1])), &state, memory).weights
    let keys = own.projection(annotations)[0].scalars
    let query = first.hidden.scalars
    let scores = (0..<5).map { key -> Double in
      let differences = (0..<6).map { query[$0] - keys[key * 6 + $0] }
      return -differences.reduce(0.0) { $0 + $1 * $1 }
    }
    let total = scores.reduce(0) { $0 + exp($1) }
    for (ours, score) in zip(weights!.scalars, scores) {
      #expect(abs(ours - exp(score) / total) < 1e-13)
    }
  }

  @Test func `contradictions are named`() {
    func contradiction(_ change: (inout Seq2SeqConfiguration) -> Void) -> String? {
      var configuration = Seq2SeqConfiguration(sourceVocabulary: 9, targetVocabulary: 7)
      change(&configuration)
      return Seq2Seq<Float>.contradiction(in: configuration)
    }
    #expect(contradiction { _ in } == nil)
    #expect(contradiction { ($0.score, $0.reach) = (.none, .predicted) } != nil)
    #expect(contradiction { ($0.score, $0.coverage) = (.dot, true) } != nil)
    #expect(contradiction { ($0.coverage, $0.reach) = (true, .monotonic) } != nil)
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
