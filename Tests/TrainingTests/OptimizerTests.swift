import Autograd
import Foundation
import Layers
import Testing
import Training

@Suite struct OptimizerTests {
  private static let updates = try! conformanceCases("optimizers").filter { !$0.contains("clip_") }
  private static let clippings = try! conformanceCases("optimizers").filter {
    $0.contains("clip_")
  }

  @Test func `all optimizers and both ways of clipping have cases`() throws {
    #expect(Set(try Self.updates.map { try OptimizerCase(path: $0).name }).count == 9)
    #expect(Set(try Self.clippings.map { try OptimizerCase(path: $0).name }).count == 2)
  }

  @Test(arguments: updates)
  func `ten steps agree with PyTorch's`(path: String) throws {
    // The tolerance of all conformance cases in double precision.
    try check(Double.self, path, absolute: 1e-9, relative: 1e-9)
  }

  @Test(arguments: updates)
  func `ten steps in single precision agree with PyTorch's in double`(path: String) throws {
    // Each of ten steps rounds a few times, 6e-8 each; where a gradient nearly cancels with weight
    // decay, its sign, and so the direction of a whole step, is not in question in these cases.
    try check(Float.self, path, absolute: 2e-5, relative: 2e-5)
  }

  private func check<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ path: String, absolute: Double, relative: Double
  ) throws {
    let item = try OptimizerCase(path: path)
    var optimizer = try #require(item.optimizer, "no optimizer \(item.name)")
    let model = NumberedParameters<Scalar>(
      list: try item.tensors("parameter.").map { Parameter(wrappedValue: $0) })
    #expect(model.list.count == 2)
    for step in 0..<10 {
      let gradients = try item.tensors("step.\(step).gradient.", Scalar.self)
      optimizer.update(model, along: model.gradients(gradients))
      for (index, parameter) in model.list.enumerated() {
        let theirs = try item.file.entry("step.\(step).parameter.\(index)").doubles()
        #expect(
          agree(parameter.tensor, theirs, absolute, relative),
          "\(path), step \(step), parameter \(index)")
      }
    }
  }

  @Test(arguments: clippings)
  func `clipping agrees with PyTorch's`(path: String) throws {
    let item = try OptimizerCase(path: path)
    let values = try item.tensors("input.", Double.self)
    let model = NumberedParameters(list: values.map { Parameter(wrappedValue: $0) })
    var gradients = model.gradients(values)
    if item.name == "clip_grad_norm_" {
      let order = item.number("norm_type")
      let norm = try item.file.entry("extra.total_norm").doubles()[0]
      #expect(abs(gradients.norm(order: order) - norm) <= 1e-9 + 1e-9 * norm)
      gradients = gradients.clipped(toNorm: item.number("max_norm"), order: order)
    } else {
      gradients = gradients.clipped(toValue: item.number("clip_value"))
    }
    for (index, parameter) in model.list.enumerated() {
      let theirs = try item.file.entry("output.\(index)").doubles()
      #expect(agree(try #require(gradients[parameter]), theirs, 1e-9, 1e-9), "\(path) \(index)")
    }
  }

  @Test func `frozen parameters and those without a gradient stay`() {
    let model = NumberedParameters<Float>(
      list: (0..<3).map { _ in Parameter(wrappedValue: Tensor([1, 2])) })
    let gradients = model.gradients([Tensor([1, 1]), Tensor([1, 1])])
    model.list[1].isFrozen = true
    var optimizer = SGD(learningRate: 0.5)
    optimizer.update(model, along: gradients)
    #expect(model.list.map(\.tensor.scalars) == [[0.5, 1.5], [1, 2], [1, 2]])
    #expect(optimizer.state.names == ["list.0"])
  }

  @Test func `a part is trained along the whole's gradients, and a whole along a part's`() {
    let whole = NumberedParameters<Double>(
      list: (0..<3).map { _ in Parameter(wrappedValue: Tensor([1])) })
    let part = NumberedParameters<Double>(list: [whole.list[1]])
    var optimizer = SGD(learningRate: 0.5)
    optimizer.update(
      part, along: whole.gradients([Tensor([1]), Tensor([1]), Tensor([1])]))
    #expect(whole.list.map(\.tensor.scalar) == [1, 0.5, 1])
    var another = SGD(learningRate: 0.5)
    another.update(whole, along: part.gradients([Tensor([1])]))
    #expect(whole.list.map(\.tensor.scalar) == [1, 0, 1])
  }

  @Test func `a model that is frozen, or on which nothing depends, stays as it is`() {
    let model = NumberedParameters<Double>(
      list: (0..<2).map { _ in Parameter(wrappedValue: Tensor([1])) })
    var optimizer = SGD(learningRate: 0.5)
    optimizer.update(
      model, along: valueWithGradient(at: model) { _ in Tensor<Double>(1) }.gradients)
    for parameter in model.list { parameter.isFrozen = true }
    optimizer.update(model, along: model.gradients([Tensor([1]), Tensor([1])]))
    #expect(model.list.map(\.tensor.scalar) == [1, 1])
    // Nor has a model without parameters anything to change.
    let none = NumberedParameters<Double>(list: [])
    optimizer.update(none, along: valueWithGradient(at: none) { _ in Tensor<Double>(1) }.gradients)
    #expect(optimizer.state.names.isEmpty)
  }

  @Test func `groups scale the learning rate and the weight decay by name`() {
    let model = NumberedParameters<Double>(
      list: (0..<2).map { _ in Parameter(wrappedValue: Tensor([1])) })
    var optimizer = SGD(learningRate: 0.5, weightDecay: 0.25)
    optimizer.groups = { name in
      name == "list.1" ? .init(learningRate: 0.5, weightDecay: 0) : .init()
    }
    optimizer.update(model, along: model.gradients([Tensor([1]), Tensor([1])]))
    #expect(model.list[0].tensor.scalar == 1 - 0.5 * 1.25)
    #expect(model.list[1].tensor.scalar == 1 - 0.25)
  }

  @Test func `a copy of an optimizer goes its own way`() {
    let gradient = [Tensor<Double>([1, -2])]
    func make() -> NumberedParameters<Double> {
      NumberedParameters(list: [Parameter(wrappedValue: Tensor([0, 0]))])
    }
    let (first, second, third) = (make(), make(), make())
    var optimizer = Adam()
    optimizer.update(first, along: first.gradients(gradient))
    var copy = optimizer
    let moment = copy.state.slot("firstMoment", of: "list.0")
    optimizer.update(first, along: first.gradients([Tensor([5, 5])]))
    #expect(copy.state.slot("firstMoment", of: "list.0") == moment)
    #expect(copy.state.steps(of: "list.0") == 1 && optimizer.state.steps(of: "list.0") == 2)

    var fresh = Adam()
    for model in [second, third] { fresh.update(model, along: model.gradients(gradient)) }
    copy.update(third, along: third.gradients(gradient))
    #expect(
      copy.state.slot("firstMoment", of: "list.0") == fresh.state.slot("firstMoment", of: "list.0"))
  }

  @Test(arguments: [1, 63, 40_001])
  func `a large parameter is updated in parts as a small one is in one`(count: Int) {
    var generator = Generator(seed: 1)
    let start = Tensor<Float>.normal([count], using: &generator)
    let gradient = Tensor<Float>.normal([count], using: &generator)
    let whole = NumberedParameters(list: [Parameter(wrappedValue: start)])
    var optimizer = Adam(learningRate: 0.1, amsgrad: true)
    for _ in 0..<3 { optimizer.update(whole, along: whole.gradients([gradient])) }
    // The same elements as parameters of a length that no thread divides and no vector.
    let pieces = stride(from: 0, to: count, by: 999).map { start in
      start..<min(start + 999, count)
    }
    func cut(_ tensor: Tensor<Float>) -> [Tensor<Float>] {
      let scalars = tensor.scalars
      return pieces.map { Tensor(Array(scalars[$0])) }
    }
    let parts = NumberedParameters(list: cut(start).map { Parameter(wrappedValue: $0) })
    var other = Adam(learningRate: 0.1, amsgrad: true)
    for _ in 0..<3 { other.update(parts, along: parts.gradients(cut(gradient))) }
    #expect(parts.list.flatMap(\.tensor.scalars) == whole.list[0].tensor.scalars)
  }
}
