// Puts a score of one's own in the place of the library's, and trains: the model turns words round.
import Autograd
import Layers
import Seq2Seq
import Training

/// How near a key is to the query: the negative squared distance.
struct NearnessScore: AttentionScore, Sendable {
  let projection: Linear<Float>

  /// `[batch, keys, keySize]` to `[batch, keys, querySize]`
  func prepare(keys: Tensor<Float>) -> Tensor<Float> { projection(keys) }

  /// `[batch, queries, querySize]` and prepared keys to `[batch, queries, keys]`
  func callAsFunction(queries: Tensor<Float>, keys: Tensor<Float>) -> Tensor<Float> {
    -square(queries.unsqueezed(axis: 2) - keys.unsqueezed(axis: 1)).sum(axes: 3)
  }
}

var generator = Generator(seed: 1)
let score = NearnessScore(projection: Linear(inputs: 64, outputs: 32, using: &generator))
let model = Seq2Seq<Float>(
  Seq2SeqConfiguration(
    sourceVocabulary: 8, targetVocabulary: 8, embeddingSize: 16, hiddenSize: 32),
  score: score, using: &generator)
let words: [[Int32]] = [[4, 5, 6], [5, 7], [6, 4, 7, 7], [7]]
let batch = SequencePairBatch(sources: words, targets: words.map { $0.reversed() })
var optimizer = Adam(learningRate: 5e-3)
for _ in 0..<300 {
  let (_, gradients) = valueWithGradient(at: model) {
    crossEntropyLoss(
      $0(batch.source, batch.input, lengths: batch.lengths), batch.labels,
      ignoring: Int(SequenceSymbol.padding))
  }
  optimizer.update(model, along: gradients.clipped(toNorm: 1))
}
print(model.greedy(words, limit: 6).map(\.symbols))
