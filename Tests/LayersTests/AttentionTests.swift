import Autograd
import Layers
import Testing

/// What holds for attention with any score.
@Suite struct AttentionTests {
  private static let sizes = (query: 4, key: 4, hidden: 5, value: 3)

  @Test(arguments: ScoreKind.allCases)
  func `first and second derivatives agree with finite differences`(kind: ScoreKind) {
    let attention = kind.attention(Double.self)
    let shapes: [Shape] = [[2, 2, 4], [2, 3, 4], [2, 3, 3]]
    var generator = Generator(seed: 4)
    let inputs = shapes.map { Tensor<Double>.normal($0, using: &generator) }
    let byKey = Tensor<Bool>([true, false, true, false, false, false], shape: [2, 3])
    let byQuery = Tensor<Bool>(
      [true, false, true, true, true, true, false, false, false, false, true, true],
      shape: [2, 2, 3])
    for (keyMask, mask) in [(nil, nil), (byKey, nil), (nil, byQuery), (byKey, byQuery)] {
      // Central differences with step 1e-5 err by about 1e-10 times third derivatives up to 100.
      let check = GradientCheck(at: inputs, order: 2, tolerance: 1e-7) { inputs in
        let (context, weights) = attention(
          queries: inputs[0], keys: inputs[1], values: inputs[2], keyMask: keyMask, mask: mask)
        return .concatenated([context, weights], axis: 2)
      }
      #expect(check.passes, "\(check)")
    }
  }

  @Test(arguments: ScoreKind.allCases)
  func `steps against a prepared memory give what all queries at once give`(kind: ScoreKind) {
    let attention = kind.attention(Double.self)
    let (queries, keys, values) = Self.inputs(Double.self, keys: 6)
    let mask = Tensor<Bool>((0..<18).map { $0 % 6 < 4 || $0 < 6 }, shape: [3, 6])
    let (context, weights) = attention(queries: queries, keys: keys, values: values, keyMask: mask)
    let memory = attention.prepare(keys: keys, values: values, keyMask: mask)
    for step in 0..<2 {
      let (stepContext, stepWeights) = attention(queries.selected(axis: 1, at: step), memory)
      #expect(stepContext.shape == [3, 3] && stepWeights.shape == [3, 6])
      // The products may add up in another order: a few roundings of numbers of size 1.
      #expect(stepContext.isClose(to: context.selected(axis: 1, at: step), within: 1e-14))
      #expect(stepWeights.isClose(to: weights.selected(axis: 1, at: step), within: 1e-14))
    }
  }

