// Loads the classifier that ships, tells who speaks, which moments decided it, and trains it further.
import AttentionRNN
import Autograd
import Datasets
import Foundation
import Layers
import Pretrained
import Training

struct Features: Decodable { let numbers: Numbers }
struct Numbers: Decodable { let means, deviations: [Float] }

let path = Pretrained.path(of: "attention-rnn")!
let model = try AttentionRNN<Float>(contentsOf: path)
let metadata = try SafeTensors(contentsOf: path).metadata
let scale = try JSONDecoder().decode(Features.self, from: Data(metadata["features"]!.utf8)).numbers
let (training, test) = try LabelledSequences.japaneseVowels()

/// An utterance as the model reads it, `[1, time, 12]`.
func input(_ example: LabelledSequences.Example) -> Tensor<Float> {
  let numbers = example.steps.flatMap { step in
    step.indices.map { (step[$0] - scale.means[$0]) / scale.deviations[$0] }
  }
  return Tensor(numbers, shape: [1, example.steps.count, 12])
}

let x = input(test.examples[0])
print("speaker", model(x).argmax(axis: 1).scalars[0] + 1, "said by", test.examples[0].label + 1)
print("looked at", model.attentionWeights(x).scalars.map { (100 * $0).rounded() / 100 })

var optimizer = Adam(learningRate: 1e-4)
var generator = Generator(seed: 1)
for example in training.examples.prefix(50) {
  let (_, gradients) = valueWithGradient(at: model, using: &generator) {
    crossEntropyLoss($0(input(example)), Tensor([Int32(example.label)]))
  }
  optimizer.update(model, along: gradients)
}
try model.save(to: FileManager.default.temporaryDirectory.path + "/speakers.safetensors")
