import Autograd
import Layers
import Testing
import Training

@Suite struct GradientAccumulatorTests {
  private let model = SmallModel<Double>(seed: 1)

  private func gradients(
    _ x: Tensor<Double>, _ labels: Tensor<Int32>
  ) -> (value: Tensor<Double>, gradients: Gradients) {
    valueWithGradient(at: model) { crossEntropyLoss($0(x), labels) }
  }

  @Test func `parts of unequal size give the gradient of the whole`() {
    var generator = Generator(seed: 2)
    let x = Tensor<Double>.normal([9, 2], using: &generator)
    let labels = Tensor<Int32>([0, 1, 1, 0, 1, 0, 0, 1, 1])
    let whole = gradients(x, labels)
    var sum = GradientAccumulator()
    for range in [0..<2, 2..<7, 7..<9] {
      let part = gradients(
        x.narrowed(axis: 0, to: range), Tensor(Array(labels.scalars[range])))
      sum.add(part.gradients, loss: part.value.scalar, weight: Double(range.count))
    }
    #expect(sum.weight == 9)
    // A dozen roundings of numbers below 1.
    #expect(abs(sum.meanLoss - whole.value.scalar) < 1e-14)
    for (name, parameter) in model.parameters {
      let box = parameter as! Parameter<Double>
      #expect(agree(sum.mean[box]!, whole.gradients[box]!.scalars, 1e-14, 0), "\(name)")
    }
  }

  @Test func `a single batch stays as it is, and a missing gradient counts as zeros`() {
    let list = NumberedParameters<Double>(
      list: (0..<2).map { _ in Parameter(wrappedValue: Tensor([1])) })
    var sum = GradientAccumulator()
    sum.add(list.gradients([Tensor([0.1])]), weight: 3)
    #expect(sum.mean[list.list[0]]!.scalars == [0.1])
    #expect(sum.mean.count == 1)
    sum.add(list.gradients([Tensor([0.5]), Tensor([8])]), weight: 1)
    #expect(abs(sum.mean[list.list[0]]!.scalar - 0.2) < 1e-15)
    #expect(sum.mean[list.list[1]]!.scalar == 2)
  }

  @Test func `a weight that is not above 0 is told`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var sum = GradientAccumulator()
      sum.add(
        valueWithGradient(at: SmallModel<Double>(seed: 1)) { _ in Tensor<Double>(0) }.gradients,
        weight: 0)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("GradientAccumulator: a weight of 0.0 is not above 0"))
  }
}
