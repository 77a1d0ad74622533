import Autograd
import Layers
import Testing

/// Random masks, lengths and shapes: what a query may not attend to has no influence on it, and it
/// none on that, in values and gradients.
@Suite struct AttentionPaddingTests {
  /// A kind of attention, from queries, keys, values and mask to context and weights.
  struct Kind: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Whether results of one query have the same bits whatever the others are.
    let make:
      @Sendable (inout Generator, (queries: Int, keys: Int)) -> (
        layer: any Layer, size: Int,
        run: ([Tensor<Double>], Tensor<Bool>) -> [Tensor<Double>]
      )

    static let all: [Kind] =
      ScoreKind.allCases.map { score in
        Kind(testDescription: "Attention, \(score)") { _, _ in
          let attention = score.attention(Double.self)
          return (
            attention, 4,
            {
              let (context, weights) = attention(
                queries: $0[0], keys: $0[1], values: $0[2], mask: $1)
              return [context, weights]
            }
          )
        }
      } + [
        Kind(testDescription: "MultiHeadAttention") { generator, _ in
          let heads = generator.pick([1, 2, 4])
          let layer = MultiHeadAttention<Double>(4, heads: heads, using: &generator)
          return (
            layer, 4,
            {
              let (output, weights) = layer(
                queries: $0[0], keys: $0[1], values: $0[2], mask: $1, averagesWeights: true)
              return [output, weights]
            }
          )
        },
        Kind(testDescription: "scaledDotProductAttention") { _, _ in
          (
            NoLayer(), 4,
            { [scaledDotProductAttention(queries: $0[0], keys: $0[1], values: $0[2], mask: $1)] }
          )
        },
        Kind(testDescription: "scaledDotProductAttention with a bias") { generator, sizes in
          let bias = Tensor<Double>.normal([sizes.queries, sizes.keys], using: &generator)
          return (
            NoLayer(), 4,
            {
              [
                scaledDotProductAttention(
                  queries: $0[0], keys: $0[1], values: $0[2], mask: $1, bias: bias)
              ]
            }
          )
        },
      ]
  }

  struct NoLayer: Layer {}

  @Test(arguments: Kind.all)
  func `a key that is not a number reaches only the queries that may attend to it`(kind: Kind) {
    for seed in 0..<12 { checkPoison(kind, seed: UInt64(seed), input: 1) }
  }

  @Test(arguments: Kind.all)
  func `a query that is not a number reaches only the keys that it may attend to`(kind: Kind) {
    for seed in 0..<12 { checkPoison(kind, seed: UInt64(seed), input: 0) }
  }

  /// Compares a run in which one query, or one key with its value, is not a number with one in
  /// which it is.
  private func checkPoison(_ kind: Kind, seed: UInt64, input: Int) {
    var generator = Generator(seed: seed)
    let batch = Int.random(in: 1...3, using: &generator)
    let (queries, keys) = (
      Int.random(in: 2...9, using: &generator), Int.random(in: 2...20, using: &generator)
    )
    let (layer, size, run) = kind.make(&generator, (queries, keys))
    let allowed = (0..<(batch * queries * keys)).map { _ in
      Double.random(in: 0..<1, using: &generator) < 0.6
    }
    let mask = Tensor<Bool>(allowed, shape: [batch, queries, keys])
    let inputs = [queries, keys, keys].map {
      Tensor<Double>.normal([batch, $0, size], using: &generator)
    }
    let poisoned = Int.random(in: 0..<(input == 0 ? queries : keys), using: &generator)
    func results(_ junk: Double) -> Run<Double> {
      var inputs = inputs
      for number in input == 0 ? [0] : [1, 2] {
        for row in 0..<batch { inputs[number][row, poisoned, 1] = junk }
      }
      return Run(layer, at: inputs) { outputs in
        var generator = Generator(seed: seed + 1)
        return outputs.map { .normal($0.shape, using: &generator) }
      } of: {
        run($0, mask)
      }
    }
    let clean = results(0.25)
    for junk in [Double.nan, .infinity, -.infinity] {
      let broken = results(junk)
      for row in 0..<batch {
        func may(_ query: Int, _ key: Int) -> Bool {
          allowed[(row * queries + query) * keys + key]
        }
        let isHit = (0..<queries).map { input == 0 ? $0 == poisoned : may($0, poisoned) }
        let place = Comment(rawValue: "\(kind.testDescription), \(junk), seed \(seed), row \(row)")
        for query in 0..<queries where !isHit[query] {
          for (a, b) in zip(broken.outputs, clean.outputs) {
            #expect(same(a, b, row, query), place)
          }
          #expect(same(broken.inputGradients[0], clean.inputGradients[0], row, query), place)
        }
        for key in 0..<keys
        where !(0..<queries).contains(where: { isHit[$0] && may($0, key) })
          && (input == 0 || key != poisoned)
        {
          for number in 1...2 {
            #expect(
              same(broken.inputGradients[number], clean.inputGradients[number], row, key), place)
          }
        }
      }
    }
  }

  /// Whether two tensors agree at a position of the second axis. Where numbers are not finite, the
  /// scores' gradients add up query by query, so the last bits may differ.
  private func same(_ a: Tensor<Double>, _ b: Tensor<Double>, _ row: Int, _ place: Int) -> Bool {
    a.selected(axis: 0, at: row).selected(axis: 0, at: place)
      .isSame(as: b.selected(axis: 0, at: row).selected(axis: 0, at: place), roundings: 8)
  }

  @Test(arguments: 0..<20)
  func `padding of a self-attention changes no bit`(seed: UInt64) {
    checkTransformer(Float.self, seed)
    checkTransformer(Double.self, seed)
  }

  /// Encoder and decoder layer on sentences of several lengths.
  private func checkTransformer<Scalar: FloatingPointScalar>(_: Scalar.Type, _ seed: UInt64) {
    var generator = Generator(seed: seed)
    let (heads, position) = (
      generator.pick([1, 2]), generator.pick([NormPosition.preNorm, .postNorm])
    )
    let encoder = TransformerEncoderLayer<Scalar>(
      6, heads: heads, innerSize: 7, normPosition: position, using: &generator)
    let decoder = TransformerDecoderLayer<Scalar>(
      6, heads: heads, innerSize: 7, normPosition: position, using: &generator)
    let batch = Int.random(in: 1...3, using: &generator)
    let time = Int.random(in: 1...9, using: &generator)
    let source = Int.random(in: 1...9, using: &generator)
    func lengths(_ time: Int) -> [Int] {
      (0..<batch).map { _ in Int.random(in: 1...time, using: &generator) }
    }
    let (own, theirs) = (lengths(time), lengths(source))
    let isCausal = Bool.random(using: &generator)
    let x = Tensor<Scalar>.normal([batch, time, 6], using: &generator)
    let memory = Tensor<Scalar>.normal([batch, source, 6], using: &generator)
    func run(_ isDecoder: Bool, _ junk: Double, extra: Int) -> Run<Scalar> {
      func padded(_ x: Tensor<Scalar>, _ lengths: [Int]) -> Tensor<Scalar> {
        let isPadding = !sequenceMask(lengths: lengths, time: x.shape[1]).unsqueezed(axis: 2)
        return x.filled(where: isPadding, with: Scalar(junk))
          .extended(1, by: extra, with: Scalar(junk))
      }
      let whole = time + extra
      let keyMask = sequenceMask(lengths: own, time: whole)
      let causal = Tensor<Bool>(
        (0..<(whole * whole)).map { $0 % whole <= $0 / whole }, shape: [whole, whole])
      let inputs = [padded(x, own)] + (isDecoder ? [padded(memory, theirs)] : [])
      let layer: any Layer = isDecoder ? decoder : encoder
      return Run(layer, at: inputs) { outputs in
        // The positions after a sentence's end do not count.
        var generator = Generator(seed: seed + 1)
        let numbers = Tensor<Scalar>.normal([batch, time, 6], using: &generator)
        return [
          numbers.extended(1, by: extra, with: 0).filled(
            where: !keyMask.unsqueezed(axis: 2), with: 0)
        ]
      } of: {
        isDecoder
          ? [
            decoder(
              $0[0], memory: $0[1], mask: isCausal ? causal : nil, keyMask: keyMask,
              memoryKeyMask: sequenceMask(lengths: theirs, time: source + extra))
          ] : [encoder($0[0], mask: isCausal ? causal : nil, keyMask: keyMask)]
      }
    }
    let isWord = sequenceMask(lengths: own, time: time).unsqueezed(axis: 2)
    for isDecoder in [false, true] {
      let clean = run(isDecoder, 0, extra: 0)
      // A single row is multiplied as a vector, whose sums may have another order than those of several.
      let isRow = batch == 1 && (time == 1 || isDecoder && source == 1)
      for junk in Junk.all {
        for extra in [0, 1, 5] {
          let padded = run(isDecoder, junk, extra: extra)
          let place = Comment(rawValue: "\(Scalar.self), decoder \(isDecoder), \(junk), \(extra)")
          func words(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
            x.narrowed(axis: 1, to: 0..<time).filled(where: !isWord, with: 0)
          }
          let (found, expected) = (words(padded.outputs[0]), words(clean.outputs[0]))
          #expect(
            isRow && extra > 0
              ? found.isSame(as: expected, roundings: 16) : found.isSame(as: expected), place)
          let extents = isDecoder ? [time, source] : [time]
          for number in extents.indices {
            let extent = extents[number]
            let (a, b) = (padded.inputGradients[number], clean.inputGradients[number])
            #expect(a.narrowed(axis: 1, to: 0..<extent).isSame(as: b, roundings: 16), place)
            #expect(
              a.narrowed(axis: 1, to: extent..<(extent + extra)).scalars.allSatisfy { $0 == 0 },
              place)
          }
          for (a, b) in zip(padded.parameterGradients, clean.parameterGradients) {
            #expect(a.isSame(as: b, roundings: 32), place)
          }
        }
      }
    }
  }

  @Test(arguments: 0..<20)
  func `padding of the feature-wise attention changes no bit`(seed: UInt64) {
    var generator = Generator(seed: seed)
    let layer = AttentionLayer<Float>(5, using: &generator)
    let batch = Int.random(in: 1...4, using: &generator)
    let time = Int.random(in: 1...20, using: &generator)
    let lengths = (0..<batch).map { _ in Int.random(in: 0...time, using: &generator) }
    let x = Tensor<Float>.normal([batch, time, 5], using: &generator)
    func run(_ junk: Double, extra: Int) -> Run<Float> {
      let mask = sequenceMask(lengths: lengths, time: time + extra)
      let padded = x.extended(1, by: extra, with: 0)
        .filled(where: !mask.unsqueezed(axis: 2), with: Float(junk))
      return Run(layer, at: [padded]) { outputs in
        var generator = Generator(seed: seed + 1)
        return [
          Tensor<Float>.normal([batch, time, 5], using: &generator).extended(1, by: extra, with: 3)
        ]
      } of: {
        [layer($0[0], keyMask: mask)]
      }
    }
    let clean = run(0, extra: 0)
    for junk in Junk.all {
      for extra in [0, 3] {
        let padded = run(junk, extra: extra)
        let place = Comment(rawValue: "\(junk), \(extra) more")
        #expect(
          padded.outputs[0].narrowed(axis: 1, to: 0..<time).isSame(as: clean.outputs[0]), place)
        let gradient = padded.inputGradients[0]
        #expect(gradient.narrowed(axis: 1, to: 0..<time).isSame(as: clean.inputGradients[0]), place)
        #expect(
          gradient.narrowed(axis: 1, to: time..<(time + extra)).scalars.allSatisfy { $0 == 0 },
          place)
        for (a, b) in zip(padded.parameterGradients, clean.parameterGradients) {
          #expect(a.isSame(as: b, roundings: 16), place)
        }
      }
    }
  }
}
