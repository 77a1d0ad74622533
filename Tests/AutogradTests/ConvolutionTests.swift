import Autograd
import Testing

/// Convolutions and their derivatives beside plain loops in `Double`.
@Suite struct ConvolutionTests {
  /// Shapes of a convolution, with numbers for its operands and its result's gradient.
  struct Case: CustomTestStringConvertible, Sendable {
    var batch = 2
    var channels = 3
    var outputs = 4
    var extents = [6, 7]
    var size = [3, 3]
    var stride = [1, 1]
    var padding = [0, 0]
    var dilation = [1, 1]
    var groups = 1
    var hasBias = true

    var testDescription: String {
      "\(batch)x\(channels)x\(extents) to \(outputs), size \(size), stride \(stride), padding "
        + "\(padding), dilation \(dilation), \(groups) groups\(hasBias ? "" : ", no bias")"
    }

    var shape: Shape { [batch, channels, extents[0], extents[1]] }
    var weightShape: Shape { [outputs, channels / groups, size[0], size[1]] }
    var count: [Int] {
      (0..<2).map {
        (extents[$0] + 2 * padding[$0] - dilation[$0] * (size[$0] - 1) - 1) / stride[$0] + 1
      }
    }
    var resultShape: Shape { [batch, outputs, count[0], count[1]] }

    func result<Scalar: FloatingPointScalar>(
      _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>
    ) -> Tensor<Scalar> {
      conv2d(
        x, weight, bias: hasBias ? bias : nil, stride: stride, padding: .each(padding),
        dilation: dilation, groups: groups)
    }

    /// Calls the body for every product of the sums: places in x, weight and result.
    func forEachProduct(_ body: (_ x: Int, _ weight: Int, _ result: Int) -> Void) {
      let (inner, outer) = (channels / groups, outputs / groups)
      for image in 0..<batch {
        for output in 0..<outputs {
          for channel in 0..<inner {
            let source = image * channels + output / outer * inner + channel
            for (row, column) in pairs(count[0], count[1]) {
              let place =
                ((image * outputs + output) * count[0] + row) * count[1] + column
              for (i, j) in pairs(size[0], size[1]) {
                let y = row * stride[0] + i * dilation[0] - padding[0]
                let x = column * stride[1] + j * dilation[1] - padding[1]
                if y < 0 || y >= extents[0] || x < 0 || x >= extents[1] { continue }
                body(
                  (source * extents[0] + y) * extents[1] + x,
                  ((output * inner + channel) * size[0] + i) * size[1] + j, place)
              }
            }
          }
        }
      }
    }

    private func pairs(_ rows: Int, _ columns: Int) -> [(Int, Int)] {
      (0..<rows).flatMap { row in (0..<columns).map { (row, $0) } }
    }
  }

  static let cases: [Case] = [
    .init(), .init(padding: [1, 1]), .init(padding: [2, 1]), .init(padding: [3, 4]),
    .init(batch: 1, extents: [1, 1], padding: [1, 1]),
    .init(batch: 1, channels: 1, outputs: 1, extents: [4, 3], size: [2, 1]),
    .init(channels: 1, outputs: 19, extents: [9, 5], padding: [1, 0], hasBias: false),
    .init(stride: [2, 2], padding: [1, 1]), .init(stride: [3, 1]), .init(stride: [1, 4]),
    .init(stride: [2, 3], padding: [1, 2], dilation: [3, 2]).widened(13, 14),
    .init(dilation: [2, 2]), .init(padding: [2, 2], dilation: [2, 2]),
    .init(padding: [3, 0], dilation: [3, 1]),
    .init(size: [1, 1]), .init(size: [1, 1], stride: [2, 2]),
    .init(size: [1, 1], padding: [1, 2]),
    .init(extents: [8, 9], size: [2, 2], stride: [4, 3]),
    .init(extents: [2, 2], size: [2, 2], stride: [2, 2], padding: [1, 1]),
    .init(extents: [1, 3], size: [3, 2], stride: [2, 2], padding: [1, 1]),
    .init(channels: 4, outputs: 6, padding: [1, 1], groups: 2),
    .init(channels: 4, outputs: 4, stride: [2, 1], padding: [1, 1], groups: 4),
    .init(channels: 3, outputs: 6, groups: 3, hasBias: false),
    .init(batch: 9, channels: 8, outputs: 9, extents: [5, 4], padding: [1, 1]),
    .init(batch: 20, channels: 2, outputs: 3, extents: [3, 3], padding: [1, 1]),
    .init(batch: 2, channels: 17, outputs: 23, extents: [16, 16], padding: [1, 1]),
    .init(batch: 1, channels: 2, outputs: 2, extents: [30, 50], size: [5, 5], padding: [2, 2]),
    .init(batch: 3, channels: 130, outputs: 5, extents: [3, 4], padding: [1, 1]),
    .init(batch: 3, channels: 5, outputs: 40, extents: [1, 100], size: [1, 5], padding: [0, 2]),
    .init(batch: 1, channels: 1, outputs: 2, extents: [1, 900], size: [1, 31], padding: [0, 15]),
    .init(batch: 1, channels: 2, outputs: 1, extents: [140, 130], padding: [1, 1]),
  ]

