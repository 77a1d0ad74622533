import Autograd
import Foundation
import Layers
import ShowAttendTell
import Testing
import Training

private typealias Small = SmallCaptioner

/// Places that are drawn, and the parts of the losses that weights have.
@Suite struct HardAttentionTests {
  // MARK: Parts of losses

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

  // MARK: Places that are drawn

  /// All places of a caption of two steps, and what they make of the loss's parts.
  @Test(arguments: [0.0, -3.0])
  func `the mean gradient of drawn places is that of the expected surprise`(baseline: Double) throws
  {
    let model = Small.model(Small.configuration(.hard))
    try #require(model.$baseline).tensor = Tensor(baseline)
    let one = CaptionBatch(pictures: Small.pictures(1), captions: [[4]])
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
    var configuration = Small.configuration(.hard)
    (configuration.rewardWeight, configuration.entropyWeight) = (0.5, 0.25)
    let model = Small.model(configuration)
    model.$baseline?.tensor = Tensor(-2)
    let places = [[0, 1, 2, 3], [3, 3, 3, 3], [1, 0, 1, 0]]
    let (loss, rewards) = model.hardLoss(Small.batch, smoothing: 0) { step, picture, _ in
      picture == 1 ? nil : places[picture][step]
    }
    var all: [[Double]] = []
    let (logits, weights) = model(Small.batch.pictures, Small.batch.input) { step, weights in
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
    let model = Small.model(Small.configuration(.hard))
    var generator = Generator(seed: 2)
    let choice = model.drawing(Small.batch, using: &generator)
    let (_, rewards) = model.hardLoss(Small.batch, smoothing: 0, at: choice)
    generator = Generator(seed: 2)
    let (_, gradients) = valueWithGradient(evaluating: model) {
      $0.loss(Small.batch, using: &generator)
    }
    let box = try #require(model.$baseline)
    #expect(abs(box.tensor.scalar - 0.1 * rewards.mean().scalar) < 1e-15)
    #expect(box.isFrozen && gradients[box] == nil)
    #expect(model.weights().tensors["baseline"] != nil)
    #expect(Small.model(Small.configuration()).weights().tensors["baseline"] == nil)
  }

  @Test func `pictures that are looked at softly have the soft loss`() {
    var hard = Small.configuration(.hard)
    hard.expectedShare = 1
    var soft = Small.configuration()
    soft.coverage = 0
    var generator = Generator(seed: 1)
    let losses = [hard, soft].map { Small.model($0).loss(Small.batch, using: &generator).scalar }
    #expect(abs(losses[0] - losses[1]) < 1e-12)
  }
}
