import Autograd
import Foundation
import Layers
import Testing
import Training

@testable import ShowAttendTell

private typealias Model = ShowAttendTell<AdditiveScore<Double>>

@Suite struct ShowAttendTellTests {
  /// A grid of 2 x 2 places with 3 features, and 6 words.
  private func configuration(_ glance: Glance = .soft) -> ShowAttendTellConfiguration {
    ShowAttendTellConfiguration(
      vocabulary: 6, pictureSize: 4, stages: [[2], [3]], embeddingSize: 3, hiddenSize: 4,
      attentionSize: 5, glance: glance, coverage: 0.7, rewardWeight: 1, entropyWeight: 0)
  }

  private func model(_ configuration: ShowAttendTellConfiguration) -> Model {
    var generator = Generator(seed: 3)
    return Model(configuration, using: &generator)
  }

  private func pictures(_ count: Int) -> Tensor<Double> {
    var generator = Generator(seed: 8)
    return .normal([count, 3, 4, 4], using: &generator)
  }

  private var batch: CaptionBatch<Double> {
    CaptionBatch(pictures: pictures(3), captions: [[4, 5], [3], [5, 4, 3]])
  }

  @Test func `captions are read after the start, and end with the end`() {
    #expect(batch.input == Tensor([[1, 4, 5, 0], [1, 3, 0, 0], [1, 5, 4, 3]]))
    #expect(batch.labels == Tensor([[4, 5, 2, 0], [3, 2, 0, 0], [5, 4, 3, 2]]))
    #expect(batch.lengths == [3, 2, 4])
    let read = CaptionBatch(pictures: pictures(1), captions: [[4, 5]], reading: [[4, 3]])
    #expect(read.input == Tensor([[1, 4, 3]]) && read.labels == Tensor([[4, 5, 2]]))
  }

  // MARK: Against the paper's equations, in plain loops

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// A matrix times a vector, and a bias.
  private func times(
    _ matrix: Tensor<Double>, _ vector: [Double], plus bias: Tensor<Double>? = nil
  ) -> [Double] {
    (0..<matrix.shape[0]).map { row in
      vector.indices.reduce(bias?[row].scalar ?? 0) {
        $0 + matrix[row, $1].scalar * vector[$1]
      }
    }
  }

  /// Weights and logits of each step of a caption (equations 1 to 7, and 13 with β).
  private func steps(
    _ model: Model, _ grid: [[Double]], _ input: [Int]
  ) -> [(weights: [Double], logits: [Double])] {
    let mean = grid[0].indices.map { feature in
      grid.reduce(0) { $0 + $1[feature] } / Double(grid.count)
    }
    var hidden = times(model.initialHidden.weight, mean, plus: model.initialHidden.bias).map(tanh)
    var cell = times(model.initialCell.weight, mean, plus: model.initialCell.bias).map(tanh)
    let score = model.attention.score
    return input.map { word in
      let query = times(score.queryWeight, hidden)
      let scores = grid.map { place in
        let key = times(score.keyWeight, place, plus: score.bias)
        return key.indices.reduce(0) { $0 + score.v[$1].scalar * tanh(query[$1] + key[$1]) }
      }
      let total = scores.reduce(0) { $0 + exp($1) }
      let weights = scores.map { exp($0) / total }
      let gate = sigmoid(times(model.gate.weight, hidden, plus: model.gate.bias)[0])
      let context = grid[0].indices.map { feature in
        gate * grid.indices.reduce(0) { $0 + weights[$1] * grid[$1][feature] }
      }
      let embedded = model.embedding.weight[word].scalars
      let inputs = times(
        model.decoder.weightInput, embedded + context, plus: model.decoder.biasInput)
      let states = times(model.decoder.weightHidden, hidden, plus: model.decoder.biasHidden)
      let gates = zip(inputs, states).map { $0 + $1 }
      let size = hidden.count
      cell = (0..<size).map {
        sigmoid(gates[size + $0]) * cell[$0] + sigmoid(gates[$0]) * tanh(gates[2 * size + $0])
      }
      hidden = (0..<size).map { sigmoid(gates[3 * size + $0]) * tanh(cell[$0]) }
      let fromHidden = times(model.outputHidden.weight, hidden, plus: model.outputHidden.bias)
      let fromContext = times(model.outputContext.weight, context)
      let sum = embedded.indices.map { embedded[$0] + fromHidden[$0] + fromContext[$0] }
      return (weights, times(model.output.weight, sum, plus: model.output.bias))
    }
  }