  private func check<Scalar: FloatingPointScalar>(_: Scalar.Type, _ test: Case) {
    var generator = Generator(seed: 3)
    let x = Tensor<Scalar>.uniform(test.shape, in: -1..<1, using: &generator)
    let weight = Tensor<Scalar>.uniform(test.weightShape, in: -1..<1, using: &generator)
    let bias = Tensor<Scalar>.uniform([test.outputs], in: -1..<1, using: &generator)
    let flow = Tensor<Scalar>.uniform(test.resultShape, in: -1..<1, using: &generator)
    let y = test.result(x, weight, bias)
    #expect(y.shape == test.resultShape)
    let (_, gradients) = valueWithGradient(at: [x, weight, bias]) {
      (test.result($0[0], $0[1], $0[2]) * flow).sum()
    }
    let (xs, ws, bs, ds) = (
      numbers(x), numbers(weight), numbers(bias), numbers(flow)
    )
    let windows = test.count[0] * test.count[1]
    var exact = [y, gradients[0], gradients[1], gradients[2]].map {
      [LongSumTests.Exact](repeating: .init(), count: $0.count)
    }
    for place in exact[0].indices {
      let output = place / windows % test.outputs
      if test.hasBias { exact[0][place].add(bs[output]) }
      if test.hasBias { exact[3][output].add(ds[place]) }
    }
    test.forEachProduct { x, weight, result in
      exact[0][result].add(xs[x] * ws[weight])
      exact[1][x].add(ds[result] * ws[weight])
      exact[2][weight].add(ds[result] * xs[x])
    }
    for (name, (found, exact)) in zip(
      ["result", "x", "weight", "bias"], zip([y] + gradients, exact))
    {
      let wrong = zip(numbers(found), exact).first {
        // A rounding for each product at most, and these go in either direction.
        abs($0 - $1.sum) > 16 * Double(Scalar.ulpOfOne) * $1.size
      }
      #expect(wrong == nil, "\(name): \(wrong.map { "\($0.0), not \($0.1.sum)" } ?? "")")
    }
  }

  private func numbers<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> [Double] {
    x.scalars.map { Double($0) }
  }

  @Test(arguments: cases)
  func `results and gradients are those of plain loops`(_ test: Case) {
    check(Float.self, test)
    check(Double.self, test)
  }

  @Test(arguments: cases.filter { $0.batch * $0.extents[0] * $0.extents[1] < 130 })
  func `gradients and their gradients agree with differences`(_ test: Case) {
    var generator = Generator(seed: 4)
    let operands = [test.shape, test.weightShape, [test.outputs]].map {
      Tensor<Double>.uniform($0, in: -1..<1, using: &generator)
    }
    let check = GradientCheck(at: operands, order: test.channels * test.outputs < 13 ? 2 : 1) {
      test.result($0[0], square($0[1]), $0[2])
    }
    #expect(check.passes, "\(check)")
  }

