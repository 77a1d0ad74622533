// What the snippets of the documentation take for granted: a reader's own model, data and loop.
// `Documentation/snippets.sh` compiles it with them.
import Autograd
import CInterface
import Interchange
import Layers
import Training

/// A classifier of sequences.
struct ExampleModel<Scalar: FloatingPointScalar>: Layer {
  let inputSize = 8
  let outputSize = 3
  let rnn: GRU<Scalar>
  let fc: Linear<Scalar>
  @Parameter var weight = Tensor<Scalar>.ones([3])

  init(using generator: inout Generator) {
    rnn = GRU(inputSize: 8, hiddenSize: 8, using: &generator)
    fc = Linear(inputs: 8, outputs: 3, using: &generator)
  }

  func callAsFunction(_ x: Tensor<Scalar>, lengths: [Int]? = nil) -> Tensor<Scalar> {
    fc(rnn(x, lengths: lengths).finalStates[0]) * weight
  }

  func attention(to request: Tensor<Scalar>) -> Tensor<Scalar> { softmax(request, axis: 1) }
}

/// Examples that go together.
struct ExampleBatch {
  var inputs: Tensor<Float>
  var labels: Tensor<Int32>
  var count: Int
  var x: Tensor<Float> { inputs }
}

/// All examples.
struct ExampleData {
  func batches(of size: Int, using generator: inout Generator) -> [ExampleBatch] { [] }
}

func valueAndGradients(_ model: ExampleModel<Float>, _ batch: ExampleBatch) -> (
  Tensor<Float>, Gradients
) {
  let (loss, gradients) = valueWithGradient(at: model) {
    crossEntropyLoss($0(batch.inputs), batch.labels)
  }
  return (loss, gradients)
}

func errorRate(_ model: ExampleModel<Float>, _ examples: [ExampleBatch]) -> Double { 0 }
