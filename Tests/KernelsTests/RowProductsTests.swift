import Kernels
import Testing

/// Products of each row of a matrix with one vector against a plain loop in `Double`.
@Suite struct RowProductsTests {
  private func check<Scalar: TestedScalar>(
    _: Scalar.Type, _ rows: Int, _ count: Int, gap: Int, _ machine: Machine
  ) {
    let kernels = Scalar.table(machine)
    var numbers = Numbers(23)
    // What stands after the last element is not looked at.
    let rest = [Scalar](repeating: .nan, count: 16)
    let stride = count + gap
    let matrix: [Scalar] = numbers.uniform(rows * stride, -1, 1)
    let vector: [Scalar] = numbers.uniform(count, -1, 1)
    var result = [Scalar](repeating: 77, count: rows + 1)
    kernels.rowProducts(
      matrix + rest, row: stride, vector + rest, to: &result, rows: rows, count: count)
    #expect(result[rows] == 77)
    for row in 0..<rows {
      let own = Array(matrix[(row * stride)..<(row * stride + count)])
      let exact = zip(own, vector).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      // A sum of so many terms below 1.
      #expect(abs(Double(result[row]) - exact) <= Double(count) * Double(Scalar.ulpOfOne))
      var alone: [Scalar] = [77]
      kernels.rowProducts(
        own + rest, row: count, vector + rest, to: &alone, rows: 1, count: count)
      #expect(alone[0] == result[row], "row \(row) of \(rows)")
    }
  }

  @Test(arguments: [0, 1, 3, 4, 5, 11], Machine.all)
  func `a row's product is that of a plain loop, wherever the row stands`(
    rows: Int, machine: Machine
  ) {
    for count in [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 70] {
      check(Float.self, rows, count, gap: 0, machine)
      check(Float.self, rows, count, gap: 3, machine)
      check(Double.self, rows, count, gap: 0, machine)
      check(Double.self, rows, count, gap: 3, machine)
    }
  }

  @Test(arguments: [1, 5], Machine.all)
  func `the error of a long row's product does not grow with it`(rows: Int, machine: Machine) {
    var numbers = Numbers(24)
    let count = 1_000_000
    let matrix = [Float](repeating: 0.1, count: rows * count)
    let vector: [Float] = numbers.uniform(count, 0, 1)
    var result = [Float](repeating: 77, count: rows)
    machine.float.rowProducts(matrix, row: count, vector, to: &result, rows: rows, count: count)
    let exact = vector.reduce(0) { $0 + Double($1) } * Double(Float(0.1))
    for product in result {
      // A lane's sum of a block has up to 256 roundings, in either direction.
      #expect((Double(product) / exact - 1).magnitude <= 32 * 0x1p-24)
    }
  }
}