  @Test(arguments: [
    Case(batch: 40, channels: 8, outputs: 24, extents: [12, 12], padding: [1, 1]),
    Case(
      batch: 1, channels: 16, outputs: 32, extents: [40, 41], stride: [2, 1], padding: [1, 1]),
    Case(batch: 2, channels: 64, outputs: 96, extents: [6, 7], padding: [1, 1]),
    Case(batch: 5, channels: 32, outputs: 64, extents: [1, 300], size: [1, 5], padding: [0, 2]),
    Case(batch: 33, channels: 32, outputs: 32, extents: [9, 30], padding: [1, 1], groups: 32),
  ])
  func `the bits are the same for any number of threads`(_ test: Case) {
    let before = Processor.threadCount
    defer { Processor.threadCount = before }
    var generator = Generator(seed: 5)
    let operands = [test.shape, test.weightShape, [test.outputs]].map {
      Tensor<Float>.normal($0, using: &generator)
    }
    func bits() -> [[Float]] {
      let found = valueWithGradient(at: operands) {
        square(test.result($0[0], $0[1], $0[2])).sum()
      }
      return [test.result(operands[0], operands[1], operands[2]).scalars, [found.value.scalar]]
        + found.gradients.map(\.scalars)
    }
    Processor.threadCount = 1
    let reference = bits()
    for threads in [2, 3, 8] {
      Processor.threadCount = threads
      #expect(bits() == reference, "\(threads) threads")
    }
  }

  @Test func `nothing to convolve`() {
    let weight = Tensor<Float>.ones([3, 2, 2, 2])
    let bias = Tensor<Float>([1, 2, 3])
    let none = Tensor<Float>.zeros([0, 2, 4, 4])
    #expect(conv2d(none, weight, bias: bias).shape == [0, 3, 3, 3])
    let found = valueWithGradient(at: [none, weight, bias]) {
      conv2d($0[0], $0[1], bias: $0[2]).sum()
    }
    #expect(found.gradients[1].scalars.allSatisfy { $0 == 0 })
    #expect(found.gradients[2].scalars == [0, 0, 0])
    let blind = conv2d(
      Tensor<Float>.zeros([1, 0, 2, 2]), Tensor<Float>.zeros([3, 0, 2, 2]), bias: bias)
    #expect(blind.shape == [1, 3, 1, 1] && blind.scalars == [1, 2, 3])
  }

  @Test func `views are read as they are`() {
    var generator = Generator(seed: 6)
    let x = Tensor<Double>.normal([2, 3, 8, 6], using: &generator)
    let weight = Tensor<Double>.normal([2, 3, 2, 4], using: &generator)
    let turned = conv2d(x.permuted(axes: [0, 1, 3, 2]), weight.permuted(axes: [0, 1, 3, 2]))
    let expected = conv2d(x, weight).permuted(axes: [0, 1, 3, 2])
    #expect(zip(turned.scalars, expected.scalars).allSatisfy { abs($0 - $1) < 1e-12 })
    let repeated = Tensor<Double>.ones([1, 3, 1, 1]).expanded(to: [2, 3, 5, 5])
    #expect(conv2d(repeated, weight).scalars.allSatisfy { $0.isFinite })
  }

  @Test func `an infinite element reaches the gradients of those weights that see it`() {
    // Element 0 of the window does not see the last column.
    var x = [Double](repeating: 1, count: 8)
    x[3] = .infinity
    let image = Tensor<Double>(x, shape: [1, 1, 2, 4])
    let slopes = gradient(at: Tensor<Double>.ones([1, 1, 1, 2])) { conv2d(image, $0).sum() }
    #expect(slopes.scalars == [6, .infinity])
  }

  @Test func `an infinite weight reaches the gradients of those elements that it sees`() {
    let weight = Tensor<Double>([.infinity, 1, 1], shape: [1, 1, 1, 3])
    let slopes = gradient(at: Tensor<Double>.ones([1, 1, 1, 4])) {
      conv2d($0, weight, padding: .each([0, 1])).sum()
    }
    #expect(slopes.scalars == [.infinity, .infinity, .infinity, 2])
  }
}

extension ConvolutionTests.Case {
  fileprivate func widened(_ rows: Int, _ columns: Int) -> Self {
    var result = self
    result.extents = [rows, columns]
    return result
  }
}
