import Kernels
import Testing

/// Products with stretches of an array, and transposition, beside plain loops in `Double`.
@Suite struct WindowProductTests {
  private func check<Scalar: TestedScalar>(
    _: Scalar.Type, m: Int, n: Int, k: Int, hasBias: Bool, _ machine: Machine
  ) {
    let kernels = Scalar.table(machine)
    var numbers = Numbers(31)
    let (aRow, cRow) = (k + 3, n + 2)
    let a: [Scalar] = numbers.uniform(m * aRow, -1, 1)
    let bias: [Scalar] = numbers.uniform(m, -1, 1)
    // Stretches that overlap, in any order; behind the last there is nothing that matters.
    let offsets = (0..<max(k, 1)).map { $0 * 7 % 97 }
    let b: [Scalar] =
      numbers.uniform(96 + n, -1, 1) + [Scalar](repeating: .nan, count: 64)
    var c = [Scalar](repeating: 77, count: m * cRow)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        bias.withUnsafeBufferPointer { bias in
          offsets.withUnsafeBufferPointer { offsets in
            c.withUnsafeMutableBufferPointer { c in
              kernels.windowProduct(
                WindowProduct(
                  m: m, n: n, k: k, a: a.baseAddress!, aRow: aRow, b: b.baseAddress!,
                  offsets: offsets.baseAddress!, c: c.baseAddress!, cRow: cRow,
                  bias: hasBias ? bias.baseAddress! : nil))
            }
          }
        }
      }
    }
    for i in 0..<m {
      for j in 0..<n {
        var exact = hasBias ? Double(bias[i]) : 0
        for p in 0..<k { exact += Double(a[i * aRow + p]) * Double(b[offsets[p] + j]) }
        #expect(
          abs(Double(c[i * cRow + j]) - exact) <= Double(k + 2) * Double(Scalar.ulpOfOne),
          "\(m)x\(k)x\(n) at \(i), \(j)")
      }
      #expect(c[(i * cRow + n)..<((i + 1) * cRow)].allSatisfy { $0 == 77 })
    }
  }

  @Test(arguments: [1, 3, 8, 9, 17], Machine.all)
  func `each element is the sum of a plain loop`(m: Int, machine: Machine) {
    for (n, k) in [(1, 1), (5, 0), (16, 9), (31, 7), (48, 30), (49, 2), (65, 27), (20, 1030)] {
      check(Float.self, m: m, n: n, k: k, hasBias: true, machine)
      check(Float.self, m: m, n: n, k: k, hasBias: false, machine)
      check(Double.self, m: m, n: n, k: k, hasBias: true, machine)
    }
  }

  @Test(arguments: Machine.all)
  func `parts have the same bits as the whole`(machine: Machine) {
    var numbers = Numbers(32)
    let (m, n, k) = (19, 150, 40)
    let a: [Float] = numbers.uniform(m * k, -1, 1)
    let b: [Float] = numbers.uniform(k + n + 64, -1, 1)
    let bias: [Float] = numbers.uniform(m, -1, 1)
    let offsets = Array(0..<k)
    var whole = [Float](repeating: 0, count: m * n)
    var parts = whole
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        bias.withUnsafeBufferPointer { bias in
          offsets.withUnsafeBufferPointer { offsets in
            func product(_ c: UnsafeMutablePointer<Float>) -> WindowProduct<Float> {
              WindowProduct(
                m: m, n: n, k: k, a: a.baseAddress!, aRow: k, b: b.baseAddress!,
                offsets: offsets.baseAddress!, c: c, cRow: n, bias: bias.baseAddress!)
            }
            whole.withUnsafeMutableBufferPointer {
              machine.float.windowProduct(product($0.baseAddress!))
            }
            parts.withUnsafeMutableBufferPointer { c in
              for rows in [0..<8, 8..<9, 9..<m] {
                for columns in [0..<48, 48..<51, 51..<n] {
                  machine.float.windowProduct(
                    product(c.baseAddress!).part(rows: rows, columns: columns))
                }
              }
            }
          }
        }
      }
    }
    #expect(whole == parts)
  }

  private func checkTranspose<Scalar: TestedScalar>(
    _: Scalar.Type, _ rows: Int, _ columns: Int, _ machine: Machine
  ) {
    var numbers = Numbers(33)
    let (row, resultRow) = (columns + 2, rows + 1)
    let x: [Scalar] = numbers.uniform(rows * row, -1, 1)
    var result = [Scalar](repeating: 77, count: columns * resultRow)
    Scalar.table(machine).transpose(
      x, row: row, rows: rows, columns: columns, to: &result, row: resultRow)
    for j in 0..<columns {
      for i in 0..<rows { #expect(result[j * resultRow + i] == x[i * row + j]) }
      #expect(result[j * resultRow + rows] == 77)
    }
  }

  @Test(arguments: [1, 3, 8, 20], Machine.all)
  func `columns become rows`(rows: Int, machine: Machine) {
    for columns in [1, 3, 4, 9, 33] {
      checkTranspose(Float.self, rows, columns, machine)
      checkTranspose(Double.self, rows, columns, machine)
    }
  }
}
