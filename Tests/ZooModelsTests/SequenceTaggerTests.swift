import Autograd
import Foundation
import Layers
import SequenceTagger
import Testing
import Training

@Suite struct SequenceTaggerTests {
  private static let tags = ["O", "B-city", "I-city", "B-day", "I-day"]

  /// One configuration of each kind: cells, with and without letters and decoder.
  static let configurations: [SequenceTaggerConfiguration] = [
    .init(
      words: 9, letters: 7, tags: 5, intents: 3, wordSize: 4, letterSize: 3, letterFeatures: 3,
      hiddenSize: 3),
    .init(
      words: 9, letters: 7, tags: 5, intents: 3, wordSize: 4, letterFeatures: 0, cell: .gru,
      hiddenSize: 3, layers: 2, attentionSize: 2),
    .init(
      words: 9, letters: 7, tags: 5, intents: 3, wordSize: 4, letterSize: 3, letterFeatures: 3,
      cell: .gru, hiddenSize: 3, tagSize: 2),
    .init(
      words: 9, letters: 7, tags: 5, intents: 3, wordSize: 4, letterFeatures: 0, hiddenSize: 3,
      scoresNeighbours: true),
  ]

  private func model<Scalar>(
    _ configuration: SequenceTaggerConfiguration, _ type: Scalar.Type = Double.self
  ) -> SequenceTagger<Scalar> {
    var generator = Generator(seed: 5)
    return SequenceTagger(configuration, using: &generator)
  }

  private static let words: [[Int32]] = [[4, 5, 6, 7], [8, 4]]
  private static let letters: [[[Int32]]] = [
    [[1, 2], [3], [4, 5, 6, 3, 2], [1]], [[2, 2, 2, 3], [1, 2]],
  ]
  private static let labels: [[Int32]] = [[0, 1, 2, 3], [3, 4]]

  private let batch = SequenceTaggerBatch(
    words: words, letters: letters, tags: labels, intents: [2, 0])
  /// The second sentence of the batch by itself, whose first word needs no padding.
  private let single = SequenceTaggerBatch(
    words: [words[1]], letters: [letters[1]], tags: [labels[1]], intents: [0])

  @Test func `sentences are padded to rectangles`() {
    #expect(batch.words == Tensor([[4, 5, 6, 7], [8, 4, 0, 0]]))
    #expect(batch.letters.shape == [2, 4, 5])
    #expect(batch.letters[0, 2].scalars == [4, 5, 6, 3, 2])
    #expect(batch.letters[1, 0].scalars == [2, 2, 2, 3, 0])
    #expect(batch.letters[1, 3].scalars == [0, 0, 0, 0, 0])
    #expect(batch.tags == Tensor([[0, 1, 2, 3], [3, 4, -1, -1]]))
    #expect(batch.lengths == [4, 2])
  }

  @Test(arguments: configurations)
  func `there are logits for each word and sentence, and weights for each of them`(
    configuration: SequenceTaggerConfiguration
  ) {
    let model = model(configuration)
    let logits = model(batch)
    #expect(logits.tags.shape == [2, 4, 5])
    #expect(logits.intents.shape == [2, 3])
    let answer = model.predict(batch, TagTransitions(bio: Self.tags))
    #expect(answer.tags.map(\.count) == [4, 2])
    #expect(answer.slotWeights.shape == [2, 4, 4])
    #expect(answer.intentWeights.shape == [2, 4])
    #expect(abs(answer.intentWeights.sum(axes: 1) - 1).max().scalar < 1e-14)
    #expect(abs(answer.slotWeights.sum(axes: 2) - 1).max().scalar < 1e-14)
    #expect(answer.intentWeights[1, 2...].scalars == [0, 0])
    #expect(answer.slotWeights[1, 0, 2...].scalars == [0, 0])
    #expect(abs(answer.intentProbabilities.sum(axes: 1) - 1).max().scalar < 1e-14)
    #expect(answer.intents == logits.intents.argmax(axis: 1).scalars.map { Int($0) })
  }

  @Test(arguments: configurations)
  func `padding changes nothing`(configuration: SequenceTaggerConfiguration) {
    let model = model(configuration)
    let (whole, alone) = (model(batch), model(single))
    // Products and sums of other extents may add in another order.
    #expect(abs(whole.tags[1, ..<2] - alone.tags[0]).max().scalar < 1e-13)
    #expect(abs(whole.intents[1] - alone.intents[0]).max().scalar < 1e-13)
    let transitions = TagTransitions(bio: Self.tags)
    #expect(model.predict(batch, transitions).tags[1] == model.predict(single, transitions).tags[0])
  }

  @Test(arguments: configurations)
  func `the gradients are those of finite differences`(configuration: SequenceTaggerConfiguration) {
    let check = GradientCheck(at: model(configuration)) { $0.loss(batch) }
    #expect(check.passes, "\(check)")
  }

  @Test func `the loss is the mean cross-entropy of the words and that of the sentences`() {
    let model = model(Self.configurations[0])
    let logits = model(batch)
    func cross(_ scores: [Double], _ label: Int32) -> Double {
      Foundation.log(scores.reduce(0) { $0 + Foundation.exp($1) }) - scores[Int(label)]
    }
    var words = 0.0
    for (row, labels) in Self.labels.enumerated() {
      for (position, label) in labels.enumerated() {
        words += cross(logits.tags[row, position].scalars, label)
      }
    }
    let sentences = cross(logits.intents[0].scalars, 2) + cross(logits.intents[1].scalars, 0)
    #expect(Swift.abs(model.loss(batch).scalar - (words / 6 + sentences / 2)) < 1e-12)
  }

