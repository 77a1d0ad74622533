// Loads the weights that ship, says a word, and shows which letters each sound came from.
import Autograd
import Foundation
import Pretrained
import Seq2Seq
import Tasks
import Training

let path = Pretrained.path(of: "seq2seq")!
let model = try Seq2Seq<Float>(contentsOf: path)
let metadata = try SafeTensors(contentsOf: path).metadata
let letters = try JSONDecoder().decode(TextCodec.self, from: Data(metadata["source"]!.utf8))
let sounds = try JSONDecoder().decode(TextCodec.self, from: Data(metadata["target"]!.utf8))

let word = CommandLine.arguments.dropFirst().first ?? "tapestry"
let source = letters.encode(word)
let said = model.beam([source], width: 4, limit: 40)[0][0]
print(word, sounds.tokens(said.symbols).joined(separator: " "))
let looked = model.attentionHeads(source: source, target: said.symbols)[0]
let map = AttentionMap(
  sources: letters.tokens(of: word), outputs: sounds.tokens(said.symbols),
  weights: looked.weights, caption: word)
print(map.terminal(color: false))
