// Trains a Transformer on pairs of sequences, saves it with its configuration, and loads it again.
import Autograd
import Layers
import Foundation
import Training
import Transformer

var generator = Generator(seed: 1)
let model = Transformer<Float>(
  TransformerConfiguration(
    sourceVocabulary: 8, targetVocabulary: 8, size: 32, heads: 4, encoderLayers: 1,
    decoderLayers: 1, dropout: 0), using: &generator)
let sentences: [[Int32]] = [[4, 5, 6], [5, 7], [6, 4, 7, 7], [7]]
let batch = SequencePairBatch(sources: sentences, targets: sentences.map { $0.reversed() })
var optimizer = Adam(learningRate: 3e-3)
for _ in 0..<300 {
  let (_, gradients) = valueWithGradient(at: model) {
    crossEntropyLoss(
      $0(batch.source, batch.input, lengths: batch.lengths), batch.labels,
      ignoring: Int(SequenceSymbol.padding))
  }
  optimizer.update(model, along: gradients.clipped(toNorm: 1))
}
let path = FileManager.default.temporaryDirectory.path + "/translate.safetensors"
try model.save(to: path)
print(
  try Transformer<Float>(contentsOf: path).beam(sentences, width: 4, limit: 6).map { $0[0].symbols }
)
