import Autograd
import Layers
import Testing

/// Decoding a position at a time against the whole sequence at once.
@Suite struct KeyValueCacheTests {
  private let x: Tensor<Double> = {
    var generator = Generator(seed: 2)
    return .normal([2, 9, 8], using: &generator)
  }()

  /// How the nine positions come in.
  private static let splits = [
    Array(repeating: 1, count: 9), [4, 1, 1, 3], [9], [1, 8],
  ]

  private func attention(isRotary: Bool) -> MultiHeadAttention<Double> {
    var generator = Generator(seed: 1)
    let attention = MultiHeadAttention<Double>(
      8, heads: 2, rotary: isRotary ? RotaryPositions(limit: 20, size: 4) : nil, using: &generator)
    for (_, parameter) in attention.parameters where parameter.shape.rank == 1 {
      (parameter as! Parameter<Double>).tensor = .normal([8], using: &generator)
    }
    return attention
  }

  /// Calls the body with each part of the sequence and the number of positions up to its end.
  private func parts(
    _ x: Tensor<Double>, _ split: [Int], _ body: (Tensor<Double>, Int) -> Tensor<Double>
  ) -> Tensor<Double> {
    var start = 0
    return .concatenated(
      split.map { count in
        defer { start += count }
        return body(x.narrowed(axis: 1, to: start..<(start + count)), start + count)
      }, axis: 1)
  }

  @Test(arguments: splits, [false, true])
  func `step by step attention is causal attention to the whole`(split: [Int], isRotary: Bool) {
    let attention = attention(isRotary: isRotary)
    let whole = attention(queries: x, keys: x, mask: causalMask(9)).output
    var cache = KeyValueCache<Double>()
    let steps = parts(x, split) { part, _ in attention(part, cache: &cache).output }
    #expect(cache.count == 9)
    // The same products in other pieces: some roundings of numbers of size 1 to 10.
    #expect(steps.isClose(to: whole, within: 1e-13))
  }

