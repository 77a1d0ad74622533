import Autograd
import Layers
import Testing
import Training

@Suite struct WeightAverageTests {
  @Test func `the average follows the weights, at first quickly`() {
    let model = NumberedParameters<Float>(list: [Parameter(wrappedValue: Tensor([1, 2]))])
    var average = WeightAverage(decay: 0.25)
    average.update(model)
    model.list[0].tensor = Tensor([3, 6])
    average.update(model)
    // The second decay is min(0.25, 3 / 12), so the average is a quarter of the first weights and
    // three quarters of the second.
    average.applied(to: model) {
      #expect(model.list[0].tensor.scalars == [2.5, 5])
    }
    #expect(model.list[0].tensor.scalars == [3, 6])
    average.apply(to: model)
    #expect(model.list[0].tensor.scalars == [2.5, 5])
  }

  @Test func `without a decay it is the mean of the weights at all updates, saved or not`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/checkpoint.safetensors"
      let model = NumberedParameters<Double>(list: [Parameter(wrappedValue: Tensor([0, 0]))])
      var average: WeightAverage? = WeightAverage(decay: nil)
      var optimizer = SGD(learningRate: 0.1)
      for weights in [[3.0, 0], [0, 6], [9, 3], [0, 7]] {
        model.list[0].tensor = Tensor(weights)
        average?.update(model)
        try Checkpoint.save(
          to: path, model: model, optimizer: optimizer, average: average, state: 0)
        average = nil
        _ = try Checkpoint.load(
          from: path, model: model, optimizer: &optimizer, average: &average, state: Int.self)
      }
      average?.apply(to: model)
      // A rounding an update.
      #expect(agree(model.list[0].tensor, [3, 4], 1e-14, 0))
    }
  }

  @Test func `the weights come back when the body throws`() {
    struct Failure: Error {}
    let model = NumberedParameters<Float>(list: [Parameter(wrappedValue: Tensor([1]))])
    var average = WeightAverage(decay: 0.5)
    average.update(model)
    model.list[0].tensor = Tensor([2])
    #expect(throws: Failure.self) {
      try average.applied(to: model) { () throws(Failure) -> Void in throw Failure() }
    }
    #expect(model.list[0].tensor.scalars == [2])
  }
}
