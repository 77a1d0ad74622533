import Kernels
import Testing

extension Numbers {
  fileprivate mutating func scalars<Scalar: TestedScalar>(_ count: Int) -> [Scalar] {
    uniform(count, -1, 1)
  }
}

/// How a matrix lies in memory.
private enum Layout: CaseIterable {
  case rows, columns, paddedRows, scattered

  func strides(_ rows: Int, _ columns: Int) -> (row: Int, column: Int) {
    switch self {
    case .rows: (columns, 1)
    case .columns: (1, rows)
    case .paddedRows: (columns + 3, 1)
    case .scattered: (2 * columns + 1, 2)
    }
  }

  func count(_ rows: Int, _ columns: Int) -> Int {
    let (row, column) = strides(rows, columns)
    return max(0, rows - 1) * row + max(0, columns - 1) * column + 1
  }
}

/// A random product with its own memory.
private struct Example<Scalar: TestedScalar> {
  let m: Int
  let n: Int
  let k: Int
  let aLayout: Layout
  let bLayout: Layout
  var a: [Scalar]
  var b: [Scalar]
  var c: [Scalar]
  var bias: [Scalar]?
  var cRow: Int
  var accumulate: Bool

  init(
    _ m: Int, _ n: Int, _ k: Int, _ aLayout: Layout = .rows, _ bLayout: Layout = .rows,
    bias: Bool = false, accumulate: Bool = false, padding: Int = 0, seed: UInt64
  ) {
    var numbers = Numbers(seed)
    self.m = m
    self.n = n
    self.k = k
    self.aLayout = aLayout
    self.bLayout = bLayout
    a = numbers.scalars(aLayout.count(m, k))
    b = numbers.scalars(bLayout.count(k, n))
    cRow = n + padding
    c = numbers.scalars(m * cRow + 1)
    self.bias = bias ? numbers.scalars(n + 1) : nil
    self.accumulate = accumulate
  }

  /// `c` after the product as `body` computes it.
  func result(_ body: (MatrixProduct<Scalar>) -> Void) -> [Scalar] {
    var c = c
    let (aRow, aColumn) = aLayout.strides(m, k)
    let (bRow, bColumn) = bLayout.strides(k, n)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          (bias ?? []).withUnsafeBufferPointer { bias in
            body(
              MatrixProduct(
                m: m, n: n, k: k, a: a.baseAddress!, aRow: aRow, aColumn: aColumn,
                b: b.baseAddress!, bRow: bRow, bColumn: bColumn, c: c.baseAddress!, cRow: cRow,
                accumulate: accumulate, bias: self.bias == nil ? nil : bias.baseAddress!))
          }
        }
      }
    }
    return c
  }

  func packedResult(_ kernels: MachineKernels<Scalar>) -> [Scalar] {
    result { product in
      var packed = [Scalar](
        repeating: .nan, count: kernels.set.packedCount(rows: k, columns: n) + 1)
      packed.withUnsafeMutableBufferPointer { packed in
        kernels.set.pack(
          product.b, row: product.bRow, column: product.bColumn, rows: k, columns: n,
          to: packed.baseAddress!)
        var product = product
        product.packed = UnsafePointer(packed.baseAddress!)
        kernels.set.matrixProduct(product)
      }
    }
  }

  /// The first element of `result` that differs from the sum in Double by more than rounding can.
  func mistake(_ result: [Scalar]) -> String? {
    let (aRow, aColumn) = aLayout.strides(m, k)
    let (bRow, bColumn) = bLayout.strides(k, n)
    for index in c.indices {
      let (i, j) = cRow == 0 ? (m, 0) : index.quotientAndRemainder(dividingBy: cRow)
      if i >= m || j >= n {
        if result[index] != c[index] { return "wrote outside the result, at \(i), \(j)" }
        continue
      }
      var sum = 0.0
      var magnitude = 0.0
      for p in 0..<k {
        let term = Double(a[i * aRow + p * aColumn]) * Double(b[p * bRow + j * bColumn])
        sum += term
        magnitude += abs(term)
      }
      let biasTerm = bias.map { Double($0[j]) } ?? 0
      let base = accumulate ? Double(c[index]) : 0
      sum += biasTerm + base
      magnitude += abs(biasTerm) + abs(base)
      // A sum of k products is off by k/2 ulps of the sum of magnitudes at most, one more for
      // each of bias and base, one half for every product where there is no fused multiply-add;
      // the reference is off by as much when Scalar is Double.
      let bound = 2 * Double(k + 2) * Double(Scalar.ulpOfOne) * magnitude
      if !(abs(Double(result[index]) - sum) <= bound) {
        return "\(i), \(j): \(result[index]) instead of \(sum), bound \(bound)"
      }
    }
    return nil
  }
}

