import Autograd
import Foundation
import Testing

/// Sums of up to ten million numbers in `Float`, beside the same in `Double`.
@Suite struct LongSumTests {
  static let counts = [10, 1000, 100_000, 10_000_000]

  /// Numbers whose sums go wrong in different ways: of equal ones every rounding is in the same
  /// direction, of positive ones the sum grows beyond them, of either sign it stays small.
  enum Numbers: CaseIterable {
    case equal, positive, ofEitherSign

    /// The first `count` of them.
    func callAsFunction(_ count: Int) -> Tensor<Float> {
      switch self {
      case .equal: Tensor(repeating: 0.1, shape: [count])
      case .positive: LongSumTests.positive.narrowed(axis: 0, to: 0..<count)
      case .ofEitherSign: LongSumTests.positive.narrowed(axis: 0, to: 0..<count) - 0.5
      }
    }
  }

  private static let positive: Tensor<Float> = {
    var generator = Generator(seed: 5)
    return .uniform([10_000_000], in: 0..<1, using: &generator)
  }()

  /// A sum in `Double`, and what four roundings of its terms make.
  struct Exact {
    var sum = 0.0
    var size = 0.0

    mutating func add(_ term: Double) {
      sum += term
      size += abs(term)
    }

    func agrees(with result: Float, times factor: Double = 1) -> Bool {
      abs(Double(result) * factor - sum) <= 4 * 0x1p-24 * size
    }
  }

  /// Sums along the axis of `[outer, axis, inner]`, in `Double`.
  static func sums(
    _ x: Tensor<Float>, _ outer: Int, _ axis: Int, _ inner: Int,
    _ term: (Double) -> Double = { $0 }
  ) -> [Exact] {
    var result = [Exact](repeating: Exact(), count: outer * inner)
    x.withUnsafeScalars { x in
      for o in 0..<outer {
        for a in 0..<axis {
          let row = (o * axis + a) * inner
          for i in 0..<inner { result[o * inner + i].add(term(Double(x[row + i]))) }
        }
      }
    }
    return result
  }