  @Test func `a caption's weights and logits are those of the equations`() {
    let model = model(configuration())
    let grid = model.encoder(pictures(2))  // [2, 3, 2, 2]
    #expect(grid.shape == [2, 3, 2, 2])
    let (logits, weights) = model(pictures(2), Tensor([[1, 4, 5], [1, 3, 0]]))
    for (number, input) in [[1, 4, 5], [1, 3, 0]].enumerated() {
      let places = (0..<4).map { place in
        (0..<3).map { grid[number, $0, place / 2, place % 2].scalar }
      }
      for (step, expected) in steps(model, places, input).enumerated() {
        for (place, weight) in expected.weights.enumerated() {
          #expect(abs(weights[number, step, place].scalar - weight) < 1e-12)
        }
        for (word, logit) in expected.logits.enumerated() {
          #expect(abs(logits[number, step, word].scalar - logit) < 1e-12)
        }
      }
    }
  }

  @Test func `a place of the grid has seen its part of the picture`() {
    let model = model(configuration())
    var changed = pictures(1)
    changed[0, 0, 0, 0] = changed[0, 0, 0, 0] + 1
    let difference = model.encoder(changed) - model.encoder(pictures(1))
    // The upper left pixel reaches the upper left place, through a window's border its neighbours too.
    #expect(abs(difference[0, ..., 0, 0]).max().scalar > 0)
    let wide = PictureEncoder<Double>.self
    var generator = Generator(seed: 1)
    let encoder = wide.init(stages: [[2], [2], [2]], using: &generator)
    #expect(encoder(.zeros([1, 3, 16, 16])).shape == [1, 2, 4, 4])
  }

  // MARK: Losses

  private let weights = Tensor<Double>(
    [0.5, 0.5, 0, 0.25, 0.25, 0.5, 1, 0, 0, 0.2, 0.3, 0.5], shape: [2, 2, 3])

