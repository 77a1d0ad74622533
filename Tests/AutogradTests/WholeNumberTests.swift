import Autograd
import Testing

/// Tensors of whole numbers and of truth values, against arithmetic of plain numbers.
@Suite struct WholeNumberTests {
  private static func draw<Scalar: IntegerScalar>(
    _ shape: Shape, in range: ClosedRange<Scalar>, _ seed: UInt64
  ) -> Tensor<Scalar> {
    var generator = Generator(seed: seed)
    return Tensor(
      (0..<shape.elementCount).map { _ in Scalar.random(in: range, using: &generator) },
      shape: shape)
  }

  private func checkArithmetic<Scalar: IntegerScalar>(_: Scalar.Type) {
    let a = Self.draw([5, 1, 4], in: Scalar.min...Scalar.max, 1)
    let b = Self.draw([3, 4], in: Scalar.min...Scalar.max, 2)
    let divisors = max(b, 1)
    func check<Result>(
      _ ours: Tensor<Result>, _ other: Tensor<Scalar>, _ plain: (Scalar, Scalar) -> Result
    ) {
      #expect(ours.shape == [5, 3, 4])
      let left = a.expanded(to: ours.shape).scalars
      let right = other.expanded(to: ours.shape).scalars
      #expect(ours.scalars == zip(left, right).map(plain))
    }
    check(a + b, b) { $0 &+ $1 }
    check(a - b, b) { $0 &- $1 }
    check(a * b, b) { $0 &* $1 }
    check(a / divisors, divisors) { $0 / $1 }
    check(a % divisors, divisors) { $0 % $1 }
    check(max(a, b), b) { max($0, $1) }
    check(min(a, b), b) { min($0, $1) }
    check(a .== b, b) { $0 == $1 }
    check(a .!= b, b) { $0 != $1 }
    check(a .< b, b) { $0 < $1 }
    check(a .<= b, b) { $0 <= $1 }
    check(a .> b, b) { $0 > $1 }
    check(a .>= b, b) { $0 >= $1 }
  }

  @Test func `arithmetic wraps around, and comparisons are exact`() {
    checkArithmetic(Int32.self)
    checkArithmetic(UInt8.self)
    #expect((Tensor<Int32>([.min]) / -1).scalars == [.min])
    #expect((-Tensor<Int32>([.min, 5])).scalars == [.min, -5])
    #expect(abs(Tensor<Int32>([-3, 4])).scalars == [3, 4])
    #expect((Tensor<Int32>([-7, 7]) / 2).scalars == [-3, 3])
    #expect((Tensor<Int32>([-7, 7]) % 3).scalars == [-1, 1])
  }

  @Test func `numbers stand on either side`() {
    let x = Tensor<UInt8>([1, 200, 3])
    #expect((x - 2).scalars == [255, 198, 1])
    #expect((2 - x).scalars == [1, 58, 255])
    #expect((x + 100).scalars == [101, 44, 103])
    #expect((100 / x).scalars == [100, 0, 33])
    #expect((7 % x).scalars == [0, 7, 1])
    #expect((3 .<= x).scalars == [false, true, true])
    #expect(max(2, x).scalars == [2, 200, 3])
    #expect(select(x .> 2, 0, x).scalars == [1, 0, 0])
    let y = Tensor<Double>([-1, 0, 2])
    #expect(max(y, 0).scalars == [0, 0, 2])
    #expect(min(1, y).scalars == [-1, 0, 1])
    #expect(select(y .> 0, y, -5).scalars == [-5, -5, 2])
    #expect((y * select(y .> 0, 1, 0.5)).scalars == [-0.5, 0, 2])
    #expect(gradient(at: y) { (max($0, 0) * select(1 .< $0, $0, 3)).sum() }.scalars == [0, 1.5, 4])
    let truth = Tensor([true, false])
    #expect((truth .== false).scalars == [false, true])
    #expect((truth .!= Tensor([true, true])).scalars == [false, true])
  }