  /// Whether each sum agrees; where not, the first that does not.
  static func expectAgreement(
    _ results: Tensor<Float>, _ exact: [Exact], times factor: Double = 1, _ comment: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(results.count == exact.count, sourceLocation: sourceLocation)
    let wrong = zip(results.scalars, exact).first { !$1.agrees(with: $0, times: factor) }
    #expect(
      wrong == nil,
      "\(comment): \(wrong.map { "\(Double($0.0) * factor), not \($0.1.sum)" } ?? "")",
      sourceLocation: sourceLocation)
  }

  @Test(arguments: counts, Numbers.allCases)
  func `sums and means along each axis`(_ count: Int, _ numbers: Numbers) {
    // Outer, axis, inner; 70 columns are whole vectors and some more.
    for (outer, inner) in [(1, 1), (2, 1), (1, 2), (2, 3), (1, 70)]
    where outer * inner == 1 || count * outer * inner <= 7_000_000 {
      let x = numbers(outer * count * inner).reshaped([outer, count, inner] as Shape)
      let exact = Self.sums(x, outer, count, inner)
      let name = "\(x.shape)"
      Self.expectAgreement(x.sum(axes: 1).reshaped([outer * inner] as Shape), exact, name)
      Self.expectAgreement(
        x.mean(axes: 1).reshaped([outer * inner] as Shape), exact, times: Double(count), name)
      let turned = x.permuted(axes: [2, 1, 0])
      Self.expectAgreement(
        turned.sum(axes: 1).transposed().reshaped([outer * inner] as Shape), exact,
        "turned \(name)")
    }
    let all = Self.sums(numbers(count), 1, count, 1)
    Self.expectAgreement(numbers(count).sum().reshaped([1] as Shape), all, "all")
    let square = numbers(count).reshaped([10, count / 10] as Shape)
    Self.expectAgreement(square.sum(axes: 0, 1).reshaped([1] as Shape), all, "both axes")
    Self.expectAgreement(
      square.transposed().sum().reshaped([1] as Shape), all, "all of a turned one")
  }

  @Test(arguments: counts, Numbers.allCases)
  func `norms, variances and the like`(_ count: Int, _ numbers: Numbers) {
    let x = numbers(count)
    let sum = Self.sums(x, 1, count, 1)[0]
    let squares = Self.sums(x, 1, count, 1) { $0 * $0 }[0].sum
    let mean = sum.sum / Double(count)
    let variance = Self.sums(x, 1, count, 1) { ($0 - mean) * ($0 - mean) }[0].sum / Double(count)
    func expect(_ result: Tensor<Float>, _ exact: Double, _ size: Double) {
      #expect(abs(Double(result.scalar) - exact) <= 4 * 0x1p-24 * size, "\(result), not \(exact)")
    }
    expect(x.norm(), squares.squareRoot(), squares.squareRoot())
    expect(x.norm(.one), sum.size, sum.size)
    // Deviations of equal numbers are roundings of the numbers.
    let spread = variance.squareRoot() + 0x1p-24 * abs(mean)
    expect(x.variance(correction: 0), variance, spread * spread)
    expect(x.standardDeviation(correction: 0), variance.squareRoot(), spread)
    let exponentials = Self.sums(x, 1, count, 1) { Foundation.exp($0) }[0].sum
    let logarithm = Foundation.log(exponentials)
    expect(x.logSumExp(), logarithm, logarithm)
    let places = [0, count / 3, count - 1]
    func chosen(_ x: Tensor<Float>) -> [Float] {
      x.withUnsafeScalars { x in places.map { x[$0] } }
    }
    let weights = chosen(softmax(x, axis: 0))
    let logarithms = chosen(logSoftmax(x, axis: 0))
    for (place, number) in chosen(x).enumerated() {
      let exact = Double(number) - logarithm
      // The exponential itself is within two units, too.
      #expect(
        abs(Double(weights[place]) / Foundation.exp(exact) - 1) <= 6 * 0x1p-24)
      #expect(abs(Double(logarithms[place]) - exact) <= 4 * 0x1p-24 * (1 + abs(exact)))
    }
  }

  @Test(arguments: counts, Numbers.allCases)
  func `running sums, from either end`(_ count: Int, _ numbers: Numbers) {
    let x = numbers(count)
    let (running, slope) = valueWithPullback(x) { $0.cumulativeSum(axis: 0) }
    func check(_ results: Tensor<Float>, _ places: some Sequence<Int>) {
      x.withUnsafeScalars { x in
        results.withUnsafeScalars { results in
          var exact = Exact()
          var wrong: Int?
          for place in places {
            exact.add(Double(x[place]))
            if !exact.agrees(with: results[place]), wrong == nil { wrong = place }
          }
          #expect(wrong == nil)
        }
      }
    }
    check(running, 0..<count)
    check(slope, (0..<count).reversed())
    let columns = (count / 2, 2)
    let pairs = x.narrowed(axis: 0, to: 0..<(2 * columns.0)).reshaped([columns.0, 2] as Shape)
    let last = pairs.cumulativeSum(axis: 0).narrowed(axis: 0, to: (columns.0 - 1)..<columns.0)
    Self.expectAgreement(
      last.reshaped([2] as Shape), Self.sums(pairs, 1, columns.0, 2), "columns")
  }

  /// The value of a function, and its transpose applied to the same numbers.
  private func valueWithPullback(
    _ x: Tensor<Float>, _ function: (Tensor<Float>) -> Tensor<Float>
  ) -> (Tensor<Float>, Tensor<Float>) {
    (function(x), gradient(at: x) { (function($0) * x).sum() })
  }

  @Test func `a running sum of five million small numbers`() {
    let x = Tensor<Float>(repeating: 0.0005, shape: [5_000_000])
    #expect(x.cumulativeSum(axis: 0).scalars.last == 2500)
    // What comes after an infinity stays so, and only that.
    let infinite = Tensor<Float>([1, .infinity, 2, -.infinity, 3]).cumulativeSum(axis: 0).scalars
    #expect(infinite[..<3] == [1, .infinity, .infinity] && infinite[3].isNaN && infinite[4].isNaN)
  }

  @Test(arguments: counts, Numbers.allCases)
  func `gradients of rows and of elements that are chosen often`(
    _ count: Int, _ numbers: Numbers
  ) {
    let x = numbers(count)
    // Row 1 is chosen seldom, row 2 never.
    let indices = (0..<count).map { Int32($0 % 7 == 3 && $0 < 100 ? 1 : $0 % 2 == 0 ? 0 : 3) }
    var exact = [Exact](repeating: Exact(), count: 4)
    x.withUnsafeScalars { x in
      for (place, index) in indices.enumerated() { exact[Int(index)].add(Double(x[place])) }
    }
    let index = Tensor<Int32>(indices)
    let table = Tensor<Float>.ones([4, 1])
    Self.expectAgreement(
      gradient(at: table) { ($0.rows(index).reshaped([count] as Shape) * x).sum() }
        .reshaped([4] as Shape), exact, "rows")
    let list = Tensor<Float>.ones([4])
    Self.expectAgreement(
      gradient(at: list) { ($0.gathered(axis: 0, at: index) * x).sum() }, exact, "gathered")
    Self.expectAgreement(
      Tensor<Float>.zeros([4]).scatterAdding(x, axis: 0, at: index), exact, "scatterAdding")
  }

  @Test(arguments: counts)
  func `gradients of biases, scales and what is broadcast`(_ count: Int) {
    let x = Numbers.ofEitherSign(count).reshaped([count, 1] as Shape)
    let exact = Self.sums(x, 1, count, 1)
    let one = Tensor<Float>.ones([1])
    let inputs = Tensor<Float>.zeros([count, 1])
    let weight = Tensor<Float>.ones([1, 1])
    Self.expectAgreement(
      gradient(at: one) { (linear(inputs, weight, $0) * x).sum() }, exact, "linear")
    Self.expectAgreement(gradient(at: one) { ((inputs + $0) * x).sum() }, exact, "added")
    Self.expectAgreement(gradient(at: one) { (x * $0).sum() }, exact, "multiplied")
    let pairs = Numbers.ofEitherSign(count / 2 * 2).reshaped([count / 2, 2] as Shape)
    let sums = Self.sums(pairs, 1, count / 2, 2)
    let two = Tensor<Float>.ones([2])
    let rows = Tensor<Float>.zeros([count / 2, 2])
    Self.expectAgreement(
      gradient(at: two) { (layerNorm(rows, shape: [2], bias: $0) * pairs).sum() }, sums,
      "layerNorm")
    Self.expectAgreement(
      gradient(at: two) { (batchNorm(rows, bias: $0).output * pairs).sum() }, sums, "batchNorm")
  }

  @Test(arguments: [10, 1000, 100_000])
  func `windows that share an element many times`(_ count: Int) {
    // Each element is in up to `width` windows.
    let width = 100
    let x = Tensor<Float>(repeating: 1, shape: [1, 1, count + width])
    let window = PoolingWindow([1, width], stride: [1, 1])
    let slope = gradient(at: x) { averagePool2d($0, window).sum() * 0.1 }.scalars
    let each = Double(Float(0.1) / Float(width))
    for place in [0, width / 2, count] {
      let hits = Double(min(place, count) - max(place - width + 1, 0) + 1)
      #expect(abs(Double(slope[place]) - hits * each) <= 4 * 0x1p-24 * hits * each)
    }
  }

  @Test(arguments: [1000, 100_000, 10_000_000], [1, 10])
  func `gradients of the weights of windows`(_ count: Int, _ batch: Int) {
    let x = Numbers.positive(count).reshaped([batch, 1, count / batch] as Shape)
    let exact = Self.sums(x, 1, count, 1)[0].sum * Double(Float(0.1))
    let slope = gradient(at: Tensor<Float>.ones([2, 1, 1])) {
      (conv1d(x, $0) * Tensor<Float>(repeating: 0.1, shape: [1])).sum()
    }
    for number in slope.scalars {
      // As of a product with long sums.
      #expect(abs(Double(number) / exact - 1) < 64 * 0x1p-24)
    }
  }

  @Test(arguments: [10, 1000, 100_000])
  func `attention to each feature over many steps`(_ time: Int) {
    let x = Numbers.positive(time * 2).reshaped([1, time, 2] as Shape)
    for scores in [Tensor<Float>(repeating: 0.1, shape: [1, time, 2]), x] {
      var weights = [Exact](repeating: Exact(), count: 2)
      var terms = weights
      for (place, (score, state)) in zip(scores.scalars, x.scalars).enumerated() {
        let weight = Foundation.exp(Foundation.tanh(Double(score)))
        weights[place % 2].add(weight)
        terms[place % 2].add(weight * Double(state))
      }
      let result = featureAttention(scores: scores, states: x).scalars
      for feature in 0..<2 {
        let exact = terms[feature].sum / weights[feature].sum
        // Besides both sums, a weight is within four units itself.
        #expect(abs(Double(result[feature]) / exact - 1) <= 8 * 0x1p-24)
      }
    }
  }

  @Test(arguments: [10, 1000, 100_000])
  func `gradients of additive scores of many keys`(_ count: Int) {
    let dy = Numbers.equal(count).reshaped([1, 1, count] as Shape)
    let query = Tensor<Float>(repeating: 0.3, shape: [1, 1, 1])
    let keys = Tensor<Float>.zeros([1, count, 1])
    let v = Tensor<Float>.ones([1])
    let gradients = valueWithGradient(at: [query, keys, v]) {
      (additiveScores(queries: $0[0], keys: $0[1], v: $0[2]) * dy).sum()
    }.gradients
    let t = Foundation.tanh(Double(Float(0.3)))
    let sum = Double(Float(0.1)) * Double(count)
    // The hyperbolic tangent is within two units.
    #expect(abs(Double(gradients[0].scalar) / (sum * (1 - t * t)) - 1) <= 6 * 0x1p-24)
    #expect(abs(Double(gradients[2].scalar) / (sum * t) - 1) <= 6 * 0x1p-24)
  }

  @Test(arguments: [100_000, 10_000_000])
  func `products with long sums`(_ count: Int) {
    let x = Numbers.equal(count)
    let y = Numbers.positive(count)
    let exact = Self.sums(y, 1, count, 1)[0].sum * Double(Float(0.1))
    let row = x.reshaped([1, count] as Shape)
    let column = y.reshaped([count, 1] as Shape)
    let products = [
      matmul(row, column), matmul(row, y.reshaped([1, count] as Shape).transposed()),
      matmul(x.reshaped([1, 1, count] as Shape), column.reshaped([1, count, 1] as Shape)),
      matmul(
        Tensor.concatenated([row, row], axis: 0), Tensor.concatenated([column, column], axis: 1)),
    ]
    for product in products {
      for number in product.scalars {
        // A block of 1024 terms is added up term by term, and 16 blocks one by one.
        #expect(abs(Double(number) / exact - 1) < 64 * 0x1p-24)
      }
    }
  }

  @Test func `sums of infinities and NaN are what they are`() {
    for place in [0, 5, 300, 4999] {
      for shape in [[5000, 1], [1, 5000], [50, 100]] as [Shape] {
        var x = [Float](repeating: 1, count: 5000)
        x[place] = .infinity
        #expect(Tensor(x, shape: shape).sum().scalar == .infinity)
        #expect(Tensor(x, shape: shape).sum(axes: 0).scalars.contains(.infinity))
        #expect(Tensor(x, shape: shape).sum(axes: 1).scalars.contains(.infinity))
        #expect(!Tensor(x, shape: shape).sum(axes: 0).scalars.contains { $0.isNaN })
        x[place] = .nan
        #expect(Tensor(x, shape: shape).sum().scalar.isNaN)
      }
    }
    let large = [Float](repeating: .greatestFiniteMagnitude, count: 3000)
    #expect(Tensor(large).sum().scalar == .infinity)
    #expect(
      Tensor(large, shape: [1000, 3]).sum(axes: 0).scalars == [.infinity, .infinity, .infinity])
  }
}
