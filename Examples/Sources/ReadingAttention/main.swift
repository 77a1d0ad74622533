// The program of Documentation/Tapestry.docc/ReadingAttention.md: change it there, and call Documentation/programs.sh.
import AttentionRNN
import Autograd
import Foundation
import Layers
import Pretrained
import Seq2Seq
import Tasks
import Training

let listener = try AttentionRNN<Float>(contentsOf: Pretrained.path(of: "attention-rnn")!)
var generator = Generator(seed: 1)
let x = Tensor<Float>.normal([2, 6, 12], using: &generator)
let weights = listener.attentionWeights(x, lengths: [6, 4])
print("weights", weights.shape, "sums", weights.sum(axes: 1).scalars.map { $0.rounded() })
print("behind the end:", weights[1, 4...].scalars)

let slopes = gradient(at: x) { x in
  valueWithGradient(evaluating: listener) { $0(x, lengths: [6, 4]).max(axes: 1).sum() }.value
}
let strengths = square(slopes).sum(axes: 2)
print("the most influential moment:", strengths[0].argmax(axis: 0).scalar)

let path = Pretrained.path(of: "seq2seq")!
let model = try Seq2Seq<Float>(contentsOf: path)
let metadata = try SafeTensors(contentsOf: path).metadata
let letters = try JSONDecoder().decode(TextCodec.self, from: Data(metadata["source"]!.utf8))
let sounds = try JSONDecoder().decode(TextCodec.self, from: Data(metadata["target"]!.utf8))

let word = "attention"
let source = letters.encode(word)
let said = model.beam([source], width: 4, limit: 40)[0][0]
let map = AttentionMap(
  sources: letters.tokens(of: word), outputs: sounds.tokens(said.symbols),
  weights: model.attentionHeads(source: source, target: said.symbols)[0].weights, caption: word)
print(map.terminal(color: false))
try AtomicFile.write(
  map.svg(), to: FileManager.default.temporaryDirectory.path + "/attention.svg")
