// Trains a pointer-generator to say a word that no vocabulary has: it is copied from the source.
import Autograd
import Layers
import Summarizer
import Training

var generator = Generator(seed: 1)
let model = Summarizer<Float>(
  .init(sourceVocabulary: 6, targetVocabulary: 6, embeddingSize: 16, hiddenSize: 32),
  using: &generator)
// The unknown word (3) after 4 is the source's own: it is called 6, after the vocabulary's numbers.
let sources: [[Int32]] = [[4, 3, 5], [5, 4, 3], [4, 3], [5, 5, 4, 3]]
let copies: [[Int32]] = [[4, 6, 5], [5, 4, 6], [4, 6], [5, 5, 4, 6]]
let batch = SequencePairBatch(
  sources: sources, targets: sources.map { _ in [6, 5] }, copies: copies)
var optimizer = Adam(learningRate: 1e-2)
for _ in 0..<200 {
  let (_, gradients) = valueWithGradient(at: model) {
    -$0.logLikelihood(batch).logProbabilities.sum() / Float(batch.symbolCount)
  }
  optimizer.update(model, along: gradients.clipped(toNorm: 1))
}
print(model.beam(sources, copies: copies, width: 2, limit: 4).map { $0[0].symbols })
