import Autograd
import Testing

/// Every differentiable operation that the module lists, against finite differences.
@Suite struct OperationTests {
  @Test(arguments: DerivativeCase.all.map(\.name))
  func `first and second derivatives agree with finite differences`(name: String) throws {
    let operation = try #require(DerivativeCase.all.first { $0.name == name })
    var generator = Generator(seed: 42)
    let inputs = operation.shapes.map { shape in
      Tensor<Double>.uniform(
        shape, in: operation.domain.lowerBound...operation.domain.upperBound,
        using: &generator)
    }
    // Differences with step 1e-5 of functions whose third derivatives are of size 1 to 10.
    let check = GradientCheck(at: inputs, order: 2, tolerance: 1e-7, of: operation.function)
    #expect(check.passes, "\(check)")
  }

  @Test func `names in the list are distinct`() {
    let names = DerivativeCase.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.count > 60)
  }
}
