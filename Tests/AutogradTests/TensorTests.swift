import Autograd
import Testing

@Suite struct TensorTests {
  private let matrix = Tensor<Float>([[1, 2, 3], [4, 5, 6]])

  // MARK: Values

  @Test func `a copy is not changed by mutation, in either direction`() {
    var a = matrix
    var b = a
    a[0, 1] = 20
    b[1, 2] = 60
    #expect(a == Tensor([[1, 20, 3], [4, 5, 6]]))
    #expect(b == Tensor([[1, 2, 3], [4, 5, 60]]))
    #expect(matrix == Tensor([[1, 2, 3], [4, 5, 6]]))
  }

  @Test func `mutation in place happens only where nobody else looks`() {
    var a = Tensor<Float>([1, 2, 3])
    let before = a.untyped.address
    a[0] = 5
    #expect(a.untyped.address == before)
    let b = a
    a[0] = 6
    #expect(a.untyped.address != before)
    #expect(b.untyped.address == before)
  }

  @Test func `a view does not change with the tensor it shows, nor the tensor with its view`() {
    var base = Tensor<Float>([[1, 2], [3, 4]])
    var column = base.selected(axis: 1, at: 0)
    let transposed = base.transposed()
    base[0, 0] = 10
    #expect(column == Tensor([1, 3]))
    #expect(transposed == Tensor([[1, 3], [2, 4]]))
    column[1] = 30
    #expect(column == Tensor([1, 30]))
    #expect(base == Tensor([[10, 2], [3, 4]]))
    var expanded = Tensor<Float>([1, 2]).expanded(to: [2, 2])
    expanded[0, 0] = 7
    #expect(expanded == Tensor([[7, 2], [1, 2]]))
  }

  @Test func `what a tape has saved cannot be overwritten`() {
    let gradient = gradient(at: Tensor<Double>([1, 2])) { x in
      var y = x * x
      let z = y * y
      y[0] = 1000
      var constant = x.detached
      constant.withUnsafeMutableScalars { $0[1] = 1000 }
      return z.sum()
    }
    #expect(gradient == Tensor([4, 32]))
  }

  // MARK: Views

  @Test func `transposes, slices, broadcasts and reshapes share memory`() {
    let start = matrix.untyped.address
    #expect(matrix.transposed().untyped.address == start)
    #expect(matrix.permuted(axes: [1, 0]).untyped.address == start)
    #expect(matrix.reshaped([3, 2]).untyped.address == start)
    #expect(matrix.unsqueezed(axis: 0).squeezed(axes: 0).untyped.address == start)
    #expect(matrix.narrowed(axis: 0, to: 1..<2).untyped.address == start + 3 * 4)
    #expect(matrix.narrowed(axis: 1, to: 2..<3).untyped.address == start + 2 * 4)
    #expect(matrix.selected(axis: 0, at: 1).untyped.address == start + 3 * 4)
    #expect(matrix.unsqueezed(axis: 0).expanded(to: [100, 2, 3]).untyped.address == start)
  }

