import Autograd
import Foundation
import Layers
import Testing
import Training

@Suite struct MemoryTests {
  private struct Model: Layer {
    let embedding: Embedding<Float>
    let rnn: GRU<Float>
    let dropout = Dropout<Float>(0.1)
    let output: Linear<Float>
  }

  /// Bytes of this process that are in memory.
  private static func resident() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
      * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Steps of a small model whose larger tensors (16 x 5 x 24 numbers) come from the pool and whose
  /// smaller ones from the C library.
  private static func train(
    _ model: Model, _ optimizer: inout Adam, steps: Int, using generator: inout Generator
  ) {
    for step in 0..<steps {
      let input = Tensor<Int32>((0..<80).map { Int32(($0 * 7 + step) % 11) }, shape: [16, 5])
      let labels = Tensor<Int32>((0..<16).map { Int32(($0 + step) % 3) })
      let (_, gradients) = valueWithGradient(at: model, using: &generator) { model in
        let states = model.rnn(model.embedding(input), lengths: (0..<16).map { 1 + $0 % 5 })
        return crossEntropyLoss(model.output(model.dropout(states.finalStates[0])), labels)
      }
      optimizer.update(model, along: gradients.clipped(toNorm: 1))
    }
  }

  /// In a process of its own: both figures belong to the whole process, where other tests run too.
  @Test func `memory is flat over ten thousand training steps`() async {
    await #expect(processExitsWith: .success) {
      var generator = Generator(seed: 1)
      let model = Model(
        embedding: Embedding(count: 11, size: 8, using: &generator),
        rnn: GRU(inputSize: 8, hiddenSize: 24, using: &generator),
        output: Linear(inputs: 24, outputs: 3, using: &generator))
      var optimizer = Adam(learningRate: 1e-3)
      Self.train(model, &optimizer, steps: 100, using: &generator)
      let allocations = BufferPool.statistics.allocations
      let used = BufferPool.statistics.used
      let before = Self.resident()
      Self.train(model, &optimizer, steps: 10_000, using: &generator)
      // Every step has tensors of the same sizes, so the pool has all of them after the first few.
      #expect(BufferPool.statistics.allocations == allocations)
      #expect(BufferPool.statistics.used == used)
      #expect(before > 0)
      // Fragments of the C library's heap may settle by some pages; a hundred bytes lost a step,
      // the smallest object of ours, would be a megabyte.
      #expect(Self.resident() - before < 1 << 20)
    }
  }

  /// Tensors of many sizes take the most memory one after the other; then others, in turn, leave no
  /// more than the pool may hold. In a process of its own, as above.
  @Test func `the pool gives buffers back whose sizes are out of use`() async {
    await #expect(processExitsWith: .success) {
      let megabyte = 1 << 18  // Floats
      func touch(_ sizes: [Int]) { for size in sizes { _ = Tensor<Float>.zeros([size]) } }
      do { _ = [60, 61, 62].map { Tensor<Float>.zeros([$0 * megabyte]) } }
      let peak = BufferPool.statistics.peak
      // The sizes of one step, after those of another model have filled the pool.
      let sizes = [8, 10, 12, 14, 16, 20, 24, 28].map { $0 * megabyte }
      for _ in 0..<20 { touch(sizes) }
      let allocations = BufferPool.statistics.allocations
      touch(sizes)
      #expect(BufferPool.statistics.allocations == allocations)
      #expect(BufferPool.statistics.cached <= peak + peak / 2)
      #expect(BufferPool.statistics.used == 0)
    }
  }
}
