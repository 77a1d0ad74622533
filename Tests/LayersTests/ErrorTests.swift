import Autograd
import Layers
import Testing
import Training

/// A model with layers at some depth, so that errors have a path to name.
private struct Model: Layer {
  struct Encoder: Layer {
    let first: Linear<Float>
    let rnn: GRU<Float>
    let dropout = Dropout<Float>(0.5)
  }

  let encoder: Encoder
  let embedding: Embedding<Float>

  init() {
    var generator = Generator(seed: 1)
    encoder = Encoder(
      first: Linear(3, 4, using: &generator), rnn: GRU(4, 5, using: &generator))
    embedding = Embedding(10, 3, using: &generator)
    // Looking at the parameters tells each its name, as the first gradient does.
    _ = parameters
  }
}

/// What a programming error inside a model says. Each runs in a process of its own.
@Suite struct ErrorTests {
  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test func `a wrong input of a linear layer names the layer's path`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Model().encoder.first(.zeros([2, 5]))
    }
    #expect(
      message(result).contains("linear: an input of shape [2, 5] for a weight of shape [4, 3]"))
    #expect(message(result).contains("(in encoder.first)"))
  }

  @Test func `so it does inside a gradient`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = valueWithGradient(at: Model()) { $0.encoder.first(.zeros([2, 5])).sum() }
    }
    #expect(message(result).contains("(in encoder.first)"))
  }

  @Test func `so does a recurrent layer`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Model().encoder.rnn(.zeros([2, 7, 3]))
    }
    #expect(message(result).contains("inputs [2, 7, 3] for an input size of 4"))
    #expect(message(result).contains("(in encoder.rnn.layers.0.forward)"))
  }

  @Test func `and an embedding without the index`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Model().embedding(Tensor<Int32>([3, 10]))
    }
    #expect(message(result).contains("index 10 of a table with 10 rows (in embedding)"))
  }

  @Test func `dropout in a gradient without a generator says what to call`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let model = Model()
      _ = valueWithGradient(at: model) { model in
        model.encoder.dropout(model.encoder.first(.zeros([2, 3]))).sum()
      }
    }
    #expect(message(result).contains("Dropout(0.5) needs to know whether this is training"))
    #expect(message(result).contains("valueWithGradient(at:using:of:) with a generator"))
  }

  @Test func `a parameter keeps its shape, and says its name`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      Model().encoder.first.$weight.tensor = .zeros([3, 4])
    }
    #expect(
      message(result).contains(
        "encoder.first.weight has the shape [4, 3]; it cannot become a tensor of shape [3, 4]"))
  }

  @Test func `a wrong number given to the training floor is told in optimized builds, too`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Trainer.Configuration()
    }
    #expect(message(result).contains("neither epochs nor minutes are given"))
  }
}
