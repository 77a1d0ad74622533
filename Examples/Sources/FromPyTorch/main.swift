// The program of Documentation/Tapestry.docc/FromPyTorch.md: change it there, and call Documentation/programs.sh.
import FoundationEssentials
import Interchange

/// Says yes or no to a sequence.
struct Reader: Layer, PyTorchNamed {
  let gru: GRU<Float>
  let answer: Linear<Float>

  static var pyTorchModule: String? { nil }
  var pyTorchNames: [NameRule] {
    [.rename("gru.**", to: "encoder.**"), .rename("answer.**", to: "classifier.**")]
  }

  init(using generator: inout Generator) {
    gru = GRU(inputSize: 2, hiddenSize: 3, isBidirectional: true, using: &generator)
    answer = Linear(inputs: 6, outputs: 2, using: &generator)
  }

  func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> { answer(gru(x).outputs.mean(axes: 1)) }
}

let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()
let path = root.appending(path: "Tests/InterchangeTests/Fixtures/gru.pt").path

var generator = Generator(seed: 1)
let model = Reader(using: &generator)
let report = try model.gru.load(TensorFile(contentsOf: path), names: .pyTorch)
print("\(report.loaded.count) tensors of \(TensorFile.Kind.pyTorch)")

let folder = FileManager.default.temporaryDirectory.appending(path: "from-pytorch-example").path
try model.save(toFolder: folder, names: .pyTorch, as: .bfloat16)
let file = try TensorFile(contentsOf: folder)
for (name, tensor) in file.tensors.sorted(by: { $0.key < $1.key }) {
  print("\(name): \(tensor.dtype.name) \(tensor.shape)")
}

do throws(WeightsError) {
  try model.load(file)
} catch {
  print(error)
}

let same = awaitingWeights { Reader(using: &generator) }
try same.load(file, names: .pyTorch)
let x = Tensor<Float>.ones([1, 4, 2])
print("differs by less than 0.01: \(abs(same(x) - model(x)).max().scalar < 0.01)")