  @Test func `the doubly stochastic term asks that each place is looked at once in all`() {
    // The second caption has one step: what is after its end counts nothing.
    let first = [0.75, 0.75, 0.5].reduce(0) { $0 + (1 - $1) * (1 - $1) }
    let second = [1.0, 0, 0].reduce(0) { $0 + (1 - $1) * (1 - $1) }
    let loss = doublyStochasticLoss(weights, lengths: [2, 1])
    #expect(abs(loss.scalar - (first + second) / 2) < 1e-15)
    #expect(
      GradientCheck(at: [weights]) { doublyStochasticLoss($0[0], lengths: [2, 1]) }.passes)
  }

  @Test func `the entropy of weights is that of plain loops, and 0 where there is no doubt`() {
    func entropy(_ weights: [Double]) -> Double {
      -weights.reduce(0) { $1 > 0 ? $0 + $1 * Foundation.log($1) : $0 }
    }
    let expected =
      (entropy([0.5, 0.5, 0]) + entropy([0.25, 0.25, 0.5]) + entropy([1, 0, 0])) / 2
    #expect(abs(weightEntropy(weights, lengths: [2, 1]).scalar - expected) < 1e-15)
  }

  @Test func `the gradient of the loss is that of differences`() {
    let model = model(configuration())
    let check = GradientCheck(at: model) { model in
      var generator = Generator(seed: 1)
      return model.loss(batch, smoothing: 0.1, using: &generator)
    }
    #expect(check.passes, "\(check)")
  }

  @Test func `the soft loss is the surprise of all words and the doubly stochastic term`() {
    let model = model(configuration())
    var generator = Generator(seed: 1)
    let (logits, weights) = model(batch.pictures, batch.input)
    var expected = 0.0
    for (number, caption) in [[4, 5, 2], [3, 2], [5, 4, 3, 2]].enumerated() {
      for (step, word) in caption.enumerated() {
        let numbers = logits[number, step].scalars
        expected += Foundation.log(numbers.reduce(0) { $0 + exp($1) }) - numbers[word]
      }
      for place in 0..<4 {
        let seen = caption.indices.reduce(0) { $0 + weights[number, $1, place].scalar }
        expected += 0.7 * (1 - seen) * (1 - seen)
      }
    }
    #expect(abs(model.loss(batch, using: &generator).scalar - expected / 3) < 1e-12)
  }

  // MARK: Hard attention

  /// All places of a caption of two steps, and what they make of the loss's parts.
  @Test(arguments: [0.0, -3.0])
  func `the mean gradient of drawn places is that of the expected surprise`(baseline: Double) throws
  {
    let model = model(configuration(.hard))
    try #require(model.$baseline).tensor = Tensor(baseline)
    let one = CaptionBatch(pictures: pictures(1), captions: [[4]])
    let pairs = (0..<16).map { [$0 / 4, $0 % 4] }
    /// log p(y | s, a) and log p(s | a) of forced places.
    func forced(_ places: [Int]) -> (caption: Tensor<Double>, places: Tensor<Double>) {
      var chosen: [Tensor<Double>] = []
      let (logits, _) = model(one.pictures, one.input) { step, weights in
        chosen.append(log(weights[0, places[step]]))
        return Tensor<Int32>([Int32(places[step])]).oneHot(4, of: Double.self)
      }
      let caption = logSoftmax(logits, axis: 2)
      return (caption[0, 0, 4] + caption[0, 1, 2], chosen[0] + chosen[1])
    }
    // The exact gradient: of -Σ_s p(s | a) log p(y | s, a), all places enumerated.
    let (_, exact) = valueWithGradient(evaluating: model) { _ in
      pairs.map { forced($0) }.reduce(Tensor<Double>(0)) { $0 - exp($1.places) * $1.caption }
    }
    // The mean of the estimates, each as often as its places are drawn.
    var mean: [String: Tensor<Double>] = [:]
    for pair in pairs {
      let share = exp(forced(pair).places).scalar
      let (_, estimate) = valueWithGradient(evaluating: model) { model in
        model.hardLoss(one, smoothing: 0) { step, _, _ in pair[step] }.loss
      }
      for (name, parameter) in model.parameters {
        let box = try #require(parameter as? Parameter<Double>)
        guard let gradient = estimate[box] else { continue }
        mean[name] = (mean[name] ?? .zeros(gradient.shape)) + gradient * share
      }
    }
    var largest = 0.0
    for (name, parameter) in model.parameters {
      let box = try #require(parameter as? Parameter<Double>)
      guard let gradient = exact[box] else { continue }
      let found = try #require(mean[name])
      #expect(abs(found - gradient).max().scalar < 1e-12, "\(name)")
      largest = Swift.max(largest, abs(gradient).max().scalar)
    }
    // The score learns where to look from nothing but the rewards.
    #expect(largest > 1e-3)
    #expect(abs(try #require(exact[model.attention.score.$v])).max().scalar > 1e-6)
  }

  @Test func `the loss of drawn places is the surprise, the reward and the entropy`() {
    var configuration = configuration(.hard)
    (configuration.rewardWeight, configuration.entropyWeight) = (0.5, 0.25)
    let model = model(configuration)
    model.$baseline?.tensor = Tensor(-2)
    let places = [[0, 1, 2, 3], [3, 3, 3, 3], [1, 0, 1, 0]]
    let (loss, rewards) = model.hardLoss(batch, smoothing: 0) { step, picture, _ in
      picture == 1 ? nil : places[picture][step]
    }
    var all: [[Double]] = []
    let (logits, weights) = model(batch.pictures, batch.input) { step, weights in
      all.append(weights.scalars)
      return Tensor(
        (0..<3).flatMap { picture -> [Double] in
          picture == 1
            ? weights[picture].scalars
            : (0..<4).map { $0 == places[picture][step] ? 1 : 0 }
        }, shape: [3, 4])
    }
    let logProbabilities = logSoftmax(logits, axis: 2)
    var expected = 0.0
    for (number, caption) in [[4, 5, 2], [3, 2], [5, 4, 3, 2]].enumerated() {
      var (reward, drawn) = (0.0, 0.0)
      for (step, word) in caption.enumerated() {
        reward += logProbabilities[number, step, word].scalar
        if number != 1 {
          drawn += Foundation.log(all[step][4 * number + places[number][step]])
        }
      }
      #expect(abs(rewards[number].scalar - reward) < 1e-12)
      expected -= reward + 0.5 * (reward + 2) * drawn
    }
    expected /= 3
    expected -= 0.25 * weightEntropy(weights, lengths: [3, 2, 4]).scalar
    #expect(abs(loss.scalar - expected) < 1e-12)
  }

  @Test func `a place is drawn as often as its weight says`() {
    let weights = [0.1, 0, 0.6, 0.3]
    weights.withUnsafeBufferPointer { weights in
      let places = (0..<1000).map { place(of: (Double($0) + 0.5) / 1000, in: weights) }
      #expect((0..<4).map { place in places.count { $0 == place } } == [100, 0, 600, 300])
    }
    // Weights that sum to less than 1, as rounding makes them.
    [0.5, 0.4, 0].withUnsafeBufferPointer { #expect(place(of: 0.95, in: $0) == 1) }
  }

  @Test func `the baseline follows the rewards, has no gradient, and is saved`() throws {
    let model = model(configuration(.hard))
    var generator = Generator(seed: 2)
    let choice = model.drawing(batch, using: &generator)
    let (_, rewards) = model.hardLoss(batch, smoothing: 0, at: choice)
    generator = Generator(seed: 2)
    let (_, gradients) = valueWithGradient(evaluating: model) {
      $0.loss(batch, using: &generator)
    }
    let box = try #require(model.$baseline)
    #expect(abs(box.tensor.scalar - 0.1 * rewards.mean().scalar) < 1e-15)
    #expect(box.isFrozen && gradients[box] == nil)
    #expect(model.weights().tensors["baseline"] != nil)
    #expect(self.model(configuration()).weights().tensors["baseline"] == nil)
  }

  @Test func `pictures that are looked at softly have the soft loss`() {
    var hard = configuration(.hard)
    hard.expectedShare = 1
    var soft = configuration()
    soft.coverage = 0
    var generator = Generator(seed: 1)
    let losses = [hard, soft].map { model($0).loss(batch, using: &generator).scalar }
    #expect(abs(losses[0] - losses[1]) < 1e-12)
  }

  // MARK: Use

  @Test(arguments: Glance.allCases)
  func `greedy captions say the most probable word after each beginning`(glance: Glance) {
    let model = model(configuration(glance))
    let found = model.captions(pictures(3), limit: 5).map { $0[0] }
    for (number, hypothesis) in found.enumerated() {
      let one = pictures(3).narrowed(axis: 0, to: number..<number + 1)
      var (symbols, total): ([Int32], Double) = ([], 0)
      while true {
        let logits = model(one, Tensor([[1] + symbols])).logits[0, symbols.count]
        var probabilities = logSoftmax(logits, axis: 0).scalars
        if symbols.count == 5 {
          total += probabilities[2]
          break
        }
        // Padding and start are never said.
        probabilities[0] = -.infinity
        probabilities[1] = -.infinity
        let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] }!
        total += probabilities[best]
        if best == 2 { break }
        symbols.append(Int32(best))
      }
      #expect(hypothesis.symbols == symbols)
      #expect(abs(hypothesis.logProbability - total) < 1e-10)
    }
  }

  @Test func `a wider beam finds nothing less probable, whatever pictures are beside`() {
    let model = model(configuration())
    let greedy = model.captions(pictures(3), limit: 6).map { $0[0] }
    let wide = model.captions(pictures(3), width: 5, limit: 6)
    for number in 0..<3 {
      #expect(wide[number][0].logProbability >= greedy[number].logProbability - 1e-12)
      #expect(wide[number].count == 5)
      let one = pictures(3).narrowed(axis: 0, to: number..<number + 1)
      let alone = model.captions(one, width: 5, limit: 6)[0]
      #expect(alone.map(\.symbols) == wide[number].map(\.symbols))
    }
    #expect(model.captions(.zeros([0, 3, 4, 4]), limit: 3).isEmpty)
  }

  @Test func `each word of a caption has weights over the places`() {
    let model = model(configuration())
    let head = model.attentionHead(pictures(1)[0], [4, 5, 3])
    #expect(head.weights.count == 3)
    for row in head.weights {
      #expect(row.count == 4 && abs(row.reduce(0, +) - 1) < 1e-6)
    }
  }

  @Test func `another score takes the place of the paper's`() throws {
    var generator = Generator(seed: 3)
    let model = ShowAttendTell(
      configuration(), score: GeneralScore<Double>(querySize: 4, keySize: 3, using: &generator),
      using: &generator)
    let check = GradientCheck(at: model) { model in
      var generator = Generator(seed: 1)
      return model.loss(batch, using: &generator)
    }
    #expect(check.passes, "\(check)")
    #expect(model.captions(pictures(2), width: 2, limit: 4).count == 2)
  }

  @Test func `a few steps learn the captions of a few pictures`() throws {
    var configuration = configuration()
    configuration.stages = [[8], [8]]
    let model = model(configuration)
    var generator = Generator(seed: 1)
    var optimizer = Adam(learningRate: 0.03)
    var losses: [Double] = []
    for _ in 0..<80 {
      var randomness = generator.split()
      let (loss, gradients) = valueWithGradient(at: model, using: &generator) {
        $0.loss(batch, using: &randomness)
      }
      optimizer.update(model, along: gradients)
      losses.append(loss.scalar)
    }
    #expect(losses.last! < losses[0] / 2)
    #expect(
      model.captions(batch.pictures, limit: 5).map { $0[0].symbols } == [[4, 5], [3], [5, 4, 3]])
  }

  @Test func `a configuration comes back from text, and one that makes no model is told`() throws {
    let configuration = configuration(.hard)
    let text = try JSONEncoder().encode(configuration)
    #expect(
      try JSONDecoder().decode(ShowAttendTellConfiguration.self, from: text) == configuration)
    #expect(configuration.gridSize == 2 && configuration.annotationSize == 3)
    for change: (inout ShowAttendTellConfiguration) -> Void in [
      { $0.stages = [] }, { $0.stages = [[2], []] }, { $0.stages = [[0]] }, { $0.pictureSize = 5 },
      { $0.dropout = 1 }, { $0.vocabulary = 0 }, { $0.coverage = -1 }, { $0.expectedShare = 2 },
    ] {
      var changed = configuration
      change(&changed)
      #expect(ShowAttendTell<AdditiveScore<Double>>.contradiction(in: changed) != nil)
    }
  }
}
