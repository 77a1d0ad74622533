import Autograd
import Foundation
import Layers
import ShowAttendTell
import Testing
import Training

private typealias Small = SmallCaptioner
private typealias Model = Small.Model

@Suite struct ShowAttendTellTests {
  @Test func `captions are read after the start, and end with the end`() {
    #expect(Small.batch.input == Tensor([[1, 4, 5, 0], [1, 3, 0, 0], [1, 5, 4, 3]]))
    #expect(Small.batch.labels == Tensor([[4, 5, 2, 0], [3, 2, 0, 0], [5, 4, 3, 2]]))
    #expect(Small.batch.lengths == [3, 2, 4])
    let read = CaptionBatch(pictures: Small.pictures(1), captions: [[4, 5]], reading: [[4, 3]])
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
    let model = Small.model(Small.configuration())
    let grid = model.encoder(Small.pictures(2))  // [2, 3, 2, 2]
    #expect(grid.shape == [2, 3, 2, 2])
    let (logits, weights) = model(Small.pictures(2), Tensor([[1, 4, 5], [1, 3, 0]]))
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
    let model = Small.model(Small.configuration())
    var changed = Small.pictures(1)
    changed[0, 0, 0, 0] = changed[0, 0, 0, 0] + 1
    let difference = model.encoder(changed) - model.encoder(Small.pictures(1))
    // The upper left pixel reaches the upper left place, through a window's border its neighbours too.
    #expect(abs(difference[0, ..., 0, 0]).max().scalar > 0)
    let wide = PictureEncoder<Double>.self
    var generator = Generator(seed: 1)
    let encoder = wide.init(stages: [[2], [2], [2]], using: &generator)
    #expect(encoder(.zeros([1, 3, 16, 16])).shape == [1, 2, 4, 4])
  }

  @Test func `the gradient of the loss is that of differences`() {
    let model = Small.model(Small.configuration())
    let check = GradientCheck(at: model) { model in
      var generator = Generator(seed: 1)
      return model.loss(Small.batch, smoothing: 0.1, using: &generator)
    }
    #expect(check.passes, "\(check)")
  }

  @Test func `the soft loss is the surprise of all words and the doubly stochastic term`() {
    let model = Small.model(Small.configuration())
    var generator = Generator(seed: 1)
    let (logits, weights) = model(Small.batch.pictures, Small.batch.input)
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
    #expect(abs(model.loss(Small.batch, using: &generator).scalar - expected / 3) < 1e-12)
  }

  // MARK: Use

  @Test(arguments: Glance.allCases)
  func `greedy captions say the most probable word after each beginning`(glance: Glance) {
    let model = Small.model(Small.configuration(glance))
    let found = model.captions(Small.pictures(3), limit: 5).map { $0[0] }
    for (number, hypothesis) in found.enumerated() {
      let one = Small.pictures(3).narrowed(axis: 0, to: number..<number + 1)
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
    let model = Small.model(Small.configuration())
    let greedy = model.captions(Small.pictures(3), limit: 6).map { $0[0] }
    let wide = model.captions(Small.pictures(3), width: 5, limit: 6)
    for number in 0..<3 {
      #expect(wide[number][0].logProbability >= greedy[number].logProbability - 1e-12)
      #expect(wide[number].count == 5)
      let one = Small.pictures(3).narrowed(axis: 0, to: number..<number + 1)
      let alone = model.captions(one, width: 5, limit: 6)[0]
      #expect(alone.map(\.symbols) == wide[number].map(\.symbols))
    }
    #expect(model.captions(.zeros([0, 3, 4, 4]), limit: 3).isEmpty)
  }

  @Test func `each word of a caption has weights over the places`() {
    let model = Small.model(Small.configuration())
    let head = model.attentionHead(Small.pictures(1)[0], [4, 5, 3])
    #expect(head.weights.count == 3)
    for row in head.weights {
      #expect(row.count == 4 && abs(row.reduce(0, +) - 1) < 1e-6)
    }
  }

  @Test func `another score takes the place of the paper's`() throws {
    var generator = Generator(seed: 3)
    let model = ShowAttendTell(
      Small.configuration(),
      score: GeneralScore<Double>(querySize: 4, keySize: 3, using: &generator),
      using: &generator)
    let check = GradientCheck(at: model) { model in
      var generator = Generator(seed: 1)
      return model.loss(Small.batch, using: &generator)
    }
    #expect(check.passes, "\(check)")
    #expect(model.captions(Small.pictures(2), width: 2, limit: 4).count == 2)
  }

  @Test func `a few steps learn the captions of a few pictures`() throws {
    var configuration = Small.configuration()
    configuration.stages = [[8], [8]]
    let model = Small.model(configuration)
    var generator = Generator(seed: 1)
    var optimizer = Adam(learningRate: 0.03)
    var losses: [Double] = []
    for _ in 0..<80 {
      var randomness = generator.split()
      let (loss, gradients) = valueWithGradient(at: model, using: &generator) {
        $0.loss(Small.batch, using: &randomness)
      }
      optimizer.update(model, along: gradients)
      losses.append(loss.scalar)
    }
    #expect(losses.last! < losses[0] / 2)
    #expect(
      model.captions(Small.batch.pictures, limit: 5).map { $0[0].symbols } == [
        [4, 5], [3], [5, 4, 3],
      ])
  }

  @Test func `a configuration comes back from text, and one that makes no model is told`() throws {
    let configuration = Small.configuration(.hard)
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