  @Test(arguments: ScoreKind.allCases)
  func `the values are the keys unless given`(kind: ScoreKind) {
    let attention = kind.attention(Double.self)
    let (queries, keys, _) = Self.inputs(Double.self, keys: 6)
    #expect(
      attention(queries: queries, keys: keys).context
        == attention(queries: queries, keys: keys, values: keys).context)
  }

  @Test(arguments: ScoreKind.allCases)
  func `a query with nothing to attend to has zero weights, context and gradients`(
    kind: ScoreKind
  ) {
    let attention = kind.attention(Double.self)
    let (queries, keys, values) = Self.inputs(Double.self, keys: 6)
    // NaN where a query is alone: it must reach nothing.
    let broken =
      queries
      * Tensor([[[1.0], [1]], [[.nan], [.nan]], [[1], [.nan]]].flatMap { $0 })
      .reshaped([3, 2, 1] as Shape)
    var allowed = [Bool](repeating: true, count: 36)
    for i in 12..<24 { allowed[i] = false }
    for i in 30..<36 { allowed[i] = false }
    let mask = Tensor<Bool>(allowed, shape: [3, 2, 6])
    let (outputs, gradients) = vectorJacobianProduct(at: [broken, keys, values]) {
      let (context, weights) = attention(queries: $0[0], keys: $0[1], values: $0[2], mask: mask)
      return [context, weights]
    } cotangents: {
      $0.map { Tensor(repeating: 1.5, shape: $0.shape) }
    }
    for output in outputs {
      #expect(output.narrowed(axis: 0, to: 1..<2).scalars.allSatisfy { $0 == 0 })
      #expect(
        output.selected(axis: 0, at: 2).selected(axis: 0, at: 1).scalars.allSatisfy { $0 == 0 })
      #expect(output.selected(axis: 0, at: 2).selected(axis: 0, at: 0).scalars.contains { $0 != 0 })
    }
    for gradient in gradients {
      #expect(gradient!.scalars.allSatisfy { $0.isFinite })
      #expect(gradient!.narrowed(axis: 0, to: 1..<2).scalars.allSatisfy { $0 == 0 })
    }
    #expect(
      gradients[0]!.selected(axis: 0, at: 2).selected(axis: 0, at: 1).scalars.allSatisfy { $0 == 0 }
    )
    let (_, parameters) = valueWithGradient(at: attention) {
      $0(queries: broken, keys: keys, values: values, mask: mask).context.sum()
    }
    #expect(parameters.count == attention.parameters.count)
    #expect(parameters.firstNonFinite == nil)
  }

  @Test(arguments: ScoreKind.allCases, [Double.nan, .infinity])
  func `what stands at a masked position has no influence`(kind: ScoreKind, junk: Double) {
    let attention = kind.attention(Double.self)
    let (queries, keys, values) = Self.inputs(Double.self, keys: 6)
    let mask = Tensor<Bool>((0..<18).map { $0 % 6 < 4 }, shape: [3, 6])
    let place = !mask.unsqueezed(axis: 2)
    func run(_ junk: Double) -> ([Tensor<Double>], [Tensor<Double>]) {
      let inputs = [
        queries, keys.filled(where: place, with: junk), values.filled(where: place, with: junk),
      ]
      let (outputs, gradients) = vectorJacobianProduct(at: inputs) {
        let (context, weights) = attention(
          queries: $0[0], keys: $0[1], values: $0[2], keyMask: mask)
        return [context, weights]
      } cotangents: {
        $0.map { Tensor(repeating: 1.5, shape: $0.shape) * ($0 + 1) }
      }
      let (_, parameters) = valueWithGradient(at: attention) {
        $0(queries: inputs[0], keys: inputs[1], values: inputs[2], keyMask: mask).context.sum()
      }
      let ofParameters = attention.parameters.map {
        parameters[$0.parameter as! Parameter<Double>]!
      }
      return (outputs, gradients.map { $0! } + ofParameters)
    }
    let (ours, clean) = (run(junk), run(0))
    #expect(ours.0 == clean.0)
    #expect(ours.1 == clean.1)
    #expect(ours.1[1].scalars.contains { $0 != 0 } || kind == .dot)
  }

  @Test(arguments: ScoreKind.allCases)
  func `padding changes no bit`(kind: ScoreKind) {
    checkPadding(kind.attention(Float.self))
    checkPadding(kind.attention(Double.self))
  }

  private func checkPadding<Scalar>(_ attention: Attention<AnyScore<Scalar>>) {
    for (count, padded) in [(1, 2), (5, 7), (7, 30), (16, 17), (30, 64)] {
      let (queries, keys, values) = Self.inputs(Scalar.self, keys: count)
      let widths = [2, count, count]
      func run(_ length: Int) -> [Tensor<Scalar>] {
        let mask = Tensor<Bool>((0..<(3 * length)).map { $0 % length < count }, shape: [3, length])
        func widened(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
          let rest = Tensor<Scalar>(repeating: 7, shape: [3, length - count, x.shape[2]])
          return .concatenated([x, rest], axis: 1)
        }
        let (outputs, gradients) = vectorJacobianProduct(
          at: [queries, widened(keys), widened(values)]
        ) {
          let (context, weights) = attention(
            queries: $0[0], keys: $0[1], values: $0[2], keyMask: mask)
          return [context, weights.narrowed(axis: 2, to: 0..<count)]
        } cotangents: {
          $0.map { $0 + 1 }
        }
        return outputs + zip(gradients, widths).map { $0!.narrowed(axis: 1, to: 0..<$1) }
      }
      for (part, pair) in zip(run(count), run(padded)).enumerated() {
        #expect(
          (pair.0 == pair.1) == true,
          "\(Scalar.self) part \(part): \(count) keys in \(padded) positions")
      }
    }
  }

  private static func inputs<Scalar: FloatingPointScalar>(
    _: Scalar.Type, keys: Int
  ) -> (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) {
    var generator = Generator(seed: 5)
    return (
      .normal([3, 2, sizes.query], using: &generator),
      .normal([3, keys, sizes.key], using: &generator),
      .normal([3, keys, sizes.value], using: &generator)
    )
  }
}

/// The scores, to go through them all.
enum ScoreKind: CaseIterable {
  case dot, scaledDot, general, additive, concat

  /// Attention with this score for queries and keys of 4 features.
  func attention<Scalar: FloatingPointScalar>(_: Scalar.Type) -> Attention<AnyScore<Scalar>> {
    var generator = Generator(seed: 6)
    let score: any AttentionScore<Scalar> =
      switch self {
      case .dot: DotScore()
      case .scaledDot: ScaledDotScore()
      case .general: GeneralScore(querySize: 4, keySize: 4, using: &generator)
      case .additive: AdditiveScore(querySize: 4, keySize: 4, hiddenSize: 5, using: &generator)
      case .concat: ConcatScore(querySize: 4, keySize: 4, hiddenSize: 5, using: &generator)
      }
    return Attention(AnyScore(score))
  }
}

/// Any score behind one type.
struct AnyScore<Scalar: FloatingPointScalar>: AttentionScore {
  let score: any AttentionScore<Scalar>

  init(_ score: any AttentionScore<Scalar>) { self.score = score }

  func prepare(keys: Tensor<Scalar>) -> Tensor<Scalar> { score.prepare(keys: keys) }

  func callAsFunction(queries: Tensor<Scalar>, keys: Tensor<Scalar>) -> Tensor<Scalar> {
    score(queries: queries, keys: keys)
  }
}

extension Tensor where Scalar: FloatingPointScalar {
  /// Same shape, and no element farther off than `distance`.
  func isClose(to other: Tensor, within distance: Scalar) -> Bool {
    shape == other.shape && zip(scalars, other.scalars).allSatisfy { abs($0 - $1) <= distance }
  }
}