  @Test func `views read as what they show`() {
    #expect(matrix.transposed().scalars == [1, 4, 2, 5, 3, 6])
    #expect(matrix.transposed()[2, 0].scalar == 3)
    #expect(matrix.transposed().reshaped([6]) == Tensor([1, 4, 2, 5, 3, 6]))
    #expect(matrix.narrowed(axis: 1, to: 1..<3).transposed() == Tensor([[2, 5], [3, 6]]))
    #expect(matrix.selected(axis: 0, at: 1).unsqueezed(axis: 1) == Tensor([[4], [5], [6]]))
    #expect(matrix.unstacked(axis: 0) == [Tensor([1, 2, 3]), Tensor([4, 5, 6])])
    #expect(
      Tensor<Float>([[1], [2]]).expanded(to: [2, 2, 2]).scalars == [1, 1, 2, 2, 1, 1, 2, 2])
    let slice = matrix.narrowed(axis: 1, to: 1..<2)
    #expect(slice.withUnsafeScalars { Array($0) } == [2, 5])
  }

  /// Strides of up to four axes are kept elsewhere than those of more.
  @Test(arguments: [[2, 3], [2, 3, 4], [2, 3, 4, 2], [2, 3, 4, 2, 3], [1, 2, 1, 3, 1, 2]])
  func `a view keeps its strides whatever looks at it`(extents: [Int]) {
    let count = extents.reduce(1, *)
    let whole = Tensor<Float>((0..<count).map { Float($0) }, shape: Shape(extents))
    let turned = whole.permuted(axes: Array((0..<extents.count).reversed()))
    let expected = (0..<count).map { place in
      // The turned tensor's last axis is the first of the whole.
      var (rest, number, stride) = (place, 0, count)
      for extent in extents {
        stride /= extent
        number += rest % extent * stride
        rest /= extent
      }
      return Float(number)
    }
    #expect(turned.scalars == expected)
    let (value, gradient) = valueWithGradient(at: turned) { x in
      #expect(x.detached.scalars == expected)
      return (x * x).sum()
    }
    #expect(value.scalar == expected.map { $0 * $0 }.reduce(0, +))
    #expect(gradient.scalars == expected.map { 2 * $0 })
  }

  // MARK: Shapes

  @Test func `shapes have up to eight axes, of any extent`() {
    let shape: Shape = [1, 2, 3, 4, 1, 1, 1, 1]
    #expect(shape.rank == 8)
    #expect(shape.elementCount == 24)
    #expect(Tensor<Float>.zeros(shape).count == 24)
    #expect(Shape([]).elementCount == 1)
    #expect(Tensor<Float>.zeros([3, 0, 2]).scalars == [])
    #expect(Tensor<Float>(5).rank == 0)
    #expect(Array(matrix.shape) == [2, 3])
    #expect("\(matrix.shape)" == "[2, 3]")
    #expect([2, 3] as Shape != [3, 2])
    #expect([2] as Shape != [2, 1])
  }

  @Test func `shapes broadcast from the last axis on`() {
    #expect(([2, 1, 3] as Shape).broadcast(with: [4, 1]) == [2, 4, 3])
    #expect(([] as Shape).broadcast(with: [2, 2]) == [2, 2])
    #expect(([1] as Shape).broadcast(with: [0]) == [0])
    #expect(([2, 3] as Shape).broadcast(with: [2]) == nil)
    #expect(matrix + Tensor([10, 20, 30]) == Tensor([[11, 22, 33], [14, 25, 36]]))
    #expect(matrix * Tensor([[1], [-1]]) == Tensor([[1, 2, 3], [-4, -5, -6]]))
  }

  // MARK: Indices and masks

  @Test func `integers choose rows and elements`() {
    #expect(matrix.rows(Tensor<Int32>([1, 0, 1])).selected(axis: 1, at: 0) == Tensor([4, 1, 4]))
    #expect(matrix.gathered(axis: 1, at: Tensor<Int32>([[2], [0]])) == Tensor([[3], [4]]))
    #expect(matrix.argmax(axis: 1) == Tensor<Int32>([2, 2]))
    #expect(Tensor<Int32>.range(3).scalars == [0, 1, 2])
    #expect(Tensor<Int32>([1, 2]).converted(to: Double.self) == Tensor<Double>([1, 2]))
    var indices = Tensor<Int32>([[1, 2], [3, 4]])
    let copy = indices
    indices[0, 0] = 9
    #expect(indices[0, 0].scalar == 9)
    #expect(copy[0, 0].scalar == 1)
  }

  @Test func `masks come from comparisons, combine, and choose`() {
    let large: Tensor<Bool> = matrix .> Tensor(2)
    let small: Tensor<Bool> = matrix .< Tensor(5)
    #expect(large == Tensor<Bool>([[false, false, true], [true, true, true]]))
    #expect((large & small).scalars == [false, false, true, true, false, false])
    #expect((large | small).scalars.allSatisfy { $0 })
    #expect(large.converted(to: Float.self).sum().scalar == 4)
    #expect(matrix.filled(where: large, with: 0) == Tensor([[1, 2, 0], [0, 0, 0]]))
    #expect(select(large, matrix, -matrix).scalars == [-1, -2, 3, 4, 5, 6])
  }

  // MARK: Equality and text

  @Test func `tensors are equal by shape and elements`() {
    #expect(matrix.transposed().transposed() == matrix)
    #expect(matrix.transposed() == Tensor([[1, 4], [2, 5], [3, 6]]))
    #expect(matrix.reshaped([6]) != matrix)
    #expect(Tensor<Float>([1, .nan]) != Tensor<Float>([1, .nan]))
    #expect(Tensor<Float>([-0.0]) == Tensor<Float>([0]))
  }

  @Test func `a tensor prints as nested rows, long axes shortened`() {
    #expect("\(Tensor<Double>(1.5))" == "1.5")
    #expect("\(Tensor<Double>([1, 2]))" == "[1.0, 2.0]")
    #expect("\(matrix)" == "[[1.0, 2.0, 3.0],\n [4.0, 5.0, 6.0]]")
    #expect("\(matrix.narrowed(axis: 1, to: 0..<1).transposed())" == "[[1.0, 4.0]]")
    #expect("\(Tensor<Bool>([true, false]))" == "[true, false]")
    #expect("\(Tensor<Int32>.range(7))" == "[0, 1, 2, 3, 4, 5, 6]")
    #expect("\(Tensor<Int32>.range(100))" == "[0, 1, 2, ..., 97, 98, 99]")
    #expect("\(Tensor<Float>.zeros([2, 0]))" == "[[],\n []]")
    #expect(String(reflecting: Tensor<Int32>([4])) == "Tensor<Int32> [1] [4]")
  }

  // MARK: Making tensors

  @Test func `conversion between precisions rounds once, and its gradient comes back`() {
    let third = Tensor<Double>(1.0 / 3)
    #expect(third.converted(to: Float.self).scalar == Float(1.0 / 3))
    let gradient = gradient(at: third) { x in
      (x.converted(to: Float.self) * 3).converted(to: Double.self)
    }
    #expect(gradient.scalar == 3)
  }

  @Test func `the same seed gives the same numbers, a split generator others`() {
    func draw(_ generator: inout Generator) -> [Double] {
      Tensor<Double>.normal([4], using: &generator).scalars
    }
    var (one, other) = (Generator(seed: 3), Generator(seed: 3))
    #expect(draw(&one) == draw(&other))
    var split = one.split()
    let (first, second) = (draw(&one), draw(&split))
    #expect(Set(first).isDisjoint(with: second))
  }

  /// A generator that is not the library's own, for which no loop was compiled.
  private struct Wrapped: RandomNumberGenerator {
    var generator: Generator
    mutating func next() -> UInt64 { generator.next() }
  }

  @Test func `an interval of axes is flattened, its bounds counted from either end`() {
    let x = Tensor<Float>.zeros([2, 3, 4, 5])
    #expect(x.flattened().shape == [120])
    #expect(x.flattened(axes: 1...).shape == [2, 60])
    #expect(x.flattened(axes: 1...2).shape == [2, 12, 5])
    #expect(x.flattened(axes: 1..<2).shape == [2, 3, 4, 5])
    #expect(x.flattened(axes: ..<2).shape == [6, 4, 5])
    #expect(x.flattened(axes: ...2).shape == [24, 5])
    #expect(x.flattened(axes: (-2)...).shape == [2, 3, 20])
    #expect(x.flattened(axes: -3 ... -2).shape == [2, 12, 5])
    #expect(Tensor<Float>(3).flattened(axes: 0...).shape == [1])
  }

  @Test func `random numbers lie in the interval that is named`() {
    var generator = Generator(seed: 3)
    for x in [
      Tensor<Float>.uniform([500], using: &generator),
      .uniform([500], in: -3..<5, using: &generator),
      .uniform([500], in: -3...5, using: &generator),
    ].enumerated() {
      let (low, high) = x.offset == 0 ? (Float(0), Float(1)) : (-3, 5)
      #expect(x.element.scalars.allSatisfy { (low...high).contains($0) })
      // 500 draws leave a tenth of the interval at either end without one in 10^-23 of all cases.
      #expect(x.element.scalars.min()! < low + (high - low) / 10)
      #expect(x.element.scalars.max()! > high - (high - low) / 10)
    }
    #expect(Tensor<Double>.uniform([2], in: 4...4, using: &generator) == Tensor([4, 4]))
  }

  @Test func `any generator that gives the same words gives the same numbers`() {
    func draw<Scalar: FloatingPointScalar>(
      _: Scalar.Type, _ generator: inout some RandomNumberGenerator
    ) -> [Scalar] {
      Tensor<Scalar>.normal([1100], mean: 3, deviation: 2, using: &generator).scalars
        + Tensor<Scalar>.uniform([7], in: -1...4, using: &generator).scalars
    }
    var (own, wrapped) = (Generator(seed: 9), Wrapped(generator: Generator(seed: 9)))
    #expect(draw(Float.self, &own) == draw(Float.self, &wrapped))
    #expect(draw(Double.self, &own) == draw(Double.self, &wrapped))
    #expect(own == wrapped.generator)
  }

  @Test func `normal numbers are those of Box and Muller, with the moments they should have`() {
    var (one, other) = (Generator(seed: 10), Generator(seed: 10))
    let numbers = Tensor<Double>.normal([20_000], mean: 1, deviation: 3, using: &one).scalars
    for number in numbers.prefix(1500) {
      let radius = (-2 * log(Tensor(1 - other.uniform())).scalar).squareRoot()
      let expected = 1 + 3 * radius * cos(Tensor(2 * Double.pi * other.uniform())).scalar
      #expect(abs(number - expected) <= 4 * max(abs(expected), 1).ulp)
    }
    func moment(_ power: Int) -> Double {
      numbers.reduce(0) { sum, x in sum + (0..<power).reduce(1) { y, _ in y * (x - 1) / 3 } }
        / 20_000
    }
    #expect(abs(moment(1)) < 0.02)
    #expect(abs(moment(2) - 1) < 0.03)
    #expect(abs(moment(3)) < 0.08)
    #expect(abs(moment(4) - 3) < 0.2)
  }

  @Test func `a tensor takes any collection of its elements`() {
    let array: [Int32] = [3, 4, 5, 6, 7, 8]
    let expected = Tensor<Int32>(array, shape: [2, 3])
    #expect(Tensor<Int32>(3..<9, shape: [2, 3]) == expected)
    #expect(Tensor<Int32>(array[...], shape: [2, 3]) == expected)
    #expect(Tensor<Int32>((1..<7).lazy.map { Int32($0 + 2) }, shape: [2, 3]) == expected)
    #expect(Tensor<Int32>(array.reversed(), shape: [6]).scalars == array.reversed())
    #expect(Tensor<Int32>(repeating: 7, shape: [2]).scalars == [7, 7])
    #expect(Tensor<Bool>(repeating: true, shape: [3]).scalars == [true, true, true])
  }

  @Test(arguments: [[1, 9], [9, 1], [8, 8], [7, 17], [33, 20], [130, 300]])
  func `a transposed view is laid out with every element in its place`(extents: [Int]) {
    func check<Scalar: TensorScalar & Equatable>(_ number: (Int) -> Scalar) {
      let (rows, columns) = (extents[0], extents[1])
      let x = Tensor<Scalar>((0..<(3 * rows * columns)).map(number), shape: [3, rows, columns])
      let y = x.transposed().scalars
      let z = x.permuted(axes: [2, 0, 1]).scalars
      var differences = 0
      for batch in 0..<3 {
        for i in 0..<rows {
          for j in 0..<columns {
            let element = number((batch * rows + i) * columns + j)
            if y[(batch * columns + j) * rows + i] != element { differences += 1 }
            if z[(j * 3 + batch) * rows + i] != element { differences += 1 }
          }
        }
      }
      #expect(differences == 0)
    }
    check { Float($0) }
    check { Double($0) }
    check { Int32($0) }
    check { $0 % 3 == 0 }
  }

  @Test func `truth values combine element by element, and broadcast`() {
    let a = Tensor<Bool>([true, true, false, false])
    let b = Tensor<Bool>([true, false, true, false])
    #expect((a & b).scalars == [true, false, false, false])
    #expect((a | b).scalars == [true, true, true, false])
    #expect((!a).scalars == [false, false, true, true])
    let column = Tensor<Bool>([true, false], shape: [2, 1])
    #expect((column & b).scalars == [true, false, true, false, false, false, false, false])
    #expect((column | b).scalars == [true, true, true, true, true, false, true, false])
    #expect(
      (!Tensor<Bool>([[true, false], [false, false]]).transposed()).scalars
        == [false, true, true, true])
  }

  @Test func `equal are tensors of one shape with equal elements, whatever their strides`() {
    #expect(matrix.transposed() == Tensor([[1, 4], [2, 5], [3, 6]]))
    #expect(matrix != matrix.reshaped([3, 2]))
    #expect(matrix != Tensor([[1, 2, 3], [4, 5, 7]]))
    #expect(Tensor<Double>([0, 1]) == Tensor([-0.0, 1]))
    #expect(Tensor<Float>([.nan]) != Tensor([.nan]))
    #expect(Tensor<Int32>([1, 2]) != Tensor([1, 3]))
    #expect(Tensor<Bool>([true, false]) == Tensor([true, false]))
    #expect(Tensor<Bool>([true, false]) != Tensor([true, true]))
    #expect(Tensor<Float>([], shape: [0, 2]) == Tensor([], shape: [0, 2]))
  }

  @Test func `every pair of scalar types converts`() {
    let float = Tensor<Float>([-2.5, 0, 1, 3.75])
    #expect(Compute.converted(float.untyped, to: .int32).numbers == [-2, 0, 1, 3])
    #expect(Compute.converted(float.untyped, to: .bool).numbers == [1, 0, 1, 1])
    #expect(Compute.converted(float.untyped, to: .double).numbers == [-2.5, 0, 1, 3.75])
    let int = Tensor<Int32>([-7, 0, 5]).untyped
    #expect(Compute.converted(int, to: .float).numbers == [-7, 0, 5])
    #expect(Compute.converted(int, to: .double).numbers == [-7, 0, 5])
    #expect(Compute.converted(int, to: .bool).numbers == [1, 0, 1])
    let bool = Tensor<Bool>([true, false]).untyped
    #expect(Compute.converted(bool, to: .float).numbers == [1, 0])
    #expect(Compute.converted(bool, to: .int32).numbers == [1, 0])
    let double = Tensor<Double>([1e-3, -8]).untyped
    #expect(Compute.converted(double, to: .float).numbers == [Double(Float(1e-3)), -8])
    #expect(Compute.converted(double, to: .int32).numbers == [0, -8])
  }
}

extension UntypedTensor {
  /// The elements of any type as numbers.
  fileprivate var numbers: [Double] {
    switch type {
    case .float: Tensor<Float>(self).scalars.map { Double($0) }
    case .double: Tensor<Double>(self).scalars
    case .int32: Tensor<Int32>(self).scalars.map { Double($0) }
    case .uint8: Tensor<UInt8>(self).scalars.map { Double($0) }
    case .bool: Tensor<Bool>(self).scalars.map { $0 ? 1 : 0 }
    }
  }
}
