import Autograd
import Layers
import Testing

@Suite struct PerExampleGradientsTests {
  private struct Model: Layer, Sendable {
    let embedding: Embedding<Double>
    let rnn: GRU<Double>
    let attention: MultiHeadAttention<Double>
    let norm = LayerNorm<Double>([4])
    let dropout = Dropout<Double>(0.5)
    let output: Linear<Double>

    init() {
      var generator = Generator(seed: 1)
      embedding = Embedding(count: 7, size: 3, using: &generator)
      rnn = GRU(inputSize: 3, hiddenSize: 4, using: &generator)
      attention = MultiHeadAttention(4, heads: 2, using: &generator)
      output = Linear(inputs: 4, outputs: 3, using: &generator)
    }

    func callAsFunction(_ tokens: Tensor<Int32>) -> Tensor<Double> {
      let states = rnn(embedding(tokens)).outputs
      let context = norm(states + attention(queries: states, keys: states).output)
      return output(dropout(context.mean(axes: 1)))
    }
  }

  private static let tokens = Tensor<Int32>((0..<40).map { Int32($0 * 5 % 7) }, shape: [8, 5])
  private static let labels = Tensor<Int32>((0..<8).map { Int32($0 % 3) })

  @Sendable private static func loss(_ model: Model, _ i: Int) -> Tensor<Double> {
    crossEntropyLoss(
      model(tokens.narrowed(axis: 0, to: i..<(i + 1))), labels.narrowed(axis: 0, to: i..<(i + 1)))
  }

  @Test func `each is the gradient of its example, and their mean that of the batch`() throws {
    let model = Model()
    let each = perExampleGradients(evaluating: model, count: 8, of: Self.loss)
    let batch = valueWithGradient(evaluating: model) {
      crossEntropyLoss($0(Self.tokens), Self.labels)
    }
    #expect(each.losses.shape == [8])
    #expect(abs(each.losses.mean().scalar - batch.value.scalar) < 1e-14)
    #expect(each.parameters.count == model.parameters.count)
    for case (let name, let box as Parameter<Double>) in model.parameters {
      let all = try #require(each[box])
      #expect(all.shape == Shape([8] + Array(box.shape)))
      for i in 0..<8 {
        let one = valueWithGradient(evaluating: model) { Self.loss($0, i) }
        #expect(all.selected(axis: 0, at: i) == one.gradients[box], "\(name) of example \(i)")
        #expect(each.losses[i] == one.value)
        #expect(each.norms[i] == one.gradients.norm)
      }
      // The same sums in another order, of numbers of size 1.
      let mean = try #require(each.mean[box])
      #expect(mean.isClose(to: try #require(batch.gradients[box]), within: 1e-14), "\(name)")
    }
  }

  @Test func `random numbers are each example's own, whatever the threads`() throws {
    let model = Model()
    func run() throws -> Tensor<Double> {
      var generator = Generator(seed: 5)
      return try #require(
        perExampleGradients(at: model, count: 8, using: &generator, of: Self.loss)[
          model.output.$weight])
    }
    let first = try run()
    #expect(try run() == first)
    let before = Processor.threadCount
    defer { Processor.threadCount = before }
    Processor.threadCount = 1
    #expect(try run() == first)
    // Examples 0 and 7 see the same tokens; dropout tells them apart.
    #expect(Self.tokens.narrowed(axis: 0, to: 0..<1) == Self.tokens.narrowed(axis: 0, to: 7..<8))
    #expect(first.selected(axis: 0, at: 0) != first.selected(axis: 0, at: 7))
  }

  @Test func `a parameter that an example does not read has zeros there`() throws {
    let model = Model()
    let each = perExampleGradients(evaluating: model, count: 2) { model, i in
      i == 0 ? square(model.output.weight).sum() : square(model.norm.weight!).sum()
    }
    #expect(each.parameters.count == 2)
    #expect(try #require(each[model.output.$weight]).selected(axis: 0, at: 1) == .zeros([3, 4]))
    #expect(each[model.embedding.$weight] == nil)
  }

  @Test func `batch normalisation in training says why not`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let norm = BatchNorm<Double>(2)
      _ = perExampleGradients(at: norm, count: 2, using: &generator) { norm, _ in
        norm(.ones([1, 2, 3])).sum()
      }
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("BatchNorm mixes the examples of a batch in training"))
  }
}
