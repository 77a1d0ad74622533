import Autograd
import Distributed
import Layers
import Platform
import Training

/// A training of a small model, whose steps have the same examples whatever the number of ranks.
///
/// `mpi-ranks training DIRECTORY [--resume] [--kill RANK@STEP] [--throw RANK@STEP] [--drift RANK@STEP]`
struct SmallTraining {
  private let group: ProcessGroup?
  private let directory: String
  private let resumes: Bool
  private var events: [String: (rank: Int, step: Int)] = [:]

  init(_ group: ProcessGroup?, _ words: [String]) throws {
    guard let directory = words.first else { throw Difference("training DIRECTORY ...") }
    self.group = group
    self.directory = directory
    resumes = words.contains("--resume")
    for (option, value) in zip(words, words.dropFirst()) where value.contains("@") {
      let numbers = value.split(separator: "@").compactMap { Int($0) }
      guard numbers.count == 2 else { throw Difference("\(option) RANK@STEP, not \(value)") }
      events[option] = (numbers[0], numbers[1])
    }
  }

  func run() throws {
    var generator = Generator(seed: 1)
    // Ranks begin with different weights: those of rank 0 are to count.
    var weights = Generator(seed: UInt64(7 + (group?.rank ?? 0)))
    let model = SmallModel(using: &weights)
    let examples = (0..<211).map { _ in Example(using: &generator) }
    var trainer = Trainer(
      .init(
        epochs: 6,
        schedule: { WarmupCosine(learningRate: 0.02, warmupSteps: 5, totalSteps: $0) },
        clipNorm: 0.5, batchesPerStep: 2, averageDecay: 0.9, evaluation: .steps(4), seed: 3,
        directory: directory, resumes: resumes, stepsBetweenComparisons: 5),
      optimizer: AdamW(learningRate: 0.02))
    trainer.observers = []
    trainer.group = group
    var calls = 0
    let report = try trainer.run(
      model,
      batches: { _, generator in
        // The last one has an example: fewer than ranks.
        Batches.shuffled(count: examples.count, batchSize: 35, using: &generator)
      },
      examples: \.count, part: { Array($0[$1]) },
      loss: { model, indices in
        calls += 1
        try happen(after: calls, model)
        return model.loss(indices.map { examples[$0] })
      },
      evaluate: { model in
        Metrics(["loss": model.loss(Array(examples.prefix(50))).scalar])
      })
    if trainer.rankCount == 1 || group?.rank == 0 {
      try StandardStream.output.write(
        "\(trainer.rankCount) ranks: \(report.steps) steps, \(report.examples) examples, "
          + "loss \(report.losses.last!.loss)\n")
    }
  }

  /// What was asked for, once this rank has taken so many losses.
  private func happen(after calls: Int, _ model: SmallModel) throws {
    func isNow(_ name: String) -> Bool {
      events[name].map { $0.rank == group?.rank && $0.step == calls } ?? false
    }
    if isNow("--kill") { CurrentProcess.endByForce() }
    if isNow("--throw") { throw Difference("this rank was to throw at its loss \(calls)") }
    if isNow("--drift") { model.first.$weight.tensor = (model.first.weight * 1.0001).detached }
  }
}

/// A point, and whether it is inside of a circle.
struct Example {
  let x: [Double]
  let label: Int32

  init(using generator: inout Generator) {
    x = (0..<2).map { _ in .random(in: -1...1, using: &generator) }
    label = x[0] * x[0] + x[1] * x[1] < 0.5 ? 1 : 0
  }
}

/// Two layers, and one that only the points near a corner need: many parts of a batch have none.
struct SmallModel: Layer {
  let first: Linear<Double>
  let second: Linear<Double>
  let corner: Linear<Double>

  init(using generator: inout Generator) {
    first = Linear(inputs: 2, outputs: 16, using: &generator)
    second = Linear(inputs: 16, outputs: 2, using: &generator)
    corner = Linear(inputs: 2, outputs: 2, using: &generator)
  }

  /// The mean over the examples.
  func loss(_ examples: [Example]) -> Tensor<Double> {
    let x = Tensor<Double>(examples.flatMap(\.x), shape: [examples.count, 2])
    var scores = second(tanh(first(x)))
    let isNear = examples.map { $0.x[0] > 0.9 && $0.x[1] > 0.6 }
    if isNear.contains(true) {
      let mask = Tensor<Double>(isNear.map { $0 ? 1 : 0 }, shape: [examples.count, 1])
      scores = scores + corner(x) * mask
    }
    return crossEntropyLoss(scores, Tensor(examples.map(\.label)))
  }
}

/// Compares what two trainings have left: `mpi-ranks compare DIRECTORY DIRECTORY TOLERANCE`. The
/// tolerance is relative; with 0, bits are compared.
func compare(_ words: [String]) throws {
  guard words.count == 3, let tolerance = Double(words[2]) else {
    throw Difference("compare DIRECTORY DIRECTORY TOLERANCE")
  }
  var largest = 0.0
  var count = 0
  for name in ["last", "best"] {
    let files = try words.prefix(2).map { try SafeTensors(contentsOf: "\($0)/\(name).safetensors") }
    guard files[0].tensors.keys == files[1].tensors.keys else {
      throw Difference("\(name): other tensors")
    }
    for (tensor, stored) in files[0].tensors {
      for (a, b) in try zip(stored.doubles(), files[1].tensors[tensor]!.doubles()) {
        if tolerance == 0, a.bitPattern != b.bitPattern {
          throw Difference("\(name): \(tensor) has \(a) and \(b)")
        }
        largest = max(largest, abs(a - b) / max(abs(a), abs(b), 1e-3))
        count += 1
      }
    }
  }
  if largest > tolerance { throw Difference("weights differ by \(largest), not \(tolerance)") }
  try StandardStream.output.write("\(count) weights differ by at most \(largest)\n")
}
