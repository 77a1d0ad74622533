// Every kernel of an instruction set beside plain loops, the C library, or the baseline in `Double`.

import Kernels

@_silgen_name("exp") private func libraryExp(_ x: Double) -> Double
@_silgen_name("expm1") private func libraryExpm1(_ x: Double) -> Double
@_silgen_name("log") private func libraryLog(_ x: Double) -> Double
@_silgen_name("log1p") private func libraryLog1p(_ x: Double) -> Double
@_silgen_name("sin") private func librarySin(_ x: Double) -> Double
@_silgen_name("cos") private func libraryCos(_ x: Double) -> Double
@_silgen_name("tanh") private func libraryTanh(_ x: Double) -> Double
@_silgen_name("erf") private func libraryErf(_ x: Double) -> Double
@_silgen_name("exit") private func exit(_ status: Int32) -> Never

nonisolated(unsafe) var compared = 0
nonisolated(unsafe) var failures = 0

struct Checks<Set: KernelSet> where Set.Stored == Set.Scalar {
  let name: StaticString
  typealias Ours = Runs<Set>
  typealias Exact = Runs<BaselineDouble>

  /// Each within so many units of the larger of 1 and the exact number; or of the number itself.
  func expect(
    _ what: StaticString, _ size: Int, _ ours: [Double], _ exact: [Double], units: Double,
    relative: Bool = false
  ) {
    endCase()
    if ours.count != exact.count { fatalError("counts differ") }
    for index in ours.indices {
      compared += 1
      let (x, y) = (ours[index], exact[index])
      if x == y || (x.isNaN && y.isNaN) { continue }
      let scale = relative ? abs(y) + 1e-30 : max(abs(y), 1)
      if abs(x - y) <= units * Double(Set.Scalar.ulpOfOne) * scale { continue }
      failures += 1
      if failures <= 20 {
        print("\(name): \(what), size \(size): number \(index) is wrong")
      }
    }
  }

  func elementwise() {
    var numbers = Generator()
    for size in 0...70 {
      let (x, y) = (numbers.uniform(size, 4), numbers.uniform(size, 4))
      let positive = x.map { abs($0) + 0.001 }
      for function in UnaryFunction.allCases {
        let isOfPositive: Bool =
          switch function {
          case .squareRoot, .reciprocalSquareRoot, .log, .log1p: true
          default: false
          }
        let x = isOfPositive ? positive : x
        // Polynomials of both are good to two units, and some are composed of several.
        expect(
          "a function", size, Ours.unary(function, x), Exact.unary(function, x), units: 16)
      }
      for function in BinaryFunction.allCases {
        let x = function == .power ? positive : x
        expect(
          "a function of two", size, Ours.binary(function, x, y), Exact.binary(function, x, y),
          units: 64, relative: false)
        if size > 1 {
          expect(
            "a function with one number", size, Ours.binary(function, x, [y[0]]),
            Exact.binary(function, x, [y[0]]), units: 64)
        }
      }
      let near = x.map { $0.rounded() }
      for comparison in Comparison.allCases {
        expect(
          "a comparison", size, Ours.compare(comparison, near, y.map { $0.rounded() }),
          Exact.compare(comparison, near, y.map { $0.rounded() }), units: 0)
      }
      expect(
        "sums", size, Ours.sums(x, y, factor: 0.5),
        zip(x, y).map { $1 + 1.5 * $0 } + x.map { _ in 0 },
        units: 4)
      expect("optimizers", size, Ours.optimizers(x, y, x), Exact.optimizers(x, y, x), units: 16)
      expect(
        "feature attention", size, Ours.featureAttention(x, y, positive, y),
        Exact.featureAttention(x, y, positive, y), units: 64)
    }
  }

  /// Against the C library's functions: relative errors, and numbers of all sizes.
  func functions() {
    var numbers = Generator()
    var x = numbers.uniform(2000, 20) + numbers.uniform(500, 0.01) + numbers.uniform(500, 80)
    x += [0, -0.0, .infinity, -.infinity, .nan, 88, -103, 1e-40, 3e38, -3e38, 0.5, 1.5, 2.5, -0.5]
    x = x.map { Double(Set.Scalar($0)) }
    func check(
      _ what: StaticString, _ function: UnaryFunction, _ x: [Double], _ exact: (Double) -> Double
    ) {
      let exact = x.map { Double(Set.Scalar(exact($0))) }
      expect(what, x.count, Ours.unary(function, x), exact, units: 4, relative: true)
    }
    check("exp", .exp, x, libraryExp)
    check("expm1", .expm1, x, libraryExpm1)
    check("log", .log, x.map { abs($0) }, libraryLog)
    check("log1p", .log1p, x.map { abs($0) }, libraryLog1p)
    check("tanh", .tanh, x, libraryTanh)
    check("erf", .erf, x, libraryErf)
    let angles = x.filter { abs($0) < 1e30 && abs($0) > 1e-30 }
    expect("sin", 0, Ours.unary(.sin, angles), angles.map(librarySin), units: 4)
    expect("cos", 0, Ours.unary(.cos, angles), angles.map(libraryCos), units: 4)
    check("floor", .floor, x) { $0.rounded(.down) }
    check("ceiling", .ceiling, x) { $0.rounded(.up) }
    check("rounded", .rounded, x) { $0.rounded(.toNearestOrEven) }
    check("square root", .squareRoot, x) { $0.squareRoot() }
    // The second number where either is none of the numbers: larger and smaller of a number and NaN.
    expect(
      "maximum of NaN", 1, Ours.binary(.maximum, [.nan, 1, 2, 3, 4], [1, .nan, 1, 4, 4]),
      [.nan, .nan, 2, 4, 4], units: 0)
  }

