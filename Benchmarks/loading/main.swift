// How long a sentence encoder of MiniLM's size takes to be there, and how much memory: `loading FILE` writes
// the file where there is none, and loads it where there is one, by PyTorch's names.
import Autograd
import Interchange
import Layers
import Platform
import Training

/// All parameters of all-MiniLM-L6: 22.7 million.
struct Encoder: Layer {
  let words: Embedding<Float>
  let positions: LearnedPositions<Float>
  let types: Embedding<Float>
  let norm: LayerNorm<Float>
  let layers: [TransformerEncoderLayer<Float>]
  let pooler: Linear<Float>

  init(using generator: inout Generator) {
    let size = 384
    words = Embedding(count: 30_522, size: size, padding: 0, using: &generator)
    positions = LearnedPositions(limit: 512, size: size, using: &generator)
    types = Embedding(count: 2, size: size, using: &generator)
    norm = LayerNorm([size])
    layers = (0..<6).map { _ in
      TransformerEncoderLayer(
        size, heads: 12, innerSize: 4 * size, activation: .gelu, using: &generator)
    }
    pooler = Linear(inputs: size, outputs: size, using: &generator)
  }
}

guard let path = CommandLine.arguments.dropFirst().first else {
  fatalError("loading FILE: writes the file where there is none, and loads it where there is one")
}
var generator = Generator(seed: 1)
if !fileExists(path) {
  try Encoder(using: &generator).save(to: path, names: .pyTorch)
} else {
  // In a line of what the system tells of this process.
  func kilobytes(_ name: String) -> Double {
    ProcessStatus[name].flatMap { Double($0.filter(\.isNumber)) } ?? .nan
  }
  let before = kilobytes("VmRSS")
  let start = MonotonicClock.seconds
  let file = try TensorFile(contentsOf: path)
  let model = awaitingWeights { Encoder(using: &generator) }
  let report = try model.load(file, names: .pyTorch)
  let seconds = MonotonicClock.seconds - start
  let size = Double(file.tensors.values.reduce(0) { $0 + $1.bytes.count }) / 1024
  let (now, peak) = (kilobytes("VmRSS"), kilobytes("VmHWM"))
  print(
    "\(report.loaded.count) tensors, \(fixed(size / 1024, digits: 1)) MB in "
      + "\(fixed(seconds, digits: 3)) s; memory grew by \(fixed((now - before) / size, digits: 2)) of that, "
      + "at most by \(fixed((peak - before) / size, digits: 2))")
}