  @Test func `without transitions a word by itself gets its likeliest tag`() {
    let model = model(Self.configurations[0])
    let expected = model(batch).tags.argmax(axis: 2)
    let tags = model.predict(batch, TagTransitions(unlimited: 5)).tags
    #expect(tags[0] == expected[0].scalars.map { Int($0) })
    #expect(tags[1] == expected[1, ..<2].scalars.map { Int($0) })
  }

  @Test func `a decoder's steps are those that it is taught`() {
    let model = model(Self.configurations[2])
    let tags = model.predict(batch, TagTransitions(unlimited: 5)).tags
    // Taught with its own tags, it says them again.
    let own = SequenceTaggerBatch(
      words: Self.words, letters: Self.letters, tags: tags.map { $0.map { Int32($0) } })
    let again = model(own).tags.argmax(axis: 2)
    #expect(again[0].scalars.map { Int($0) } == tags[0])
    #expect(again[1, ..<2].scalars.map { Int($0) } == tags[1])
  }

  /// The model that scores neighbours, with scores that make a difference.
  private func chained() -> SequenceTagger<Double> {
    let model = model(Self.configurations[3])
    var generator = Generator(seed: 6)
    model.chain!.scores = .normal([6, 5], using: &generator)
    return model
  }

  /// All taggings of some words with their scores, computed one by one.
  private func taggings(
    _ model: SequenceTagger<Double>, _ logits: Tensor<Double>, words: Int
  ) -> [(tags: [Int], score: Double)] {
    let (neighbours, own) = (model.chain!.scores.scalars, logits.scalars)
    return (0..<Int(Foundation.pow(5.0, Double(words)))).map { number in
      var (rest, tags) = (number, [Int]())
      for _ in 0..<words {
        tags.append(rest % 5)
        rest /= 5
      }
      let score = tags.indices.reduce(0.0) { sum, word in
        let before = word == 0 ? 5 : tags[word - 1]
        return sum + own[word * 5 + tags[word]] + neighbours[before * 5 + tags[word]]
      }
      return (tags, score)
    }
  }

  @Test func `the loss of a chain is that of its tagging among all taggings`() {
    let model = chained()
    let logits = model(batch)
    var expected = 0.0
    for (row, labels) in Self.labels.enumerated() {
      let all = taggings(model, logits.tags[row], words: labels.count)
      let right = all.first { $0.tags == labels.map { Int($0) } }!
      expected += Foundation.log(all.reduce(0) { $0 + Foundation.exp($1.score) }) - right.score
    }
    let intents = crossEntropyLoss(logits.intents, batch.intents!).scalar
    #expect(Swift.abs(model.loss(batch).scalar - intents - expected / 6) < 1e-12)
  }

  @Test func `the tagging is the best of all that are allowed`() {
    let model = chained()
    for transitions in [TagTransitions(bio: Self.tags), TagTransitions(unlimited: 5)] {
      let found = model.predict(batch, transitions).tags
      for (row, length) in batch.lengths.enumerated() {
        let allowed = taggings(model, model(batch).tags[row], words: length).filter { tags, _ in
          tags.indices.allSatisfy {
            transitions.allows(tags[$0], after: $0 == 0 ? nil : tags[$0 - 1])
          }
        }
        #expect(found[row] == allowed.max { $0.score < $1.score }!.tags)
      }
    }
  }

  @Test func `slots stay whole`() {
    let transitions = TagTransitions(bio: Self.tags)
    let allowed = (0..<5).map { tag in
      (0..<5).map { transitions.allows(tag, after: $0) } + [transitions.allows(tag, after: nil)]
    }
    #expect(
      allowed == [
        // After O, B-city, I-city, B-day, I-day, and at the start.
        [true, true, true, true, true, true],
        [true, true, true, true, true, true],
        [false, true, true, false, false, false],
        [true, true, true, true, true, true],
        [false, false, false, true, true, false],
      ])
    for seed in 0..<20 {
      var generator = Generator(seed: UInt64(seed))
      let model = SequenceTagger<Double>(Self.configurations[seed % 4], using: &generator)
      for tags in model.predict(batch, transitions).tags {
        var before: Int?
        for tag in tags {
          #expect(transitions.allows(tag, after: before))
          before = tag
        }
      }
    }
  }

  @Test(arguments: configurations)
  func `two sentences are learned by heart`(configuration: SequenceTaggerConfiguration) {
    let model = model(configuration, Float.self)
    var optimizer = Adam(learningRate: 2e-2)
    for _ in 0..<120 {
      let (_, gradients) = valueWithGradient(at: model) { $0.loss(batch) }
      optimizer.update(model, along: gradients.clipped(toNorm: 5))
    }
    let answer = model.predict(batch, TagTransitions(bio: Self.tags))
    #expect(answer.tags == [[0, 1, 2, 3], [3, 4]])
    #expect(answer.intents == [2, 0])
  }

  @Test func `a configuration is read as it was written`() throws {
    for configuration in Self.configurations {
      let data = try JSONEncoder().encode(configuration)
      #expect(
        try JSONDecoder().decode(SequenceTaggerConfiguration.self, from: data) == configuration)
    }
  }
}