  @Test func `reductions are those of plain numbers`() {
    let x = Self.draw([3, 4, 5], in: Int32(-1000)...1000, 3)
    let bytes = Self.draw([3, 4, 5], in: UInt8.min...UInt8.max, 4)
    for axes in [[0], [1], [2], [0, 2], [-1, 1], []] {
      for keepsAxes in [false, true] {
        let plain = x.converted(to: Double.self)
        func same(_ ours: Tensor<Int32>, _ other: Tensor<Double>) {
          #expect(ours.converted(to: Double.self) == other, "\(axes)")
        }
        same(
          x.sum(axes: axes, keepsAxes: keepsAxes), plain.sum(axes: axes, keepsAxes: keepsAxes))
        same(
          x.max(axes: axes, keepsAxes: keepsAxes), plain.max(axes: axes, keepsAxes: keepsAxes))
        same(
          x.min(axes: axes, keepsAxes: keepsAxes), plain.min(axes: axes, keepsAxes: keepsAxes))
        same(
          bytes.sum(axes: axes, keepsAxes: keepsAxes),
          bytes.converted(to: Double.self).sum(axes: axes, keepsAxes: keepsAxes))
        let mask = x .> 0
        let ones = mask.converted(to: Double.self)
        same(
          mask.trueCount(axes: axes, keepsAxes: keepsAxes),
          ones.sum(axes: axes, keepsAxes: keepsAxes))
        #expect(
          mask.any(axes: axes, keepsAxes: keepsAxes)
            == (ones.max(axes: axes, keepsAxes: keepsAxes) .> 0))
        #expect(
          mask.all(axes: axes, keepsAxes: keepsAxes)
            == (ones.min(axes: axes, keepsAxes: keepsAxes) .> 0))
      }
    }
    #expect(Tensor<Int32>([2, 3, -4]).product().scalar == -24)
    #expect(Tensor<UInt8>([200, 100]).sum().scalar == 300)
    #expect(Tensor<Int32>([3, 1, 2]).cumulativeSum(axis: 0).scalars == [3, 4, 6])
    #expect(Tensor<UInt8>([[200], [100]]).cumulativeSum(axis: 0).scalars == [200, 300])
    #expect(Tensor<Bool>(repeating: true, shape: [0]).all().scalar)
    #expect(!Tensor<Bool>(repeating: true, shape: [0]).any().scalar)
    // What does not fit on the way fits in the end.
    #expect(Tensor<Int32>([.max, .max, .min, .min]).sum().scalar == -2)
  }

  @Test func `order is that of plain numbers`() {
    let x = Self.draw([200], in: Int32.min...Int32.max, 5)
    #expect(x.sorted().values.scalars == x.scalars.sorted())
    #expect(x.sorted(descending: true).values.scalars == x.scalars.sorted(by: >))
    #expect(x.topK(3).values.scalars == Array(x.scalars.sorted(by: >).prefix(3)))
    #expect(x.scalars[Int(x.argmax().scalar)] == x.scalars.max())
    #expect(x.scalars[Int(x.argmin().scalar)] == x.scalars.min())
    let bytes = Self.draw([500], in: UInt8.min...UInt8.max, 6)
    #expect(bytes.sorted().values.scalars == bytes.scalars.sorted())
    #expect(bytes[bytes.sorted().indices] == bytes.sorted().values)
  }

  /// Every operation that only moves elements does the same to each type as to `Double`.
  private func checkMoves<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ plain: (Scalar) -> Double, _ other: Scalar
  ) {
    let numbers = Tensor<Double>(x.scalars.map(plain), shape: x.shape)
    func same(_ ours: Tensor<Scalar>, _ expected: Tensor<Double>) {
      #expect(ours.shape == expected.shape)
      #expect(ours.scalars.map(plain) == expected.scalars)
    }
    same(x.transposed(), numbers.transposed())
    same(x.split(axis: 1, lengths: [1, 2])[1], numbers.split(axis: 1, lengths: [1, 2])[1])
    same(x.chunked(axis: 1, into: 2)[0], numbers.chunked(axis: 1, into: 2)[0])
    same(x.rolled(axis: 1, by: 1), numbers.rolled(axis: 1, by: 1))
    same(x.tiled([2, 1, 2]), numbers.tiled([2, 1, 2]))
    same(x.flipped(axes: 0, 1), numbers.flipped(axes: 0, 1))
    same(x.diagonal(offset: 1), numbers.diagonal(offset: 1))
    same(.concatenated([x, x], axis: 1), .concatenated([numbers, numbers], axis: 1))
    same(.stacked([x, x], axis: 1), .stacked([numbers, numbers], axis: 1))
    same(x.unstacked(axis: 1)[2], numbers.unstacked(axis: 1)[2])
    same(
      x.padded([(1, 0), (-1, 2)], with: other),
      numbers.padded([(1, 0), (-1, 2)], with: plain(other)))
    let indices = Tensor<Int32>([[2, 0], [1, 1]])
    same(x.rows(Tensor([[1, 0]])), numbers.rows(Tensor([[1, 0]])))
    same(x.gathered(axis: 1, at: indices), numbers.gathered(axis: 1, at: indices))
    same(x.indexed(axis: 1, at: indices), numbers.indexed(axis: 1, at: indices))
    let mask = Tensor([[true, false, true], [false, true, false]])
    same(x.filled(where: mask, with: other), numbers.filled(where: mask, with: plain(other)))
    same(select(mask, x, x.flipped(axes: 1)), select(mask, numbers, numbers.flipped(axes: 1)))
  }

  @Test func `what moves elements moves those of each type`() {
    checkMoves(Tensor<Int32>([[1, 2, 3], [-4, 5, 6]]), { Double($0) }, 9)
    checkMoves(Tensor<UInt8>([[1, 2, 3], [255, 5, 6]]), { Double($0) }, 9)
    checkMoves(Tensor([[true, false, false], [true, true, false]]), { $0 ? 1 : 0 }, true)
    checkMoves(Tensor<Float>([[1, 2, 3], [-4, 5, 6]]), { Double($0) }, 9)
  }

  @Test func `numbers are converted between all types`() {
    let x = Tensor<Double>([-1.9, 0, 2.9, 200])
    #expect(x.converted(to: Int32.self).scalars == [-1, 0, 2, 200])
    #expect(x.converted(to: Float.self).scalars == [-1.9, 0, 2.9, 200])
    #expect(x.converted(to: Bool.self).scalars == [true, false, true, true])
    #expect(Tensor<Float>([.nan]).converted(to: Bool.self).scalar)
    #expect(x[1...].converted(to: UInt8.self).scalars == [0, 2, 200])
    #expect(Tensor<Float>([-0.5]).converted(to: UInt8.self).scalar == 0)
    let bytes = Tensor<UInt8>([0, 7, 255])
    #expect(bytes.converted(to: Int32.self).scalars == [0, 7, 255])
    #expect(bytes.converted(to: Double.self).scalars == [0, 7, 255])
    #expect(bytes.converted(to: Bool.self).converted(to: UInt8.self).scalars == [0, 1, 1])
    #expect(Tensor<Int32>([.min, .max]).converted(to: Int32.self).scalars == [.min, .max])
  }

  @Test func `numbers in order, zeros, ones and classes`() {
    #expect(Tensor<Int32>.range(2..<9, by: 3).scalars == [2, 5, 8])
    #expect(Tensor<Float>.range(0..<5, by: -2).scalars == [4, 2, 0])
    #expect(Tensor<UInt8>.range(3).scalars == [0, 1, 2])
    #expect(Tensor<Int32>.zeros([2]).scalars + Tensor<Int32>.ones([1]).scalars == [0, 0, 1])
    let classes = Tensor<Int32>([[2, 0]]).oneHot(3)
    #expect(classes == Tensor<Float>([0, 0, 1, 1, 0, 0], shape: [1, 2, 3]))
    #expect(Tensor<Int32>([1]).oneHot(2, of: UInt8.self).scalars == [0, 1])
    #expect("\(Tensor<UInt8>([1, 255]))" == "[1, 255]")
  }
}
