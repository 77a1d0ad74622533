import Autograd
import Forecaster
import Foundation
import Layers
import Testing
import Training

@Suite struct ForecasterTests {
  /// One configuration of each kind: cells, shared and joint reading, all normalizations.
  static let configurations: [ForecasterConfiguration] = [
    .init(variables: 3, window: 6, horizon: 2, segment: 2, hiddenSize: 4, normalization: .last),
    .init(
      variables: 3, window: 6, horizon: 2, segment: 3, cell: .lstm, hiddenSize: 4,
      attentionSize: 3, sharesWeights: false, hasLinearPart: true, normalization: .standard),
    .init(
      variables: 3, window: 6, horizon: 4, hiddenSize: 4, hasLinearPart: true,
      normalization: .fixed, transform: .squareRoot, mean: 1.5, deviation: 0.5),
    .init(
      variables: 3, window: 6, horizon: 2, segment: 2, cell: .lstm, hiddenSize: 4,
      sharesWeights: false, normalization: .last, transform: .squareRoot),
  ]

  private func model<Scalar>(
    _ configuration: ForecasterConfiguration, _ type: Scalar.Type = Double.self
  ) -> Forecaster<Scalar> {
    var generator = Generator(seed: 3)
    return Forecaster(configuration, using: &generator)
  }

  /// `[4, 6, 3]` of numbers between 1 and 4.
  private var past: Tensor<Double> {
    var generator = Generator(seed: 4)
    return .uniform([4, 6, 3], in: 1..<4, using: &generator)
  }

  @Test(arguments: configurations)
  func `every step of the future is forecast for every variable`(
    configuration: ForecasterConfiguration
  ) {
    let forecast = model(configuration).forecast(past)
    #expect(forecast.values.shape == [4, configuration.horizon, 3])
    #expect(forecast.values == model(configuration)(past))
    #expect(forecast.values.scalars.allSatisfy { $0.isFinite })
  }

  @Test(arguments: configurations)
  func `the weights of the past steps sum to one, and a segment's steps share theirs`(
    configuration: ForecasterConfiguration
  ) {
    let forecast = model(configuration).forecast(past)
    #expect(forecast.weights.shape == [4, 6])
    #expect(forecast.variableWeights.shape == [4, 6, 3])
    // Six roundings of numbers below 1.
    #expect(abs(forecast.weights.sum(axes: 1) - 1).max().scalar < 1e-14)
    #expect(abs(forecast.variableWeights.sum(axes: 1) - 1).max().scalar < 1e-14)
    #expect(abs(forecast.variableWeights.mean(axes: 2) - forecast.weights).max().scalar < 1e-14)
    let segments = forecast.weights.reshaped([4, -1, configuration.segment])
    #expect(abs(segments - segments.mean(axes: 2, keepsAxes: true)).max().scalar < 1e-15)
    #expect(forecast.weights.min().scalar > 0)
  }

  @Test(arguments: configurations)
  func `the gradients are those of finite differences`(configuration: ForecasterConfiguration) {
    let past = past
    let check = GradientCheck(at: model(configuration)) { $0(past) }
    #expect(check.passes, "\(check)")
  }

  @Test(arguments: [ForecasterConfiguration.Normalization.last, .standard])
  func `a constant that is added to a window is added to its forecast`(
    normalization: ForecasterConfiguration.Normalization
  ) {
    var configuration = Self.configurations[1]
    configuration.normalization = normalization
    let model = model(configuration)
    let shift = Tensor<Double>([10, -20, 0.5])
    // The values are rounded at 20, and their difference at 1: 1e-15 times some dozen operations.
    #expect(abs(model(past + shift) - (model(past) + shift)).max().scalar < 1e-12)
  }

  @Test func `a window that is stretched stretches its forecast where deviations are divided out`()
  {
    let model = model(Self.configurations[1])
    let center = past.mean(axes: 1, keepsAxes: true)
    let stretched = model((past - center) * 3 + center)
    let expected = (model(past) - center) * 3 + center
    // Not exact: the small number beside the variance, 1e-5 of about 1, does not grow with it.
    #expect(abs(stretched - expected).max().scalar < 1e-4)
  }

  @Test func `variables with the same past have the same forecast where weights are shared`() {
    let model = model(Self.configurations[0])
    let one = past.narrowed(axis: 2, to: 0..<1)
    let forecast = model(.concatenated([one, one, one * 2], axis: 2))
    #expect(forecast[..., 0] == forecast[..., 1])
    #expect(forecast[..., 0] != forecast[..., 2])
  }

  @Test func `a window of the batch does not change the forecast of another`() {
    for configuration in Self.configurations {
      let model = model(configuration)
      let alone = model(past.narrowed(axis: 0, to: 1..<2))
      // Products of other heights may add in another order.
      #expect(abs(alone - model(past).narrowed(axis: 0, to: 1..<2)).max().scalar < 1e-14)
    }
  }

  @Test func `the linear part is a linear map of the normalised window, beside the network`() {
    var configuration = Self.configurations[0]
    let without = model(configuration)
    configuration.hasLinearPart = true
    let with = model(configuration)
    // The parts that both have were made from the same numbers.
    let last = past.narrowed(axis: 1, to: 5..<6)
    let linear = with.linear!((past - last).transposed()).transposed()
    #expect(abs(with(past) - without(past) - linear).max().scalar < 1e-14)
  }

  @Test func `a sine is learned`() {
    let steps = (0..<60).map { Float(sin(Double($0) * 0.7) + 3) }
    let starts = Array(0..<48)
    let past = Tensor(starts.flatMap { steps[$0..<($0 + 8)] }, shape: [48, 8, 1])
    let future = Tensor(starts.flatMap { steps[($0 + 8)..<($0 + 10)] }, shape: [48, 2, 1])
    let model = model(
      ForecasterConfiguration(variables: 1, window: 8, horizon: 2, segment: 2, hiddenSize: 8),
      Float.self)
    var optimizer = Adam(learningRate: 1e-2)
    for _ in 0..<150 {
      let (_, gradients) = valueWithGradient(at: model) { squaredErrorLoss($0(past), future) }
      optimizer.update(model, along: gradients)
    }
    // A hundredth of the sine's own variance, 0.5.
    #expect(squaredErrorLoss(model(past), future).scalar < 0.005)
  }

  @Test func `a configuration is read as it was written`() throws {
    for configuration in Self.configurations {
      let data = try JSONEncoder().encode(configuration)
      #expect(try JSONDecoder().decode(ForecasterConfiguration.self, from: data) == configuration)
    }
  }
}
