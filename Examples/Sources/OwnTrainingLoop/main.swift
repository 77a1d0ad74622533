// The program of Documentation/Tapestry.docc/OwnTrainingLoop.md: change it there, and call Documentation/programs.sh.
import Autograd
import Foundation
import Layers
import TensorBoard
import Training

struct Network: Layer {
  let hidden: Linear<Float>
  let output: Linear<Float>

  init(using generator: inout Generator) {
    hidden = Linear(inputs: 2, outputs: 32, using: &generator)
    output = Linear(inputs: 32, outputs: 1, using: &generator)
  }

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> { output(tanh(hidden(x))) }
}

var generator = Generator(seed: 1)
let model = Network(using: &generator)
var optimizer = Adam(learningRate: 1e-2)
let schedule = WarmupCosine(learningRate: 1e-2, warmupSteps: 20, totalSteps: 600)
let folder = FileManager.default.temporaryDirectory.path + "/own-loop"
try createDirectory(folder)

var monitor = try TrainingMonitor(
  [
    ProgressLine(), TrainingLog("\(folder)/steps.csv", rows: .steps(every: 50)),
    TensorBoardObserver(directory: folder, histogramsEvery: 200),
  ], model: model, totalExamples: 600 * 64)

for step in 0..<600 {
  let x = Tensor<Float>.uniform([64, 2], in: -1...1, using: &generator)
  let y = (x[..., 0] * x[..., 1]).unsqueezed(axis: 1)
  let (loss, gradients) = valueWithGradient(at: model) { squaredErrorLoss($0(x), y) }
  optimizer.learningRate = schedule.learningRate(step: step)
  optimizer.update(model, along: gradients.clipped(toNorm: 1))
  try monitor.step(
    loss: Double(loss.scalar), examples: 64, learningRate: optimizer.learningRate,
    gradients: gradients)
}
let error = abs(model(Tensor([[0.5, 0.5], [-0.5, 0.8]])) - Tensor([[0.25], [-0.4]])).max().scalar
try monitor.evaluate(Metrics(["error": Double(error)]))
try monitor.end()

let rows = try String(contentsOfFile: "\(folder)/steps.csv", encoding: .utf8).split(separator: "\n")
print(rows[0])
print(rows.count - 1, "rows;", try FileManager.default.contentsOfDirectory(atPath: folder).sorted())

let pictures = "\(folder)/pictures"
try createDirectory(pictures)
try TensorBoardLog(directory: pictures)
  .addAttention("attention", Tensor<Float>([[0.9, 0.1, 0], [0, 0.25, 0.75]]), step: 600)

final class Worst: TrainingObserver {
  private(set) var loss = 0.0
  func didStep(_ step: TrainingStep) { loss = max(loss, step.loss) }
}

let worst = Worst()
var second = try TrainingMonitor([worst])
for loss in [0.5, 2, 1] { try second.step(loss: loss, examples: 1) }
print("the largest loss:", worst.loss)
