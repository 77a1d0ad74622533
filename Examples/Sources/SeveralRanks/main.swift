// The program of Documentation/Tapestry.docc/SeveralRanks.md: change it there, and call Documentation/programs.sh.
import Autograd
import Distributed
import Foundation
import Layers
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
let points = (0..<2000).map { _ in
  (0..<2).map { _ in Float.random(in: -1...1, using: &generator) }
}

/// The product of the two numbers is to be learnt.
@MainActor func loss(_ model: Network, _ indices: [Int]) -> Tensor<Float> {
  let chosen = indices.map { points[$0] }
  let x = Tensor(chosen.flatMap { $0 }, shape: [chosen.count, 2])
  let y = Tensor(chosen.map { $0[0] * $0[1] }, shape: [chosen.count, 1])
  return squaredErrorLoss(model(x), y)
}

let folder = FileManager.default.temporaryDirectory.path + "/several-ranks"

try ProcessGroup.whileOpen { group in
  let model = Network(using: &generator)
  var trainer = Trainer(
    .init(epochs: 5, clipNorm: 1, directory: folder, replaces: true),
    optimizer: Adam(learningRate: 1e-2))
  trainer.group = group
  let batchSize = 50 * trainer.rankCount
  let report = try trainer.run(
    model,
    batches: { _, generator in
      Batches.shuffled(count: points.count, batchSize: batchSize, using: &generator)
    }, examples: \.count, part: { Array($0[$1]) }, loss: { loss($0, $1) },
    evaluate: { Metrics(["error": Double(loss($0, Array(0..<500)).scalar)]) })

  if group?.rank ?? 0 == 0 {
    print("\(report.examples) examples, learnt: \(report.best!.metrics["error"]! < 0.05)")
  }
}