private let sizes = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 40, 48, 49, 64, 65, 100]

@Suite struct MatrixProductTests {
  func check<Scalar: TestedScalar>(_ kernels: [MachineKernels<Scalar>]) {
    var numbers = Numbers(1)
    for trial in 0..<150 {
      let example = Example<Scalar>(
        sizes.randomElement(using: &numbers)!, sizes.randomElement(using: &numbers)!,
        sizes.randomElement(using: &numbers)!, Layout.allCases.randomElement(using: &numbers)!,
        Layout.allCases.randomElement(using: &numbers)!, bias: .random(using: &numbers),
        accumulate: .random(using: &numbers), padding: .random(in: 0...3, using: &numbers),
        seed: UInt64(trial))
      for kernels in kernels {
        let name = "\(kernels.name), \(example.m) x \(example.k) x \(example.n), trial \(trial)"
        #expect(example.mistake(example.result { kernels.set.matrixProduct($0) }) == nil, "\(name)")
        #expect(example.mistake(example.packedResult(kernels)) == nil, "\(name), packed")
      }
    }
  }

  @Test func agreesWithTheSumsInFloat() { check(MachineKernels<Float>.all) }
  @Test func agreesWithTheSumsInDouble() { check(MachineKernels<Double>.all) }

  /// Sizes on both sides of every block border.
  @Test(arguments: Layout.allCases) fileprivate func agreesAcrossBlocks(_ layout: Layout) {
    for (m, n, k) in [
      (70, 60, 1023), (9, 50, 1025), (4, 70, 2100), (150, 20, 260), (150, 1200, 3), (1, 4200, 30),
      (1, 100, 2100), (2, 40, 1100), (3, 90, 1030),
    ] {
      let example = Example<Float>(m, n, k, layout, layout, bias: true, seed: 7)
      for kernels in MachineKernels<Float>.all {
        #expect(
          example.mistake(example.result { kernels.set.matrixProduct($0) }) == nil,
          "\(kernels.name), \(m) x \(k) x \(n)")
      }
    }
  }

  @Test func anEmptySumIsZeroOrTheBiasOrWhatWasThere() {
    for kernels in MachineKernels<Float>.all {
      for bias in [false, true] {
        for accumulate in [false, true] {
          let example = Example<Float>(3, 5, 0, bias: bias, accumulate: accumulate, seed: 2)
          let result = example.result { kernels.set.matrixProduct($0) }
          for index in 0..<15 {
            let expected =
              (bias ? example.bias![index % 5] : 0) + (accumulate ? example.c[index] : 0)
            #expect(result[index] == expected)
          }
        }
      }
    }
  }

  @Test func anEmptyResultIsLeftAlone() {
    for kernels in MachineKernels<Float>.all {
      for (m, n) in [(0, 5), (5, 0), (0, 0)] {
        let example = Example<Float>(m, n, 4, seed: 3)
        #expect(example.result { kernels.set.matrixProduct($0) } == example.c)
      }
    }
  }

  /// What was in `c` does not matter unless it is added to, not even NaN.
  @Test func overwritesNaN() {
    for kernels in MachineKernels<Float>.all {
      var example = Example<Float>(9, 41, 1100, seed: 4)
      let expected = example.result { kernels.set.matrixProduct($0) }
      example.c = example.c.map { _ in .nan }
      #expect(example.result { kernels.set.matrixProduct($0) }.dropLast() == expected.dropLast())
    }
  }

  /// One element's value depends on its row and its column alone.
  func checkBits<Scalar: TestedScalar>(_ kernels: [MachineKernels<Scalar>]) {
    for kernels in kernels {
      for (m, n, k) in [(37, 131, 19), (64, 96, 1100), (150, 50, 13)] {
        for bLayout in [Layout.rows, .columns] {
          let example = Example<Scalar>(m, n, k, .rows, bLayout, bias: true, seed: 5)
          let whole = example.result { kernels.set.matrixProduct($0) }
          #expect(example.packedResult(kernels) == whole)
          for (height, breadth) in [(1, n), (m, 1), (5, 7), (13, 48), (m, 16), (8, 100)] {
            let parts = example.result { product in
              for row in stride(from: 0, to: m, by: height) {
                for column in stride(from: 0, to: n, by: breadth) {
                  kernels.set.matrixProduct(
                    product.part(
                      rows: row..<min(row + height, m), columns: column..<min(column + breadth, n)))
                }
              }
            }
            #expect(parts == whole, "\(kernels.name) \(m) x \(n) in \(height) x \(breadth)")
          }
        }
      }
    }
  }

  @Test func noBitDependsOnTheSplitInFloat() { checkBits(MachineKernels<Float>.all) }
  @Test func noBitDependsOnTheSplitInDouble() { checkBits(MachineKernels<Double>.all) }

  @Test func noBitDependsOnTheLayoutOfTheLeftOperand() {
    for kernels in MachineKernels<Float>.all {
      let byRows = Example<Float>(61, 150, 1100, seed: 6)
      var byColumns = Example<Float>(61, 150, 1100, .columns, seed: 6)
      byColumns.b = byRows.b
      byColumns.c = byRows.c
      for i in 0..<61 { for p in 0..<1100 { byColumns.a[p * 61 + i] = byRows.a[i * 1100 + p] } }
      #expect(
        byRows.result { kernels.set.matrixProduct($0) }
          == byColumns.result { kernels.set.matrixProduct($0) })
    }
  }

  /// The product of few columns by way of the transposes, which a left operand that lies by columns
  /// allows, and without.
  @Test(arguments: [1, 3, 7, 8, 9, 13, 16, 17], [false, true])
  func noBitDependsOnTurningFewColumns(columns: Int, accumulate: Bool) {
    for (m, k) in [(32, 16), (45, 20), (300, 33), (40, 1100)] {
      let byRows = Example<Float>(m, columns, k, accumulate: accumulate, padding: 2, seed: 11)
      var byColumns = Example<Float>(
        m, columns, k, .columns, accumulate: accumulate, padding: 2, seed: 11)
      byColumns.b = byRows.b
      byColumns.c = byRows.c
      for i in 0..<m { for p in 0..<k { byColumns.a[p * m + i] = byRows.a[i * k + p] } }
      for kernels in MachineKernels<Float>.all {
        let result = byColumns.result { kernels.set.matrixProduct($0) }
        #expect(byColumns.mistake(result) == nil)
        #expect(
          result == byRows.result { kernels.set.matrixProduct($0) }, "\(kernels.name), \(m) x \(k)")
      }
    }
  }

  @Test(arguments: [20, 64, 65, 112, 200, 208, 240, 256])
  func packedColumnsAreUsedInRanges(_ n: Int) {
    for kernels in MachineKernels<Float>.all {
      let example = Example<Float>(17, n, 300, .rows, .columns, bias: true, seed: 8)
      let division = MatrixProduct<Float>.ColumnRanges(
        n, width: MatrixProduct<Float>.columnUnit, isPacked: true)
      let ranges = (0..<division.count).map { division[$0] }
      func result(_ uses: [Range<Int>]) -> [Float] {
        example.result { product in
          var packed = [Float](
            repeating: .nan, count: kernels.set.packedCount(rows: 300, columns: n))
          packed.withUnsafeMutableBufferPointer { packed in
            for range in ranges {
              kernels.set.pack(
                product.b + range.lowerBound * product.bColumn, row: product.bRow,
                column: product.bColumn, rows: 300, columns: range.count,
                to: packed.baseAddress! + range.lowerBound * 300)
            }
            var product = product
            product.packed = UnsafePointer(packed.baseAddress!)
            for range in uses {
              kernels.set.matrixProduct(product.part(rows: 0..<17, columns: range))
            }
          }
        }
      }
      let whole = example.result { kernels.set.matrixProduct($0) }
      #expect(result(ranges) == whole)
      #expect(result([0..<n]) == whole)
    }
  }

  @Test(arguments: Machine.all)
  func rightOperandsAreReadInPlaceWhereTheyLieWell(_ machine: Machine) {
    let table = Float.table(machine)
    func isInPlace(_ m: Int, _ n: Int, _ layout: Layout = .rows, isPacked: Bool = false) -> Bool {
      var isInPlace = false
      _ = Example<Float>(m, n, 20, .rows, layout, seed: 12).result { product in
        var product = product
        product.packed = isPacked ? product.b : nil
        isInPlace = table.readsInPlace(product)
      }
      return isInPlace
    }
    #expect(isInPlace(3, 64))
    // Rows that use each number often, an edge, columns, and what is laid out already.
    #expect(!isInPlace(5000, 64))
    #expect(!isInPlace(3, 65))
    #expect(!isInPlace(3, 64, .columns))
    #expect(!isInPlace(3, 64, isPacked: true))
  }

  @Test func rangesAreAllColumnsOnce() {
    for n in 1...300 {
      for width in [48, 96, 144] {
        let ranges = MatrixProduct<Float>.ColumnRanges(n, width: width, isPacked: true)
        let columns = (0..<ranges.count).flatMap { Array(ranges[$0]) }
        #expect(columns == Array(0..<n))
      }
    }
  }

  @Test(arguments: [
    (256, 256, 256), (64, 700, 1200), (1000, 40, 100), (2, 3, 4), (300, 300, 0), (1, 700, 1200),
    (9, 700, 300),
  ])
  func severalThreadsChangeNoBit(_ size: (Int, Int, Int)) {
    for kernels in MachineKernels<Float>.all {
      for layout in [Layout.rows, .columns] {
        let example = Example<Float>(
          size.0, size.1, size.2, layout, layout, bias: true, accumulate: true, seed: 9)
        let alone = example.result { kernels.set.matrixProduct($0) }
        #expect(example.result { $0.parallel(using: kernels.set) } == alone)
      }
    }
  }

  @Test(arguments: 1...9) func everyGridCoversTheResultOnce(threads: Int) {
    let example = Example<Float>(1, 1, 1, seed: 10)
    for (m, n, k) in [(1, 5000, 5000), (777, 333, 4000), (2048, 2048, 2048), (5000, 1, 5000)] {
      _ = example.result { product in
        var product = product
        (product.m, product.n, product.k) = (m, n, k)
        let grid = MatrixProduct<Float>.Grid(product, threads: threads)
        var rows = [Int](repeating: 0, count: m)
        var area = 0
        for index in 0..<grid.count {
          let part = grid.part(index)
          #expect(!part.rows.isEmpty && part.rows.upperBound <= m)
          #expect(!part.columns.isEmpty && part.columns.upperBound <= n)
          for row in part.rows { rows[row] += part.columns.count }
          area += part.rows.count * part.columns.count
        }
        #expect(area == m * n && rows.allSatisfy { $0 == n })
        #expect(threads == 1 ? grid.count == 1 : grid.count > 1)
      }
    }
  }
}
