import Autograd
import Layers
import Testing

/// What programming errors in attention with a past, caches, positions and searches say. Each runs
/// in a process of its own.
@Suite struct DecodingErrorTests {
  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test func `a history of other sentences names both shapes`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = Generator(seed: 1)
      let attention = Attention(
        CoverageScore<Float>(querySize: 2, keySize: 2, hiddenSize: 2, using: &generator))
      let memory = attention.prepare(keys: .zeros([2, 3, 2]))
      _ = attention(.zeros([2, 2]), memory, after: AttentionHistory(batch: 2, keys: 4))
    }
    #expect(
      message(result).contains("a history of shape [2, 4], not [batch, keys] = [2, 3]"))
  }

  @Test func `a location filter has a middle`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = Generator(seed: 1)
      _ = LocationScore<Float>(
        querySize: 2, keySize: 2, hiddenSize: 2, filters: 3, width: 4, using: &generator)
    }
    #expect(
      message(result).contains(
        "LocationScore: 3 filters of width 4; the width is an odd number"))
  }

  @Test func `a cache keeps its number of sequences`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = Generator(seed: 1)
      let attention = MultiHeadAttention<Float>(4, heads: 2, using: &generator)
      var cache = KeyValueCache<Float>()
      _ = attention(.zeros([2, 1, 4]), cache: &cache)
      _ = attention(.zeros([3, 1, 4]), cache: &cache)
    }
    #expect(message(result).contains("KeyValueCache: 3 sequences go on, and the cache has 2"))
  }

  @Test func `a key mask counts the positions in the cache, too`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = Generator(seed: 1)
      let attention = MultiHeadAttention<Float>(4, heads: 2, using: &generator)
      var cache = KeyValueCache<Float>()
      _ = attention(.zeros([2, 3, 4]), cache: &cache)
      _ = attention(
        .zeros([2, 1, 4]), cache: &cache, keyMask: Tensor(repeating: true, shape: [2, 1]))
    }
    #expect(
      message(result).contains("a key mask of shape [2, 1] for [batch, positions] = [2, 4]"))
  }

  @Test func `rotary positions need pairs`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = RotaryPositions<Float>(limit: 10, size: 5)
    }
    #expect(message(result).contains("RotaryPositions: 5 features; pairs need an even number"))
  }

  @Test func `a search says what log-probabilities it expects`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let search = BeamSearch(limit: 3, start: 0, end: 5)
      _ = search(sources: 2, state: Tensor<Float>.zeros([2, 1])) { _, _ in
        Tensor<Float>.zeros([2, 4])
      }
    }
    #expect(
      message(result).contains(
        "BeamSearch: log-probabilities of shape [2, 4] for 2 beginnings and the end symbol 5"))
  }

  @Test func `a rate of dropout that is no share is told`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = Generator(seed: 1)
      _ = Zoneout(RNNCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator), rates: 1)
    }
    #expect(message(result).contains("Zoneout: a rate of 1.0 is not in 0 ..< 1"))
  }

  @Test func `zoneout in a gradient that does not say whether it trains`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = Generator(seed: 1)
      let zoneout = Zoneout(
        RNNCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator), rates: 0.5)
      _ = valueWithGradient(at: zoneout) { $0(.zeros([1, 2]), .zeros([1, 2])).sum() }
    }
    #expect(message(result).contains("Zoneout needs to know whether this is training"))
    #expect(message(result).contains("valueWithGradient(evaluating:of:)"))
  }
}
