// The program of Documentation/Tapestry.docc/FirstModel.md: change it there, and call Documentation/programs.sh.
import Autograd
import Datasets
import Foundation
import Layers
import Training

let (training, test) = try LabelledSequences.japaneseVowels()
print(training.count, "to learn from,", test.count, "to test")

func batch(
  _ data: LabelledSequences, _ positions: some Collection<Int>
) -> (x: Tensor<Float>, lengths: [Int], labels: Tensor<Int32>) {
  let examples = positions.map { data.examples[$0] }
  let lengths = examples.map(\.steps.count)
  let time = lengths.max()!
  let rows = examples.flatMap { example in
    example.steps.joined()
      + Array(repeating: 0, count: (time - example.steps.count) * data.featureCount)
  }
  return (
    Tensor(rows, shape: [examples.count, time, data.featureCount]), lengths,
    Tensor(examples.map { Int32($0.label) })
  )
}

struct Listener: Layer {
  let gru: GRU<Float>
  let dropout = Dropout<Float>(0.2)
  let answer: Linear<Float>

  init(features: Int, speakers: Int, using generator: inout Generator) {
    gru = GRU(inputSize: features, hiddenSize: 24, isBidirectional: true, using: &generator)
    answer = Linear(inputs: 48, outputs: speakers, using: &generator)
  }

  /// `[batch, time, features]` to logits, `[batch, speakers]`.
  func callAsFunction(_ x: Tensor<Float>, lengths: [Int]) -> Tensor<Float> {
    let states = gru(x, lengths: lengths)
    let last = Tensor.concatenated(
      [states.finalStates[0], states.reverseFinalStates[0]], axis: 1)
    return answer(dropout(last))
  }
}

var generator = Generator(seed: 1)
let model = Listener(
  features: training.featureCount, speakers: training.classes.count, using: &generator)
print(model)

var optimizer = Adam(learningRate: 5e-3)
for epoch in 1...15 {
  var sum = 0.0
  let batches = Batches.bucketed(
    lengths: training.examples.map(\.steps.count), batchSize: 16, using: &generator)
  for positions in batches {
    let (x, lengths, labels) = batch(training, positions)
    let (loss, gradients) = valueWithGradient(at: model, using: &generator) { model in
      crossEntropyLoss(model(x, lengths: lengths), labels)
    }
    optimizer.update(model, along: gradients.clipped(toNorm: 1))
    sum += Double(loss.scalar)
  }
  if epoch % 5 == 0 { print("epoch \(epoch): loss \(sum / Double(batches.count))") }
}

let (x, lengths, labels) = batch(test, 0..<test.count)
let right = (model(x, lengths: lengths).argmax(axis: 1) .== labels).trueCount().scalar
print("\(right) of \(test.count) right")

let path = FileManager.default.temporaryDirectory.path + "/listener.safetensors"
try model.save(to: path)
let loaded = Listener(
  features: training.featureCount, speakers: training.classes.count, using: &generator)
try loaded.load(from: path)
print("the same answers:", loaded(x, lengths: lengths) == model(x, lengths: lengths))
