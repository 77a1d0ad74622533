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

// A main file's variables; nothing here runs.
nonisolated(unsafe) var generator = Generator(seed: 1)
nonisolated(unsafe) var model = ExampleModel<Float>(using: &generator)
nonisolated(unsafe) var student = model
nonisolated(unsafe) var optimizer = Adam(learningRate: 1e-3)
nonisolated(unsafe) var trainer = Trainer(.init(epochs: 1), optimizer: optimizer)
nonisolated(unsafe) var batch = ExampleBatch(inputs: Tensor([0]), labels: Tensor([0]), count: 1)
nonisolated(unsafe) var batches = [batch]
nonisolated(unsafe) var parts = [batch]
nonisolated(unsafe) var heldOut = [batch]
nonisolated(unsafe) var gradients = valueAndGradients(model, batch).1
nonisolated(unsafe) var loss = Tensor<Float>(0)
let data = ExampleData()
let words = ["a", "b"]
let (epochs, seen, step, length) = (1, 1, 1, 1)
let validationLoss = 1.0
let lengths = [2, 1]
let (weights, request, images) = (
  Tensor<Float>([[1]]), Tensor<Float>([[1]]), Tensor<Float>([[1]])
)
let (annotations, states) = (Tensor<Float>.zeros([1, 2, 512]), Tensor<Float>.zeros([1, 2, 8]))
let isWord = Tensor<Bool>([[true, true]])
nonisolated(unsafe) var state = Tensor<Float>.zeros([1, 256])
