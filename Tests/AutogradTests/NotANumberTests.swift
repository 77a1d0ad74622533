import Autograd
import Testing

/// What becomes of NaN and infinity. Stated in Documentation/Semantics.md.
@Suite struct NotANumberTests {
  /// Long enough for whole vectors and for a rest, NaN at every position once.
  private func withNaN<Scalar: FloatingPointScalar>(_: Scalar.Type) -> [(Int, Tensor<Scalar>)] {
    [1, 3, 16, 37].flatMap { count in
      (0..<count).map { place in
        var x = Tensor<Scalar>((0..<count).map { Scalar($0) })
        x[place] = .nan
        return (place, x)
      }
    }
  }

  @Test func `functions of NaN are NaN`() {
    check(Float.self)
    check(Double.self)
  }

  private func check<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let functions: [(String, (Tensor<Scalar>) -> Tensor<Scalar>)] = [
      ("negate", { -$0 }), ("exp", exp), ("expm1", expm1), ("log", log), ("log1p", log1p),
      ("sqrt", sqrt), ("rsqrt", rsqrt), ("square", square), ("reciprocal", reciprocal),
      ("sin", sin), ("cos", cos), ("tanh", tanh), ("sigmoid", sigmoid), ("erf", erf),
      ("relu", relu), ("abs", abs), ("floor", floor), ("ceil", ceil), ("round", round),
      ("silu", silu), ("gelu", { gelu($0) }), ("softplus", { softplus($0) }),
      ("elu", { elu($0) }), ("leakyReLU", { leakyReLU($0) }), ("logSigmoid", logSigmoid),
      ("clamped", { $0.clamped(to: -1...1) }),
      ("max", { max($0, Tensor(0)) }), ("max of the other", { max(Tensor(0), $0) }),
      ("min", { min($0, Tensor(0)) }), ("min of the other", { min(Tensor(0), $0) }),
    ]
    for (name, function) in functions {
      for (place, x) in withNaN(Scalar.self) {
        let y = function(x).scalars
        #expect(y[place].isNaN, "\(name) of \(Scalar.self)")
        #expect(y.indices.allSatisfy { $0 == place || $0 == 0 || !y[$0].isNaN }, "\(name)")
      }
    }
  }

  @Test func `reductions with NaN are NaN, and so are their positions`() {
    for (place, x) in withNaN(Double.self) + withNaN(Double.self).map({ ($0, -$1) }) {
      #expect(x.sum().scalar.isNaN && x.mean().scalar.isNaN && x.product().scalar.isNaN)
      #expect(x.max().scalar.isNaN && x.min().scalar.isNaN)
      #expect(x.logSumExp().scalar.isNaN && x.variance(correction: 0).scalar.isNaN)
      #expect(x.norm().scalar.isNaN && x.norm(.infinity).scalar.isNaN)
      #expect(x.argmax().scalar == Int32(place) && x.argmin().scalar == Int32(place))
      #expect(softmax(x, axis: 0).scalars.allSatisfy { $0.isNaN })
    }
  }

  @Test func `NaN is equal to nothing, and neither larger nor smaller`() {
    let x = Tensor<Double>([.nan, .nan])
    let y = Tensor<Double>([.nan, 1])
    #expect((x .== y).scalars == [false, false])
    #expect((x .!= y).scalars == [true, true])
    for result in [x .< y, x .<= y, x .> y, x .>= y] { #expect(result.scalars == [false, false]) }
    #expect(x != x)
  }

  @Test func `NaN is the largest in an order`() {
    let x = Tensor<Double>([2, .nan, 1, .infinity])
    #expect(x.sorted().indices.scalars == [2, 0, 3, 1])
    #expect(x.sorted(descending: true).indices.scalars == [1, 3, 0, 2])
    #expect(x.topK(1, largest: false).indices.scalars == [2])
    #expect(
      maxPool2d(Tensor<Double>([[1, .nan], [3, 4]]), PoolingWindow([2, 2])).scalar.isNaN)
  }

  @Test func `softmax of infinities`() {
    let low = -Double.infinity
    #expect(softmax(Tensor<Double>([low, 0]), axis: 0).scalars == [0, 1])
    #expect(logSoftmax(Tensor<Double>([low, 0]), axis: 0).scalars == [low, 0])
    #expect(softmax(Tensor<Double>([low, low]), axis: 0).scalars.allSatisfy { $0.isNaN })
    #expect(softmax(Tensor<Double>([.infinity, 0]), axis: 0).scalars[0].isNaN)
    #expect(Tensor<Double>([low, low]).logSumExp().scalar == low)
    #expect(Tensor<Double>([.infinity, 0]).logSumExp().scalar == .infinity)
    let infinite = gradient(at: Tensor<Double>(.infinity)) { $0.logSumExp() }
    #expect(infinite.scalar.isNaN)
    let picked = gradient(at: Tensor<Double>([low, 0])) { logSoftmax($0, axis: 0).sum() }
    #expect(picked.scalars == [1, -1])
    let leftOut = gradient(at: Tensor<Double>([low, 0])) {
      logSoftmax($0, axis: 0, mask: Tensor([false, true])).sum()
    }
    #expect(leftOut.scalars == [0, 0])
    let gradients = gradient(at: Tensor<Double>([low, 0, 1])) { softmax($0, axis: 0)[1...] }
    #expect(gradients.scalars[0] == 0 && gradients.scalars.allSatisfy { $0.isFinite })
  }

  @Test func `division by 0 and overflow follow the arithmetic`() {
    let y = (Tensor<Double>([1, -1, 0]) / Tensor([0, 0, 0])).scalars
    #expect(y[0] == .infinity && y[1] == -.infinity && y[2].isNaN)
    #expect(exp(Tensor<Float>([100, -200])).scalars == [.infinity, 0])
    #expect(Tensor<Double>([1e300]).converted(to: Float.self).scalars == [.infinity])
    #expect(tanh(Tensor<Float>([.infinity, -.infinity])).scalars == [1, -1])
    #expect(sigmoid(Tensor<Float>([.infinity, -.infinity])).scalars == [1, 0])
    #expect(relu(Tensor<Float>([.infinity, -.infinity])).scalars == [.infinity, 0])
  }

  @Test func `gradients at NaN are PyTorch's`() {
    let x = Tensor<Double>([.nan, -1, 2])
    func slope(_ function: (Tensor<Double>) -> Tensor<Double>) -> [Double] {
      gradient(at: x) { function($0).sum() }.scalars
    }
    #expect(sign(x).scalars == [0, -1, 1])
    #expect(slope(abs) == [0, -1, 1])
    #expect(slope(relu) == [1, 0, 1])
    #expect(slope { elu($0) } == [1, exp(Tensor<Double>(-1)).scalar, 1])
    #expect(slope { $0.clamped(to: 0...) } == [0, 0, 1])
    #expect(slope { $0.clamped(to: ...0) } == [0, 1, 0])
    #expect(slope { max($0, Tensor(0)) } == [1, 0, 1])
    #expect(slope { min(Tensor(0), $0) } == [1, 1, 0])
    #expect(slope { $0.norm(.one) } == [0, -1, 1])
    #expect(slope { $0.norm(.infinity) } == [0, 0, 0])
    // Long enough for whole vectors and for a rest.
    let long = Tensor<Float>(repeating: .nan, shape: [37])
    #expect(gradient(at: long) { relu($0).sum() }.scalars == Array(repeating: 1, count: 37))
    #expect(gradient(at: long) { abs($0).sum() }.scalars == Array(repeating: 0, count: 37))
  }

  @Test func `an extreme that is NaN has gradients that are NaN`() {
    #expect(gradient(at: Tensor<Double>([1, .nan])) { $0.max() }.scalars.allSatisfy { $0.isNaN })
  }
}

extension Tensor where Scalar == Double {
  /// The sum of the elements from the given one on.
  fileprivate subscript(range: PartialRangeFrom<Int>) -> Tensor {
    narrowed(axis: 0, to: range.lowerBound..<count).narrowed(axis: 0, to: 0..<1).sum()
  }
}
