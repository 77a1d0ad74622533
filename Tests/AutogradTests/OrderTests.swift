import Autograd
import Testing

/// Orders against the sort of the standard library, which is stable.
@Suite struct OrderTests {
  /// Few values, so that many are equal, and the special ones.
  private func numbers<Scalar: FloatingPointScalar>(_: Scalar.Type, _ shape: Shape) -> Tensor<
    Scalar
  > {
    var generator = Generator(seed: UInt64(shape.elementCount))
    let special: [Scalar] = [
      .nan, -.nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .greatestFiniteMagnitude, 1, -1,
    ]
    return Tensor(
      (0..<shape.elementCount).map { _ in
        let choice = Int(generator.next() % 40)
        return choice < special.count
          ? special[choice] : Scalar(Double(generator.next() % 1000) - 500) / 8
      }, shape: shape)
  }

  private func expected<Scalar: FloatingPointScalar>(
    _ row: [Scalar], _ descending: Bool
  ) -> [Int32] {
    row.indices.sorted {
      let (a, b) = descending ? (row[$1], row[$0]) : (row[$0], row[$1])
      return a < b || (b.isNaN && !a.isNaN)
    }.map { Int32($0) }
  }

  private func check<Scalar: FloatingPointScalar>(_ type: Scalar.Type, _ length: Int) {
    let x = numbers(type, [3, length, 2])
    for descending in [false, true] {
      let sorted = x.sorted(axis: 1, descending: descending)
      for (outer, inner) in [(0, 0), (1, 1), (2, 0)] {
        let row = (0..<length).map { x[outer, $0, inner].scalar }
        let order = expected(row, descending)
        #expect((0..<length).map { sorted.indices[outer, $0, inner].scalar } == order)
        for i in 0..<length {
          let (value, source) = (sorted.values[outer, i, inner].scalar, row[Int(order[i])])
          #expect(value == source || (value.isNaN && source.isNaN))
        }
        for count in [0, 1, 5, 32, 33, length] where count <= length {
          let top = x.topK(count, axis: 1, largest: descending).indices
          #expect(top.shape == [3, count, 2])
          #expect((0..<count).map { top[outer, $0, inner].scalar } == Array(order.prefix(count)))
        }
      }
    }
  }

  @Test(arguments: [1, 2, 7, 64, 65, 300])
  func `rows of any length are in the order of the standard library's sort`(length: Int) {
    check(Float.self, length)
    check(Double.self, length)
  }

  @Test func `many rows are sorted by several threads as by one`() {
    let x = numbers(Float.self, [700, 90])
    let indices = x.sorted(axis: 1).indices
    for row in stride(from: 0, to: 700, by: 23) {
      #expect(
        indices.selected(axis: 0, at: row).scalars
          == expected(x.selected(axis: 0, at: row).scalars, false))
    }
  }

  @Test func `the first of the largest is found, a NaN before all`() {
    let x = Tensor<Float>([
      [1, 3, 3, 2], [.nan, 5, .nan, 9], [4, .nan, 9, .nan], [-.infinity, -.infinity, -9, -9],
      [0, -0.0, 0, -0.0],
    ])
    #expect(x.argmax(axis: 1).scalars == [1, 0, 1, 2, 0])
    #expect(x.argmin(axis: 1).scalars == [0, 0, 1, 0, 0])
    #expect(x.argmax(axis: 0).scalars == [1, 2, 1, 2])
  }
}
