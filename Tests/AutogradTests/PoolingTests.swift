import Autograd
import Testing

/// Maxima and means of windows, and their derivatives, beside plain loops.
@Suite struct PoolingTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var shape: Shape = [2, 3, 7, 9]
    var window = PoolingWindow([2, 2])

    init(_ window: PoolingWindow, of shape: Shape = [2, 3, 7, 9]) {
      self.window = window
      self.shape = shape
    }

    var testDescription: String { "\(window) of \(shape)" }

    private var extents: [Int] { [shape[shape.rank - 2], shape[shape.rank - 1]] }

    /// For each window of an image, the positions within the image that it sees.
    var windows: [[Int]] {
      let axes = (0..<2).map { axis -> [[Int]] in
        let covered = window.dilation[axis] * (window.size[axis] - 1) + 1
        let end = extents[axis] + window.padding[axis]
        var starts: [Int] = []
        var start = -window.padding[axis]
        while window.includesPartial
          ? start < extents[axis] && (starts.isEmpty || start - window.stride[axis] + covered < end)
          : start + covered <= end
        {
          starts.append(start)
          start += window.stride[axis]
        }
        return starts.map { start in
          (0..<window.size[axis]).map { start + $0 * window.dilation[axis] }
            .filter { $0 >= 0 && $0 < extents[axis] }
        }
      }
      return axes[0].flatMap { rows in
        axes[1].map { columns in
          rows.flatMap { row in columns.map { row * extents[1] + $0 } }
        }
      }
    }

    /// Elements of an image.
    var size: Int { extents[0] * extents[1] }
  }

  static let windows: [PoolingWindow] = [
    PoolingWindow([2, 2]), PoolingWindow([3, 2], stride: [2, 2], padding: [1, 1]),
    PoolingWindow([3, 3], stride: [1, 1], padding: [1, 1]), PoolingWindow([1, 1]),
    PoolingWindow([2, 3], stride: [3, 4]), PoolingWindow([7, 9]),
    PoolingWindow([2, 2], stride: [2, 3], includesPartial: true),
    PoolingWindow([3, 4], stride: [2, 3], padding: [1, 2], includesPartial: true),
    PoolingWindow([5, 5], stride: [1, 1], padding: [2, 2]),
  ]

  static let cases =
    windows.map { Case($0) } + [
      Case(PoolingWindow([2, 2]), of: [8, 16, 32, 40]),
      Case(PoolingWindow([2, 3], stride: [1, 2]), of: [33, 20]),
      Case(PoolingWindow([2, 2], stride: [2, 1]), of: [4, 1, 2, 2]),
    ]

  static let dilated = [
    Case(PoolingWindow([2, 2], stride: [1, 1], dilation: [2, 3])),
    Case(PoolingWindow([3, 2], stride: [2, 1], padding: [1, 1], dilation: [2, 1])),
  ]

  /// Whole numbers, of which many are equal.
  private func numbers<Scalar: FloatingPointScalar>(_ shape: Shape) -> Tensor<Scalar> {
    var generator = Generator(seed: 8)
    return floor(Tensor<Scalar>.uniform(shape, in: -4..<4, using: &generator))
  }

  private func checkMaxima<Scalar: FloatingPointScalar>(_: Scalar.Type, _ test: Case) {
    var x: [Scalar] = numbers(test.shape).scalars
    x[x.count / 2] = .nan
    let tensor = Tensor(x, shape: test.shape)
    let windows = test.windows
    let y = maxPool2d(tensor, test.window)
    let flow: Tensor<Scalar> = numbers(y.shape)
    let slope = gradient(at: tensor) { (maxPool2d($0, test.window).filledNaN() * flow).sum() }
    var expected: [Scalar] = []
    var slopes = [Scalar](repeating: 0, count: x.count)
    for image in 0..<(x.count / test.size) {
      for window in windows {
        let places = window.map { image * test.size + $0 }
        var best = places[0]
        for place in places where !x[best].isNaN && !(x[place] <= x[best]) { best = place }
        // Where the maximum is NaN nothing flows back.
        if !x[best].isNaN { slopes[best] += flow.scalars[expected.count] }
        expected.append(x[best])
      }
    }
    #expect(y.scalars.count == expected.count)
    #expect(zip(y.scalars, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
    #expect(slope.scalars == slopes)
  }

  @Test(arguments: cases + dilated)
  func `maxima and where their gradients go are those of plain loops`(_ test: Case) {
    checkMaxima(Float.self, test)
    checkMaxima(Double.self, test)
  }

  private func checkMeans<Scalar: FloatingPointScalar>(_: Scalar.Type, _ test: Case) {
    let x: Tensor<Scalar> = numbers(test.shape)
    let y = averagePool2d(x, test.window, divisor: .inputCells)
    let flow: Tensor<Scalar> = numbers(y.shape)
    let slope = gradient(at: x) {
      (averagePool2d($0, test.window, divisor: .inputCells) * flow).sum()
    }
    let (xs, flows) = (x.scalars.map { Double($0) }, flow.scalars.map { Double($0) })
    var expected: [Double] = []
    var slopes = [Double](repeating: 0, count: xs.count)
    for image in 0..<(xs.count / test.size) {
      for window in test.windows {
        let places = window.map { image * test.size + $0 }
        for place in places { slopes[place] += flows[expected.count] / Double(places.count) }
        expected.append(places.reduce(0) { $0 + xs[$1] } / Double(places.count))
      }
    }
    // Sums of up to 25 numbers below 4.
    let tolerance = 100 * Double(Scalar.ulpOfOne)
    #expect(y.scalars.count == expected.count)
    #expect(zip(y.scalars, expected).allSatisfy { abs(Double($0) - $1) <= tolerance })
    #expect(zip(slope.scalars, slopes).allSatisfy { abs(Double($0) - $1) <= tolerance })
  }

  @Test(arguments: cases)
  func `means and their gradients are those of plain loops`(_ test: Case) {
    checkMeans(Float.self, test)
    checkMeans(Double.self, test)
  }

  @Test(arguments: [Case(windows[1]), Case(windows[2]), Case(windows[7]), dilated[1]])
  func `gradients and their gradients agree with differences`(_ test: Case) {
    var generator = Generator(seed: 9)
    // Far enough apart that no difference exchanges two.
    let shape: Shape = [1, 7, 9]
    let x = Tensor<Double>.uniform(shape, in: -1..<1, using: &generator)
    let maxima = GradientCheck(at: [x], order: 2) { square(maxPool2d($0[0], test.window)) }
    #expect(maxima.passes, "\(maxima)")
    if test.window.dilation != [1, 1] { return }
    let means = GradientCheck(at: [x], order: 2) { square(averagePool2d($0[0], test.window)) }
    #expect(means.passes, "\(means)")
  }

  @Test(arguments: [windows[0], windows[2], windows[8]])
  func `the bits are the same for any number of threads`(_ window: PoolingWindow) {
    let before = Processor.threadCount
    defer { Processor.threadCount = before }
    var generator = Generator(seed: 10)
    let x = Tensor<Float>.normal([5, 13, 40, 41], using: &generator)
    func bits() -> [[Float]] {
      [maxPool2d(x, window), averagePool2d(x, window)].map(\.scalars) + [
        gradient(at: x) { square(maxPool2d($0, window)).sum() }.scalars,
        gradient(at: x) { square(averagePool2d($0, window)).sum() }.scalars,
      ]
    }
    Processor.threadCount = 1
    let reference = bits()
    for threads in [2, 3, 8] {
      Processor.threadCount = threads
      #expect(bits() == reference, "\(threads) threads")
    }
  }

  @Test func `minus infinity is larger than padding`() {
    let x = Tensor<Float>(repeating: -.infinity, shape: [1, 2, 2])
    let window = PoolingWindow([2, 2], stride: [1, 1], padding: [1, 1])
    #expect(maxPool2d(x, window).scalars.allSatisfy { $0 == -.infinity })
    let slopes = gradient(at: x) { maxPool2d($0, window).sum() }
    // Of the nine windows four see the first element first.
    #expect(slopes.scalars == [4, 2, 2, 1])
  }

  @Test func `nothing to pool`() {
    let window = PoolingWindow([2, 2])
    #expect(maxPool2d(Tensor<Float>.zeros([0, 3, 4, 4]), window).shape == [0, 3, 2, 2])
    #expect(averagePool2d(Tensor<Float>.zeros([2, 0, 4, 4]), window).shape == [2, 0, 2, 2])
  }
}

extension Tensor where Scalar: FloatingPointScalar {
  /// Zeros, through which no gradient flows, where there is no number.
  fileprivate func filledNaN() -> Tensor {
    filled(where: Tensor<Bool>(detached.scalars.map { $0.isNaN }, shape: shape), with: 0)
  }
}
