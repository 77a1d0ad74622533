// What several ranks cost: `ranks reduce` times sums over all ranks, `ranks train MODEL BATCH` the steps of a
// training, whose batch all ranks share. Benchmarks/ranks/compare.py starts it, beside PyTorch with Gloo.
import Autograd
import Distributed
import Layers
import Platform
import Training

/// Prints a line `NAME SECONDS` with the median of times, on the rank that has taken them.
func tell(_ name: String, _ times: [Double]) throws {
  if times.isEmpty { return }
  try StandardStream.output.write("\(name) \(times.sorted()[times.count / 2])\n")
}

/// Sums of `Float`: by the library's own function, as gradients are summed up, and as bfloat16.
func reduce(_ group: ProcessGroup) throws {
  for count in [1_000, 100_000, 1_000_000, 4_000_000] {
    let rounds = max(10, min(200, 20_000_000 / count))
    for name in ["allreduce", "float", "bfloat16"] {
      var times: [Double] = []
      for _ in 0..<rounds {
        // No sum may grow out of the numbers' range.
        var tensor = Tensor<Float>.ones([count])
        try group.barrier()
        let start = MonotonicClock.seconds
        if name == "allreduce" {
          try group.sum(&tensor)
        } else {
          tensor = try group.beginSum(tensor, as: name == "float" ? .full : .bfloat16).wait()
        }
        times.append(MonotonicClock.seconds - start)
      }
      if group.rank == 0 { try tell("reduce-\(name)-\(count)", times) }
    }
  }
}

/// Takes the time between steps.
final class StepTimes: TrainingObserver {
  private var last: Double?
  private(set) var times: [Double] = []

  func didStep(_ step: TrainingStep) throws {
    let now = MonotonicClock.seconds
    if let last { times.append(now - last) }
    last = now
  }
}

/// A network over sequences, whose last state or mean is classified.
struct Network: Layer {
  static let (time, classes) = (32, 10)
  let recurrent: LSTM<Float>?
  let encoder: [TransformerEncoderLayer<Float>]
  let output: Linear<Float>

  init(_ name: String, using generator: inout Generator) {
    switch name {
    case "lstm":
      recurrent = LSTM(inputSize: 128, hiddenSize: 256, using: &generator)
      encoder = []
    case "transformer":
      recurrent = nil
      encoder = (0..<2).map { _ in
        TransformerEncoderLayer(256, heads: 4, innerSize: 1024, using: &generator)
      }
    default: trap("there is an lstm and a transformer, not \(name)")
    }
    output = Linear(inputs: 256, outputs: Self.classes, using: &generator)
  }

  var inputSize: Int { recurrent == nil ? 256 : 128 }

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> {
    guard let recurrent else {
      return output(encoder.reduce(x) { $1($0) }.mean(axes: 1))
    }
    return output(recurrent(x).outputs.mean(axes: 1))
  }
}

func train(_ name: String, _ batchSize: Int, _ format: GradientFormat, _ group: ProcessGroup?)
  throws
{
  var generator = Generator(seed: 1)
  let model = Network(name, using: &generator)
  let x = Tensor<Float>.uniform(
    [batchSize, Network.time, model.inputSize], in: -1...1, using: &generator)
  let labels = (0..<batchSize).map { Int32($0 % Network.classes) }
  var trainer = Trainer(
    .init(epochs: 1, clipNorm: 1, evaluation: .steps(1_000_000), gradientFormat: format),
    optimizer: Adam(learningRate: 1e-4))
  let times = StepTimes()
  trainer.observers = [times]
  trainer.group = group
  _ = try trainer.run(
    model, batches: { _, _ in [Range<Int>](repeating: 0..<batchSize, count: 26) },
    examples: \.count, part: { $0.lowerBound + $1.lowerBound..<$0.lowerBound + $1.upperBound },
    loss: { model, rows in
      crossEntropyLoss(model(x.narrowed(axis: 0, to: rows)), Tensor(Array(labels[rows])))
    })
  try tell("train-\(name)-\(format)", Array(times.times.dropFirst(5)))
}

let words = Array(CommandLine.arguments.dropFirst())
do {
  try ProcessGroup.whileOpen { group in
    switch (words.first, group) {
    case ("reduce", let group?): try reduce(group)
    case ("train", _) where words.count >= 3:
      for format in group == nil ? [.full] : GradientFormat.allCases {
        try train(words[1], Int(words[2]) ?? 64, format, group)
      }
    default: CurrentProcess.end(saying: "ranks reduce | ranks train MODEL BATCH")
    }
  }
} catch {
  CurrentProcess.end(saying: "\(error)")
}
