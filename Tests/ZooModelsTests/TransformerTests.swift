import Autograd
import Layers
import Testing
import Training
import Transformer

@Suite struct TransformerTests {
  private func model(
    _ form: TransformerForm, norm: NormPosition = .preNorm, dropout: Double = 0
  ) -> Transformer<Double> {
    var generator = Generator(seed: 3)
    return Transformer(
      TransformerConfiguration(
        form: form, sourceVocabulary: 9, targetVocabulary: 7, size: 8, heads: 2, innerSize: 12,
        encoderLayers: 2, decoderLayers: 2, normPosition: norm, dropout: dropout),
      using: &generator)
  }

  static let speaking: [TransformerForm] = [.encoderDecoder, .decoder]
  private let sources: [[Int32]] = [[3, 4, 5, 6, 7], [8, 3], [5], [4, 4, 4]]
  private let targets: [[Int32]] = [[3, 4, 5], [6], [3, 3, 3, 3, 3], [4, 5]]

  // MARK: The parts

  @Test func `a form has the parts that it needs`() {
    let names = { (form: TransformerForm) in
      Set(model(form).parameters.map { String($0.name.prefix { $0 != "." }) })
    }
    #expect(
      names(.encoderDecoder) == [
        "sourceEmbedding", "targetEmbedding", "encoderLayers", "encoderNorm", "decoderLayers",
        "decoderNorm",
      ])
    #expect(
      names(.decoder) == ["sourceEmbedding", "targetEmbedding", "soleLayers", "decoderNorm"])
    #expect(names(.encoder) == ["sourceEmbedding", "encoderLayers", "encoderNorm", "labels"])
  }

  @Test func `embeddings are scaled, and have the waves of their positions`() {
    let model = model(.encoderDecoder)
    let embedded = model.embedded(Tensor([[4, 6]]), model.sourceEmbedding).scalars
    let table = model.sourceEmbedding.weight.scalars
    for (position, symbol) in [4, 6].enumerated() {
      for feature in 0..<8 {
        let rate = power(10_000, -Double(feature / 2 * 2) / 8)
        let angle = Double(position) * rate
        let wave = feature % 2 == 0 ? sin(angle) : cos(angle)
        let expected = table[symbol * 8 + feature] * 8.0.squareRoot() + wave
        #expect(abs(embedded[position * 8 + feature] - expected) < 1e-13)
      }
    }
  }

  private func power(_ base: Double, _ exponent: Double) -> Double {
    exp(exponent * log(base))
  }

  @Test func `sequences may be longer than the table of positions`() {
    let model = model(.encoderDecoder)
    let long = Tensor<Int32>((0..<300).map { Int32(3 + $0 % 5) }, shape: [1, 300])
    let embedded = model.embedded(long, model.sourceEmbedding)
    let short = model.embedded(
      long.narrowed(axis: 1, to: 0..<200), model.sourceEmbedding)
    #expect(embedded.narrowed(axis: 1, to: 0..<200) == short)
  }

  // MARK: Masks

  @Test(arguments: speaking, [NormPosition.preNorm, .postNorm])
  func `padding changes no sentence, in values and gradients`(
    form: TransformerForm, norm: NormPosition
  ) {
    let model = model(form, norm: norm)
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
    let sum = alone.reduce(0) { $0 + $1.value.scalar }
    #expect(abs(together.value.scalar - sum) < 1e-11)
    let gradients = alone.dropFirst().reduce(alone[0].gradients) { $0 + $1.gradients }
    for (name, parameter) in model.parameters {
      let box = parameter as! Parameter<Double>
      let difference = together.gradients[box]! - gradients[box]!
      #expect(abs(difference).max().scalar < 1e-11, "\(name)")
    }
  }

  @Test(arguments: speaking)
  func `gradients are those of finite differences`(form: TransformerForm) {
    let model = model(form)
    let batch = SequencePairBatch(sources: sources, targets: targets)
    let loss = { (model: Transformer<Double>) in
      crossEntropyLoss(
        model(batch.source, batch.input, lengths: batch.lengths), batch.labels,
        ignoring: Int(SequenceSymbol.padding))
    }
    let (_, gradients) = valueWithGradient(at: model, of: loss)
    for (name, parameter) in model.parameters {
      let box = parameter as! Parameter<Double>
      let ours = gradients[box]!.scalars
      for index in [0, box.scalars.count / 2, box.scalars.count - 1] {
        let before = box.scalars
        let values = [1e-5, -1e-5].map { change in
          box.scalars[index] = before[index] + change
          defer { box.scalars = before }
          return loss(model).scalar
        }
        // Errors of the difference: 1e-10 of the step's square, 1e-16 / 1e-5 of rounding.
        let expected = (values[0] - values[1]) / 2e-5
        #expect(abs(ours[index] - expected) < 1e-8, "\(name) \(index)")
      }
    }
  }

  @Test(arguments: speaking)
  func `no step sees what follows`(form: TransformerForm) {
    let model = model(form)
    let source = padded([sources[0]])
    let logits = model(source, Tensor([[1, 3, 4, 5]]))
    let others = model(source, Tensor([[1, 3, 6, 6]]))
    let seen = { (x: Tensor<Double>) in x.narrowed(axis: 1, to: 0..<2) }
    #expect(seen(logits) == seen(others))
    #expect(logits != others)
  }

  @Test func `an encoder alone says something of each symbol, and padding changes nothing`() {
    let model = model(.encoder)
    let together = model(labelling: padded(sources), lengths: sources.map(\.count))
    #expect(Array(together.shape) == [4, 5, 7])
    for (row, source) in sources.enumerated() {
      let alone = model(labelling: padded([source]))[0]
      let ours = together[row].narrowed(axis: 0, to: 0..<source.count)
      #expect(abs(alone - ours).max().scalar < 1e-13)
    }
  }

  // MARK: Decoding

  private func logProbability(
    _ model: Transformer<Double>, _ source: [Int32], _ target: [Int32]
  ) -> Double {
    let batch = SequencePairBatch(sources: [source], targets: [target])
    return -crossEntropyLoss(model(batch.source, batch.input), batch.labels, reduction: .sum).scalar
  }

  @Test(arguments: speaking, [1, 3])
  func `what a beam says is as probable as the whole says it is`(
    form: TransformerForm, width: Int
  ) {
    let model = model(form)
    let found = model.beam(sources, width: width, limit: 6)
    for (source, hypotheses) in zip(sources, found) {
      #expect(!hypotheses.isEmpty && hypotheses.count <= width)
      for hypothesis in hypotheses {
        let expected = logProbability(model, source, hypothesis.symbols)
        #expect(abs(hypothesis.logProbability - expected) < 1e-11)
      }
    }
  }

  @Test(arguments: speaking)
  func `greedy decoding follows the most probable symbol`(form: TransformerForm) {
    let model = model(form)
    for (source, hypothesis) in zip(sources, model.greedy(sources, limit: 6)) {
      var target: [Int32] = []
      while target.count < 6 {
        let batch = SequencePairBatch(sources: [source], targets: [target])
        let scores = model(batch.source, batch.input)[0, target.count].scalars
        let best = (2..<7).max { scores[$0] < scores[$1] }!
        if best == Int(SequenceSymbol.end) { break }
        target.append(Int32(best))
      }
      #expect(hypothesis.symbols == target)
    }
    #expect(model.beam([], width: 2, limit: 4).isEmpty)
  }

  // MARK: What is looked at

  @Test(arguments: TransformerForm.allCases)
  func `each layer and head shows rows that sum to what it may look at`(form: TransformerForm) {
    let target: [Int32] = form == .encoder ? [] : [3, 4, 5]
    let heads = model(form).attentionHeads(source: sources[0], target: target)
    let layers = Set(heads.map(\.layer))
    #expect(heads.count == 2 * layers.count)
    #expect(layers.count == [.encoder: 2, .decoder: 6, .encoderDecoder: 6][form])
    for head in heads {
      #expect(head.weights.count == (head.queries == .source ? 5 : 3))
      let rows = head.weights.map { $0.reduce(0, +) }
      #expect(head.weights.allSatisfy { $0.count == (head.keys == .source ? 5 : 3) })
      // A decoder alone looks at source and target at once: the parts of a row sum to one.
      if form != .decoder || head.queries == .source {
        #expect(rows.allSatisfy { abs($0 - 1) < 1e-5 }, "\(head.layer)")
      } else {
        #expect(rows.allSatisfy { $0 > 0 && $0 < 1 }, "\(head.layer)")
      }
      if head.queries == head.keys && (head.queries == .target || form == .decoder) {
        for (row, weights) in head.weights.enumerated() {
          #expect(weights.dropFirst(row + 1).allSatisfy { $0 == 0 }, "\(head.layer)")
        }
      }
    }
  }

  // MARK: Training

  @Test(arguments: speaking)
  func `a model learns to turn words round`(form: TransformerForm) {
    var generator = Generator(seed: 1)
    let model = Transformer<Float>(
      TransformerConfiguration(
        form: form, sourceVocabulary: 6, targetVocabulary: 6, size: 16, heads: 2,
        encoderLayers: 1, decoderLayers: 2, dropout: 0), using: &generator)
    let words: [[Int32]] = [
      [3, 4], [4, 5], [5, 3], [3, 4, 5], [5, 4, 3], [4, 3, 3], [5], [3],
    ]
    let batch = SequencePairBatch(sources: words, targets: words.map { $0.reversed() })
    var optimizer = Adam(learningRate: 3e-3)
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

  @Test func `an encoder alone learns to name its neighbours`() {
    var generator = Generator(seed: 1)
    let model = Transformer<Float>(
      TransformerConfiguration(
        form: .encoder, sourceVocabulary: 6, targetVocabulary: 6, size: 16, heads: 2,
        encoderLayers: 2, dropout: 0), using: &generator)
    let words: [[Int32]] = [[3, 4, 5], [5, 4, 3], [4, 3, 3], [5, 5], [3]]
    // Each symbol is labelled by the one after it, the last by the first.
    let labels = padded(words.map { Array($0.dropFirst()) + [$0[0]] })
    let (source, lengths) = (padded(words), words.map(\.count))
    var optimizer = Adam(learningRate: 3e-3)
    for _ in 0..<300 {
      let (_, gradients) = valueWithGradient(at: model) {
        crossEntropyLoss(
          $0(labelling: source, lengths: lengths), labels, ignoring: Int(SequenceSymbol.padding))
      }
      optimizer.update(model, along: gradients.clipped(toNorm: 1))
    }
    let said = model(labelling: source, lengths: lengths).argmax(axis: 2)
    for (row, word) in words.enumerated() {
      for t in word.indices { #expect(said[row, t].scalar == labels[row, t].scalar) }
    }
  }
}
