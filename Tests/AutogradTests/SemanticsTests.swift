import Testing

import Autograd

/// What operations do at the edges. Stated in Documentation/Semantics.md, as the tests of
/// subgradients, of empty tensors and of NaN are.
@Suite struct SemanticsTests {
  @Test func `the gradient of a product is exact where factors are 0`() {
    let one = gradient(at: Tensor<Double>([2, 0, 3])) { $0.product() }
    #expect(one.scalars == [0, 6, 0])
    let two = gradient(at: Tensor<Double>([2, 0, 0])) { $0.product() }
    #expect(two.scalars == [0, 0, 0])
  }

  @Test func `sorting is stable, and NaN is the largest`() {
    let x = Tensor<Double>([2, .nan, 1, 2])
    #expect(x.sorted().indices.scalars == [2, 0, 3, 1])
    #expect(x.sorted(descending: true).indices.scalars == [1, 0, 3, 2])
    #expect(x.topK(2).indices.scalars == [1, 0])
  }

  @Test func `negative padding takes elements away`() {
    let x = Tensor<Double>([[1, 2, 3], [4, 5, 6]])
    #expect(x.padded([(1, -1), (-1, 1)], with: 9).scalars == [9, 9, 9, 2, 3, 9])
    #expect(gradient(at: x) { $0.padded([(0, 0), (-1, -1)]).sum() }.scalars == [0, 1, 0, 0, 1, 0])
  }

  @Test func `a number without axes has softmax 1 to any order`() {
    let check = GradientCheck(at: [Tensor(0.3)], order: 2) { softmax($0[0], axis: 0) * $0[0] }
    #expect(check.passes, "\(check)")
  }

  @Test func `what attention may not look at has no influence, be it NaN`() {
    let mask = Tensor<Bool>([[true, false], [false, false]])
    func results(_ junk: Double) -> [[Double]] {
      let query = Tensor<Double>([[1, 2], [junk, junk]])
      let key = Tensor<Double>([[0.5, 1], [junk, junk]])
      let value = Tensor<Double>([[3, 4], [junk, junk]])
      let (outputs, gradients) = vectorJacobianProduct(
        at: [query, key, value],
        of: { [scaledDotProductAttention(queries: $0[0], keys: $0[1], values: $0[2], mask: mask)] },
        cotangents: { $0.map { .ones($0.shape) } })
      return (outputs + gradients.map { $0! }).map(\.scalars)
    }
    #expect(results(.nan) == results(0))
    #expect(results(.infinity)[0] == [3, 4, 0, 0])
  }

  @Test func `denormals are kept, and zeros while they are flushed`() {
    let count = 1 << 20
    let small = Tensor<Float>(repeating: .leastNormalMagnitude, shape: [count])
    /// How many halves of the smallest normal number are 0, on all threads that take part.
    func zeros() -> Float { select((small / 2) .== Tensor(0), Tensor(1), Tensor(0)).sum().scalar }
    #expect(zeros() == 0)
    #expect(flushingDenormals { zeros() } == Float(count))
    struct Failure: Error {}
    #expect(throws: Failure.self) { try flushingDenormals { throw Failure() } }
    #expect(zeros() == 0)
  }
}
