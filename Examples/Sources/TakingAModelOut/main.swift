// The program of Documentation/Tapestry.docc/TakingAModelOut.md: change it there, and call Documentation/programs.sh.
import AttentionRNN
import Foundation
import Interchange
import ONNX
import Pretrained
import ZooONNX

let folder = FileManager.default.temporaryDirectory.path + "/taking-out"
try createDirectory(folder)
let model = try AttentionRNN<Float>(contentsOf: Pretrained.path(of: "attention-rnn")!)
try model.save(
  to: "\(folder)/listener.safetensors", names: .pyTorch, metadata: ["license": "as you like"])
print(try TensorFile(contentsOf: "\(folder)/listener.safetensors").tensors.keys.sorted())

print(try model.save(onnx: "\(folder)/listener.onnx").map { $0.split(separator: "/").last! })

var generator = Generator(seed: 1)
let x = Tensor<Float>.normal([2, 9, 12], using: &generator)
try [
  "x": StoredTensor(x), "answers": StoredTensor(model(x, lengths: [9, 5])),
].write(npz: "\(folder)/example.npz")
print("written:", try FileManager.default.contentsOfDirectory(atPath: folder).sorted())
