import Autograd
import Testing

/// Operations on tensors without elements. Stated in Documentation/Semantics.md.
@Suite struct EmptyTests {
  private let empty = Tensor<Double>.zeros([0])
  /// No columns, so nothing to reduce along axis 1; no element at all along axis 0.
  private let rows = Tensor<Double>.zeros([2, 0])

  @Test func `sums of nothing are 0, products 1, means NaN`() {
    #expect(empty.sum().scalar == 0)
    #expect(rows.sum(axes: 1).scalars == [0, 0])
    #expect(rows.sum(axes: 0).shape == [0])
    #expect(empty.product().scalar == 1)
    #expect(rows.product(axes: 1).scalars == [1, 1])
    #expect(empty.mean().scalar.isNaN)
    #expect(rows.mean(axes: 1).scalars.allSatisfy { $0.isNaN })
  }

  @Test func `extremes of nothing are infinite`() {
    #expect(empty.max().scalar == -.infinity)
    #expect(rows.max(axes: 1).scalars == [-.infinity, -.infinity])
    #expect(empty.min().scalar == .infinity)
    #expect(empty.logSumExp().scalar == -.infinity)
    #expect(rows.logSumExp(axes: 1).scalars == [-.infinity, -.infinity])
  }

  @Test func `an empty axis has as many chunks as are asked for`() {
    let pieces = Tensor<Double>.zeros([2, 0]).chunked(axis: 1, into: 3)
    #expect(pieces.map(\.shape) == [[2, 0], [2, 0], [2, 0]])
  }

  @Test func `deviations of too few numbers are NaN`() {
    #expect(empty.variance().scalar.isNaN)
    #expect(Tensor<Double>([3]).variance().scalar.isNaN)
    #expect(Tensor<Double>([3]).variance(correction: 0).scalar == 0)
    #expect(Tensor<Double>([3]).standardDeviation().scalar.isNaN)
  }

  @Test func `norms of nothing are 0`() {
    for order in [NormOrder.one, .two, .infinity] {
      #expect(empty.norm(order).scalar == 0)
      #expect(rows.norm(order, axes: 1).scalars == [0, 0])
      #expect(rows.norm(order, axes: 0, keepsAxes: true).shape == [1, 0])
    }
  }

  @Test func `all of nothing are true, none is`() {
    let nothing = Tensor<Bool>([], shape: [0])
    #expect(nothing.all().scalar)
    #expect(!nothing.any().scalar)
  }

  @Test func `a product over nothing is 0`() {
    #expect(matmul(rows, Tensor<Double>.zeros([0, 3])) == .zeros([2, 3]))
    #expect(matmul(Tensor<Double>.zeros([4, 2, 0]), .zeros([4, 0, 3])) == .zeros([4, 2, 3]))
    #expect(matmul(empty, empty).scalar == 0)
    #expect(
      linear(rows, Tensor<Double>.zeros([3, 0]), Tensor([1, 2, 3])).scalars == [1, 2, 3, 1, 2, 3])
    #expect(einsum("ij,kj->ik", rows, rows) == .zeros([2, 2]))
  }

  @Test func `what has no elements stays without`() {
    #expect(softmax(rows, axis: 1) == rows)
    #expect(softmax(rows, axis: 0) == rows)
    #expect(logSoftmax(rows, axis: 1) == rows)
    #expect(rows.cumulativeSum(axis: 1) == rows)
    #expect(rows.sorted().values == rows)
    #expect(exp(rows) == rows && rows + rows == rows && rows * 2 == rows)
    #expect(rows.transposed().shape == [0, 2])
    #expect(layerNorm(Tensor<Double>.zeros([0, 3]), shape: [3]).shape == [0, 3])
    #expect(Tensor.concatenated([rows, .ones([2, 1])], axis: 1) == .ones([2, 1]))
    #expect(Tensor<Double>.zeros([3, 2]).rows(Tensor<Int32>([], shape: [0])).shape == [0, 2])
  }

  @Test func `gradients of reductions over nothing are empty`() {
    #expect(gradient(at: rows) { $0.sum() } == rows)
    #expect(gradient(at: rows) { $0.mean() } == rows)
    #expect(gradient(at: rows) { $0.product() } == rows)
    #expect(gradient(at: rows) { $0.logSumExp(axes: 1).sum() } == rows)
  }

  @Test func `an axis of a number is 0 or -1`() {
    let number = Tensor<Double>(3)
    for axis in [0, -1] {
      #expect(number.sum(axes: axis).scalar == 3)
      #expect(number.max(axes: axis).scalar == 3)
      #expect(number.product(axes: axis).scalar == 3)
      #expect(number.logSumExp(axes: axis).scalar == 3)
      #expect(number.argmax(axis: axis).scalar == 0)
      #expect(softmax(number, axis: axis).scalar == 1)
      #expect(number.cumulativeSum(axis: axis).scalar == 3)
      #expect(number.flipped(axes: axis).scalar == 3)
      #expect(number.gathered(axis: axis, at: Tensor([0, 0])).scalars == [3, 3])
      #expect(number.scatterAdding(Tensor([1, 2]), axis: axis, at: Tensor([0, 0])).scalar == 6)
    }
  }

  @Test func `shapes count without overflow`() {
    #expect(Shape([2_000_000_000, 2_000_000_000, 2_000_000_000, 0]).elementCount == 0)
    #expect(Tensor<Float>.zeros([0, 2_147_483_647]).count == 0)
    #expect(Shape([2_147_483_647, 2_147_483_647]).elementCount == 4_611_686_014_132_420_609)
  }
}