  func rows() {
    var numbers = Generator()
    for size in 1...70 {
      for (outer, inner) in [(1, 1), (3, 1), (2, 5), (1, 17)] {
        let extents = Extents(outer: outer, axis: size, inner: inner)
        let x = numbers.uniform(outer * size * inner, 2)
        let y = numbers.uniform(x.count, 2)
        for reduction in Reduction.allCases {
          expect(
            "a reduction", size, Ours.reduce(reduction, x, extents),
            Exact.reduce(reduction, x, extents), units: 64 + Double(size))
        }
        let mask = y.map { $0 < 1 }
        for logarithm in [false, true] {
          for mask in [nil, mask] {
            expect(
              "softmax", size, Ours.softmax(x, y, mask, extents, logarithm: logarithm),
              Exact.softmax(x, y, mask, extents, logarithm: logarithm), units: 64 + Double(size))
          }
        }
      }
      let (x, y) = (numbers.uniform(3 * size, 2), numbers.uniform(3 * size, 2))
      let (v, w) = (numbers.uniform(size, 1), numbers.uniform(size, 1))
      if size > 1 {
        expect(
          "layer norm", size, Ours.layerNorm(x, y, v, w, rows: 3),
          Exact.layerNorm(x, y, v, w, rows: 3), units: 4096)
      }
      let (keys, slopes) = (Array(y[..<(2 * size)]), numbers.uniform(6, 1))
      expect(
        "additive scores", size, Ours.additiveScores(x, keys, v, slopes),
        Exact.additiveScores(x, keys, v, slopes), units: 64 + Double(size))
      expect(
        "row products", size, Ours.rowProducts(x, v, rows: 3),
        (0..<3).map { row in (0..<size).reduce(0) { $0 + x[row * size + $1] * v[$1] } },
        units: 8 + Double(size))
      let columns = size / 2 + 1
      let block = numbers.uniform(size * columns, 1)
      expect(
        "transposition", size, Ours.transpose(block, rows: size, columns: columns),
        (0..<block.count).map { block[$0 % size * columns + $0 / size] }, units: 0)
    }
  }

  func recurrent() {
    for kind in RecurrentCellKind.allCases {
      for size in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33] {
        for rows in [1, 3, 9] {
          var (ours, exact) = (Generator(), Generator())
          expect(
            "recurrent steps", size, Ours.recurrent(kind, rows: rows, size: size, &ours),
            Exact.recurrent(kind, rows: rows, size: size, &exact), units: 256)
        }
      }
    }
  }

  func products() {
    var numbers = Generator()
    for m in [1, 2, 3, 4, 5, 7, 8, 9, 17, 40] {
      for n in [1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 24, 31, 50] {
        for k in [0, 1, 2, 5, 33, 300] {
          let (a, b) = (numbers.uniform(m * k, 1), numbers.uniform(k * n, 1))
          let (c, bias) = (numbers.uniform(m * n, 1), numbers.uniform(n, 1))
          for turned in [false, true] {
            var plain = [Double](repeating: 0, count: m * n)
            for i in 0..<m {
              for j in 0..<n {
                for p in 0..<k {
                  plain[i * n + j] += a[i * k + p] * b[turned ? j * k + p : p * n + j]
                }
              }
            }
            let added = zip(plain, c).map { $0 + $1 }
            let shifted = plain.indices.map { plain[$0] + bias[$0 % n] }
            for packed in [false, true] {
              expect(
                "a product", n,
                Ours.product(a, b, c, nil, m: m, n: n, k: k, turned: turned, packed: packed),
                added, units: 4 + Double(k))
              expect(
                "a product and a bias", n,
                Ours.product(a, b, c, bias, m: m, n: n, k: k, turned: turned, packed: packed),
                shifted, units: 4 + Double(k))
            }
          }
        }
      }
    }
  }

  func windows() {
    var numbers = Generator()
    for m in [1, 3, 8, 9, 17] {
      for (n, k) in [(1, 1), (5, 0), (16, 9), (31, 7), (48, 30), (49, 2), (65, 27)] {
        let (a, bias) = (numbers.uniform(m * k, 1), numbers.uniform(m, 1))
        // Stretches that overlap; a product may look at what is behind a stretch.
        let offsets = Room<Int>(count: max(k, 1))
        for p in 0..<offsets.count { offsets.start[p] = p * 7 % 97 }
        let b = numbers.uniform(96 + n + 64, 1)
        let result = Room<Set.Scalar>(count: m * n)
        let (left, right, shift) = (
          Room<Set.Scalar>(a), Room<Set.Scalar>(b), Room<Set.Scalar>(bias)
        )
        Set.windowProduct(
          WindowProduct(
            m: m, n: n, k: k, a: left.input, aRow: k, b: right.input, offsets: offsets.input,
            c: result.start, cRow: n, bias: shift.input))
        var plain: [Double] = []
        for i in 0..<m {
          for j in 0..<n {
            plain.append(
              (0..<k).reduce(bias[i]) { $0 + a[i * k + $1] * b[offsets.start[$1] + j] })
          }
        }
        expect("a product of windows", n, result.values, plain, units: 4 + Double(k))
      }
    }
  }

  func all() {
    elementwise()
    functions()
    rows()
    recurrent()
    products()
    windows()
    if Set.peak(iterations: 10) <= 0 { fatalError("no operations are counted") }
  }
}

Checks<NEONFloat>(name: "NEON, Float").all()
Checks<NEONDouble>(name: "NEON, Double").all()
print("\(compared) numbers compared, \(failures) wrong")
exit(failures == 0 ? 0 : 1)