  @Test(arguments: splits)
  func `masked positions, be they NaN, are seen by no other`(split: [Int]) {
    let attention = attention(isRotary: false)
    let isThere = Tensor<Bool>((0..<18).map { ![3, 9, 10].contains($0) }, shape: [2, 9])
    let broken = x.filled(where: !isThere.unsqueezed(axis: 2), with: .nan)
    let whole = attention(queries: x, keys: x, keyMask: isThere, mask: causalMask(9))
    var cache = KeyValueCache<Double>()
    let steps = parts(broken, split) { part, count in
      attention(part, cache: &cache, keyMask: isThere.narrowed(axis: 1, to: 0..<count)).output
    }
    let place = isThere.unsqueezed(axis: 2)
    #expect(
      steps.filled(where: !place, with: 0)
        .isClose(to: whole.output.filled(where: !place, with: 0), within: 1e-13))
    // The second sentence's first positions have nothing to attend to: only the bias is left.
    #expect(steps.selected(axis: 0, at: 1).selected(axis: 0, at: 0) == attention.outputBias)
    #expect(steps.selected(axis: 0, at: 1).selected(axis: 0, at: 1) == attention.outputBias)
  }

  @Test func `gradients through a cache are those of the whole`() {
    let attention = attention(isRotary: true)
    let whole = valueWithGradient(at: attention) {
      square($0(queries: x, keys: x, mask: causalMask(9)).output).sum()
    }
    let steps = valueWithGradient(at: attention) { attention in
      var cache = KeyValueCache<Double>()
      return square(parts(x, [3, 1, 1, 4]) { part, _ in attention(part, cache: &cache).output })
        .sum()
    }
    #expect(abs(whole.value.scalar - steps.value.scalar) < 1e-10)
    for (name, parameter) in attention.parameters {
      let box = parameter as! Parameter<Double>
      // Sums of a few hundred numbers of size 10, most of which cancel.
      #expect(
        whole.gradients[box]!.isClose(to: steps.gradients[box]!, within: 1e-11), "\(name)")
    }
  }

  @Test func `a step writes in place, a full cache doubles, and a copy goes its own way`() {
    let attention = attention(isRotary: false)
    var cache = KeyValueCache<Double>()
    var addresses: [UnsafeMutableRawPointer] = []
    func address(_ cache: KeyValueCache<Double>) -> UnsafeMutableRawPointer {
      cache.parts!.keys.untyped.address
    }
    for step in 0..<9 {
      _ = attention(x.narrowed(axis: 1, to: step..<(step + 1)), cache: &cache)
      addresses.append(address(cache))
    }
    // Room for 1, 2, 4, 8 and 16 positions: the third and fourth share memory, and so on.
    #expect(addresses[2] == addresses[3])
    #expect(Set(addresses[4...7]).count == 1)
    #expect(addresses[7] != addresses[8])
    let before = cache
    let keys = before.parts!.keys.scalars
    let next = attention(x.narrowed(axis: 1, to: 0..<1), cache: &cache).output
    #expect(address(before) != address(cache))
    #expect(before.count == 9 && cache.count == 10)
    #expect(before.parts!.keys.scalars == keys)
    var other = before
    _ = attention(x.narrowed(axis: 1, to: 5..<6), cache: &other)
    var again = before
    #expect(attention(x.narrowed(axis: 1, to: 0..<1), cache: &again).output == next)
  }

  @Test func `rows of a cache go on as those sequences do`() {
    let attention = attention(isRotary: true)
    var cache = KeyValueCache<Double>()
    _ = attention(x.narrowed(axis: 1, to: 0..<5), cache: &cache)
    let indices = Tensor<Int32>([1, 1, 0])
    var chosen = cache.rows(indices)
    let step = x.narrowed(axis: 1, to: 5..<6)
    let expected = attention(step, cache: &cache).output.rows(indices)
    #expect(attention(step.rows(indices), cache: &chosen).output == expected)
  }

  // MARK: Layers

  @Test(arguments: [NormPosition.preNorm, .postNorm], splits)
  func `layers of Transformers decode step by step`(position: NormPosition, split: [Int]) {
    var generator = Generator(seed: 3)
    let rotary = RotaryPositions<Double>(limit: 20, size: 4)
    let encoder = TransformerEncoderLayer<Double>(
      8, heads: 2, innerSize: 6, normPosition: position, rotary: rotary, using: &generator)
    let decoder = TransformerDecoderLayer<Double>(
      8, heads: 2, innerSize: 6, normPosition: position, rotary: rotary, using: &generator)
    var source = Tensor<Double>.normal([2, 4, 8], using: &generator)
    let sourceMask = Tensor<Bool>((0..<8).map { $0 != 3 && $0 != 7 }, shape: [2, 4])
    let whole = decoder(
      encoder(x, mask: causalMask(9)), memory: source, mask: causalMask(9),
      memoryKeyMask: sourceMask)
    source = source.filled(where: !sourceMask.unsqueezed(axis: 2), with: .nan)
    let memory = decoder.prepare(memory: source, keyMask: sourceMask)
    var (first, second) = (KeyValueCache<Double>(), KeyValueCache<Double>())
    let steps = parts(x, split) { part, _ in
      decoder(encoder(part, cache: &first), memory: memory, cache: &second)
    }
    #expect(steps.isClose(to: whole, within: 1e-12))
  }

  @Test func `a prepared memory gives what keys and values give`() {
    let attention = attention(isRotary: false)
    let keys = x.narrowed(axis: 1, to: 0..<4)
    let mask = Tensor<Bool>((0..<8).map { $0 < 3 }, shape: [2, 4])
    let whole = attention(queries: x, keys: keys, keyMask: mask, averagesWeights: false)
    let memory = attention.prepare(keys: keys, keyMask: mask)
    let prepared = attention(x, memory, averagesWeights: false)
    #expect(prepared.output == whole.output && prepared.weights == whole.weights)
    let chosen = attention(x.rows(Tensor([1, 0])), memory.rows(Tensor([1, 0])))
    #expect(chosen.output == whole.output.rows(Tensor([1, 0])))
  }
}
