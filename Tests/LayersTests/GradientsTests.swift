import Autograd
import Foundation
import Layers
import Testing

@Suite struct GradientsTests {
  private struct Model: Layer {
    let first: Linear<Double>
    let blocks: [Linear<Double>]
    let norm: LayerNorm<Double>

    init(using generator: inout some RandomNumberGenerator) {
      first = Linear(inputs: 3, outputs: 4, using: &generator)
      blocks = [
        Linear(inputs: 4, outputs: 4, bias: false, using: &generator),
        Linear(inputs: 4, outputs: 2, using: &generator),
      ]
      norm = LayerNorm([4])
    }

    func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> {
      blocks[1](tanh(blocks[0](norm(tanh(first(x))))))
    }
  }

  private var generator = Generator(seed: 3)

  @Test mutating func `parameters are found and named by the path of properties`() {
    let model = Model(using: &generator)
    #expect(
      model.parameters.map(\.name) == [
        "first.weight", "first.bias", "blocks.0.weight", "blocks.1.weight", "blocks.1.bias",
        "norm.weight", "norm.bias",
      ])
    #expect(model.parameterCount == 12 + 4 + 16 + 8 + 2 + 4 + 4)
  }

  @Test mutating func `each gradient is handed out as soon as nothing can be added to it`() throws {
    final class Log { var events: [String] = [] }
    let model = Model(using: &generator)
    let names = model.parameters.map(\.name)
    let x = Tensor<Double>.normal([5, 3], using: &generator)
    let log = Log()
    func loss(_ model: Model) -> Tensor<Double> {
      let hidden = tanh(model.first(x)).mappingGradient {
        log.events.append("hidden")
        return $0
      }
      // One of the layers is used twice.
      return model.blocks[1](model.blocks[0](tanh(model.blocks[0](model.norm(hidden))))).sum()
    }
    var (one, other) = (Generator(seed: 1), Generator(seed: 1))
    let expected = valueWithGradient(at: model, using: &one, of: loss)
    log.events = []
    var met: [String] = []
    final class Taken { var gradients: [Int: UntypedTensor] = [:] }
    let taken = Taken()
    let value = try valueWithGradient(
      at: model, using: &other, of: loss,
      met: { value, positions in
        #expect(value.detached == expected.value && log.events.isEmpty)
        met = positions.map { names[$0] }
      },
      take: { position, gradient in
        log.events.append(names[position])
        taken.gradients[position] = gradient
      })
    #expect(value == expected.value && one == other)
    #expect(Set(met) == Set(names) && met.prefix(2).allSatisfy { $0.hasPrefix("first") })
    #expect(log.events.filter { $0 != "hidden" } == met.reversed())
    // Before the pass has come to what only the first layer needs, all others have their gradients.
    #expect(log.events.firstIndex(of: "hidden") == names.count - 2)
    for (position, gradient) in taken.gradients {
      let box = try #require(model.parameters[position].parameter as? Parameter<Double>)
      #expect(Tensor<Double>(gradient) == expected.gradients[box])
    }
    #expect(taken.gradients.count == names.count)
  }

  @Test mutating func `gradients agree with finite differences`() throws {
    let model = Model(using: &generator)
    let x = Tensor<Double>.normal([5, 3], using: &generator)
    let labels = Tensor<Int32>([0, 1, 1, 0, 7])
    func loss(_ model: Model) -> Tensor<Double> {
      crossEntropyLoss(model(x), labels, ignoring: 7, smoothing: 0.1)
    }
    let (value, gradients) = valueWithGradient(at: model, of: loss)
    #expect(value == loss(model))
    #expect(gradients.count == 7)
    for (name, parameter) in model.parameters {
      let box = try #require(parameter as? Parameter<Double>)
      let gradient = try #require(gradients[box])
      #expect(gradient.shape == box.shape)
      for element in 0..<box.tensor.count {
        func moved(_ step: Double) -> Double {
          box.update { $0[element] += step }
          defer { box.update { $0[element] -= step } }
          return loss(model).scalar
        }
        let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
        // Central differences with step 1e-5 err by about 1e-10.
        #expect(abs(difference - gradient.scalars[element]) < 1e-8, "\(name)[\(element)]")
      }
    }
  }

  @Test mutating func `only the model's own parameters have gradients, and not frozen ones`() {
    let (model, other) = (Model(using: &generator), Model(using: &generator))
    model.norm.$weight?.isFrozen = true
    let x = Tensor<Double>.normal([5, 3], using: &generator)
    let (_, gradients) = valueWithGradient(at: model) { ($0(x) * other(x)).sum() }
    #expect(gradients.count == 6)
    #expect(gradients[other.first.$weight] == nil)
    #expect(gradients[model.first.$weight] != nil)
  }

  // MARK: Leaves, which serve one call after the other

  private struct One: Layer {
    @Parameter var weight: Tensor<Double>
  }

  @Test func `what a call has read of a parameter does not change with later calls`() {
    let model = One(weight: Tensor([1, 2, 3]))
    var read: [Tensor<Double>] = []
    for step in 1...3 {
      model.$weight.tensor = Tensor(repeating: Double(step), shape: [3])
      _ = valueWithGradient(at: model) { model in
        read.append(model.weight)
        return (model.weight * model.weight).sum()
      }
    }
    #expect(read.map(\.scalars) == [[1, 1, 1], [2, 2, 2], [3, 3, 3]])
  }

  @Test func `calls for models of different shapes may alternate`() {
    let shapes: [Shape] = [[3], [2, 2], [5], [2, 3], [1]]
    let models = shapes.map { One(weight: Tensor(repeating: 1, shape: $0)) }
    for step in 1...4 {
      for model in models {
        model.$weight.update { $0.update(repeating: Double(step)) }
        let (value, gradients) = valueWithGradient(at: model) { model in
          (model.weight * model.weight).sum()
        }
        #expect(value.scalar == Double(step * step * model.weight.count))
        #expect(
          gradients[model.$weight]
            == Tensor(repeating: Double(2 * step), shape: model.weight.shape))
      }
    }
  }

  @Test func `a call leaves nobody with a reference to a parameter's elements`() {
    let model = One(weight: Tensor(repeating: 1, shape: [100]))
    let before = model.$weight.update { $0.baseAddress }
    for _ in 0..<3 { _ = valueWithGradient(at: model) { ($0.weight * $0.weight).sum() } }
    // It would have been copied.
    #expect(model.$weight.update { $0.baseAddress } == before)
  }

  @Test func `a gradient that is the seed itself is the caller's own`() {
    let model = One(weight: Tensor(5))
    func gradient() -> Tensor<Double> {
      valueWithGradient(at: model) { $0.weight }.gradients[model.$weight]!
    }
    let (first, second) = (gradient(), gradient())
    #expect(first.untyped !== second.untyped)
    #expect(first.scalar == 1 && second.scalar == 1)
  }

  @Test func `norms whose powers are out of range, and clipping by them`() throws {
    func gradients<Scalar: FloatingPointScalar>(
      _ numbers: [Scalar]
    ) -> (Gradients, (Gradients) -> [Double]) {
      let first = Parameter(wrappedValue: Tensor<Scalar>([1]))
      let second = Parameter(wrappedValue: Tensor<Scalar>([1]))
      let model = Pair(first: first, second: second)
      let result = valueWithGradient(at: model) { model in
        (model.first * numbers[0] + model.second * numbers[1]).sum()
      }.gradients
      return (result, { found in [first, second].map { Double(found[$0]!.scalar) } })
    }
    func check<Scalar: FloatingPointScalar>(_ size: Scalar) {
      let (found, numbers) = gradients([3 * size, 4 * size])
      let exact = 5 * Double(size)
      let tolerance = 8 * Double(Scalar.ulpOfOne)
      #expect(abs(found.norm / exact - 1) < tolerance)
      #expect(abs(found.norm(order: 2) / exact - 1) < tolerance)
      let cubes = exact * (27.0 / 125 + 64.0 / 125).cubeRoot
      #expect(abs(found.norm(order: 3) / cubes - 1) < tolerance)
      #expect(abs(found.norm(order: .infinity) / (4 * Double(size)) - 1) < tolerance)
      // Beside a small norm the 1e-6 that is added to it is not nothing.
      guard exact >= 1e-3 else { return }
      let clipped = numbers(found.clipped(toNorm: exact / 1e10))
      let factor = 1e-10 * exact / (exact + 1e-6)
      #expect(abs(clipped[0] / (3 * Double(size) * factor) - 1) < tolerance)
      #expect(abs(clipped[1] / (4 * Double(size) * factor) - 1) < tolerance)
    }
    for size in [1e-20, 1e-3, 1, 1e20, 6e37] as [Float] { check(size) }
    for size in [1e-200, 1, 1e200] as [Double] { check(size) }
    let (large, numbers) = gradients([3e20, 4e20] as [Float])
    let clipped = numbers(large.clipped(toNorm: 1))
    #expect(abs(clipped[0] - 0.6) < 1e-6 && abs(clipped[1] - 0.8) < 1e-6)
    let (largest, all) = gradients([3e38, 1e30] as [Float])
    #expect(abs(all(largest.clipped(toNorm: 1e-6))[0] / 1e-6 - 1) < 1e-6)
    #expect(gradients([.infinity, 1] as [Float]).0.norm == .infinity)
    #expect(gradients([.nan, .infinity] as [Float]).0.norm.isNaN)
    #expect(gradients([0, 0] as [Float]).0.norm == 0)
  }

  private struct Pair<Scalar: FloatingPointScalar>: Layer {
    @Parameter var first: Tensor<Scalar>
    @Parameter var second: Tensor<Scalar>

    init(first: Parameter<Scalar>, second: Parameter<Scalar>) {
      _first = first
      _second = second
    }
  }
}

extension Double {
  fileprivate var cubeRoot: Double { Foundation.cbrt(self) }
}
