import Autograd
import Layers
import Testing

/// A small encoder-decoder Transformer with positions, tied embeddings and caches: how the pieces of
/// this floor go together.
private struct Translator: Layer {
  let embedding: Embedding<Double>
  let positions = SinusoidalPositions<Double>(limit: 40, size: 8)
  let encoder: TransformerEncoderLayer<Double>
  let decoder: [TransformerDecoderLayer<Double>]
  let output: Linear<Double>

  init(_ symbols: Int, using generator: inout Generator) {
    embedding = Embedding(count: symbols, size: 8, using: &generator)
    encoder = TransformerEncoderLayer(8, heads: 2, innerSize: 12, using: &generator)
    decoder = (0..<2).map { _ in
      TransformerDecoderLayer(8, heads: 2, innerSize: 12, normPosition: .preNorm, using: &generator)
    }
    output = Linear(sharing: embedding.$weight)
  }

  func encode(_ source: Tensor<Int32>, mask: Tensor<Bool>) -> Tensor<Double> {
    encoder(positions(embedding(source)), keyMask: mask)
  }

  /// Logits of the next symbols, with the target given.
  func callAsFunction(
    _ target: Tensor<Int32>, encoded: Tensor<Double>, mask: Tensor<Bool>
  ) -> Tensor<Double> {
    var x = positions(embedding(target))
    for layer in decoder {
      x = layer(x, memory: encoded, mask: causalMask(target.shape[1]), memoryKeyMask: mask)
    }
    return output(x)
  }

  /// What the decoder knows of the source.
  func prepare(_ encoded: Tensor<Double>, mask: Tensor<Bool>) -> [MultiHeadMemory<Double>] {
    decoder.map { $0.prepare(memory: encoded, keyMask: mask) }
  }

  /// Log-probabilities of the next symbols after some more of the target, `[batch, new]`.
  func step(
    _ symbols: Tensor<Int32>, _ caches: inout [KeyValueCache<Double>],
    _ memory: [MultiHeadMemory<Double>]
  ) -> Tensor<Double> {
    var x = positions(embedding(symbols), from: caches[0].count)
    for (index, layer) in decoder.enumerated() {
      x = layer(x, memory: memory[index], cache: &caches[index])
    }
    return logSoftmax(output(x.selected(axis: 1, at: x.shape[1] - 1)), axis: 1)
  }
}

@Suite struct TransformerDecodingTests {
  private let model: Translator = {
    var generator = Generator(seed: 4)
    return Translator(7, using: &generator)
  }()
  private let source = Tensor<Int32>([3, 4, 5, 6, 2, 6, 0, 0, 5, 5, 4, 0], shape: [3, 4])
  private let mask = sequenceMask(lengths: [4, 2, 3], time: 4)
  private let fresh = [KeyValueCache<Double>(), KeyValueCache<Double>()]

  /// The log-probability of a target, word by word, of the whole sequence at once.
  private func logProbability(_ row: Int, _ read: [Int32], _ said: [Int32]) -> Double {
    let own = Tensor<Int32>([Int32(row)])
    let encoded = model.encode(source, mask: mask).rows(own)
    let logits = model(
      Tensor(read, shape: [1, read.count]), encoded: encoded,
      mask: mask[[row]])
    let last = logits.narrowed(axis: 1, to: (read.count - said.count)..<read.count)
    return -crossEntropyLoss(last, Tensor(said, shape: [1, said.count]), reduction: .sum).scalar
  }

  private func memory() -> [MultiHeadMemory<Double>] {
    model.prepare(model.encode(source, mask: mask), mask: mask)
  }

  @Test func `a beam search with caches gives what the whole model gives`() {
    let search = BeamSearch(
      width: 3, limit: 6, start: 0, end: 1, excluding: [0], lengthPenalty: .gnmt(0.6))
    let found = search(sources: 3, state: fresh, memory: memory()) { symbols, state, memory in
      model.step(symbols.unsqueezed(axis: 1), &state, memory)
    }
    #expect(found.map(\.count) == [3, 3, 3])
    for (row, hypotheses) in found.enumerated() {
      for hypothesis in hypotheses {
        let said = hypothesis.symbols + [1]
        let expected = logProbability(row, [0] + hypothesis.symbols, said)
        // Two layers and up to seven logarithms.
        #expect(abs(hypothesis.logProbability - expected) < 1e-11)
      }
      #expect(hypotheses.map(\.score) == hypotheses.map(\.score).sorted(by: >))
    }
    #expect(found.joined().contains { $0.symbols.count > 2 })
  }

  @Test func `a greedy search writes caches in place`() {
    var addresses: [UnsafeMutableRawPointer] = []
    // The end is out of reach, so eleven steps go on with the same rows.
    let search = BeamSearch(limit: 10, start: 0, end: 1, excluding: [0])
    _ = search(sources: 3, state: fresh, memory: memory()) { symbols, state, memory in
      let all = model.step(symbols.unsqueezed(axis: 1), &state, memory)
      addresses.append(state[1].parts!.values.untyped.address)
      return all.filled(where: Tensor((0..<7).map { $0 == 1 }), with: -.infinity)
    }
    #expect(Set(addresses[4..<8]).count == 1 && Set(addresses[8...]).count == 1)
  }

  @Test func `a search goes on from a prompt that a cache has been filled with`() {
    let prompt: [[Int32]] = [[0, 5, 3], [0, 2, 2], [0, 6, 4]]
    let memory = memory()
    var filled = fresh
    _ = model.step(
      Tensor(prompt.flatMap { $0.dropLast() }, shape: [3, 2]), &filled, memory)
    let search = BeamSearch(width: 2, limit: 3, start: 0, end: 1, excluding: [0])
    let found = search(
      sources: 3, reading: prompt.map { $0.last! }, state: filled, memory: memory
    ) { symbols, state, memory in
      model.step(symbols.unsqueezed(axis: 1), &state, memory)
    }
    for (row, hypotheses) in found.enumerated() {
      for hypothesis in hypotheses {
        let expected = logProbability(
          row, prompt[row] + hypothesis.symbols, hypothesis.symbols + [1])
        #expect(abs(hypothesis.logProbability - expected) < 1e-11)
      }
    }
  }
}
