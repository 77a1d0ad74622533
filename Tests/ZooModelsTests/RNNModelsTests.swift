import AttentionRNN
import Autograd
import Layers
import SimpleRNN
import Testing

@Suite struct RNNModelsTests {
  @Test func `there are cases of both models`() {
    #expect(!cases("SimpleRNN").isEmpty)
    #expect(!cases("AttentionRNN").isEmpty)
  }

  @Test(arguments: cases("SimpleRNN"))
  func `SimpleRNN and its gradients are PyTorch's`(path: String) throws {
    try withCase(path, float: { try checkSimple($0) }, double: { try checkSimple($0) })
  }

  private func checkSimple<Scalar>(_ example: ModelCase<Scalar>) throws {
    var generator = Generator(seed: 0)
    let model = SimpleRNN<Scalar>(
      .init(
        inputSize: try example.size("input_size"), hiddenSize: try example.size("hidden_size"),
        outputSize: try example.size("output_size")), using: &generator)
    try example.load(into: model)
    try check(example, model) { model($0) }
  }

  @Test(arguments: cases("AttentionRNN"))
  func `AttentionRNN and its gradients are PyTorch's`(path: String) throws {
    try withCase(path, float: { try checkAttention($0) }, double: { try checkAttention($0) })
  }

  private func checkAttention<Scalar>(_ example: ModelCase<Scalar>) throws {
    var generator = Generator(seed: 0)
    let model = AttentionRNN<Scalar>(
      .init(
        inputSize: try example.size("input_size"), hiddenSize: try example.size("hidden_size"),
        outputSize: try example.size("output_size")), using: &generator)
    try example.load(into: model)
    try check(example, model) { model($0) }
  }

  /// Output, parameters' gradients, and the gradient of the input.
  private func check<Scalar>(
    _ example: ModelCase<Scalar>, _ model: some Layer,
    _ function: (Tensor<Scalar>) -> Tensor<Scalar>
  ) throws {
    let x = try example.tensor("input.0")
    try example.check(model) { function(x) }
    let cotangent = try example.tensor("cotangent.0")
    try example.compare(
      gradient(at: x) { (function($0) * cotangent).sum() }, "gradient.0")
  }

  @Test func `padding after a sequence's end changes nothing, be it NaN`() {
    var generator = Generator(seed: 2)
    let simple = SimpleRNN<Double>(
      .init(inputSize: 2, hiddenSize: 5, outputSize: 3), using: &generator)
    let attention = AttentionRNN<Double>(
      .init(inputSize: 2, hiddenSize: 5, outputSize: 3), using: &generator)
    let x = Tensor<Double>.normal([2, 3, 2], using: &generator)
    let padded = Tensor<Double>.concatenated(
      [x, Tensor(repeating: .nan, shape: [2, 4, 2])], axis: 1)
    for model in [
      { simple($0, lengths: $1) }, { attention($0, lengths: $1) },
    ] as [(Tensor<Double>, [Int]?) -> Tensor<Double>] {
      let whole = model(x, nil)
      let cut = model(padded, [3, 3])
      // Sums over more steps, of which the further ones are zero, may round in another order.
      #expect(abs(whole - cut).max().scalar < 1e-14)
      let single = model(x.narrowed(axis: 0, to: 1..<2).narrowed(axis: 1, to: 0..<2), nil)
      let short = model(x, [3, 2]).narrowed(axis: 0, to: 1..<2)
      #expect(abs(single - short).max().scalar < 1e-14)
    }
  }
}
