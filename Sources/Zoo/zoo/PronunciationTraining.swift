import Autograd
import Layers
import Pronunciation
import Seq2Seq
import Training

/// How to train a pronouncing model.
struct PronunciationTraining {
  var epochs: Int?
  var minutes: Double?
  var batchSize = 128
  var hiddenSize = 128
  var embeddingSize = 64
  var score = ScoreName.additive
  var dropout = 0.1
  var smoothing: Float = 0.1
  var learningRate = 4e-3
  var averageDecay: Double? = 0.999
  var seed: UInt64 = 1
  var directory: String?
  /// How often held-out words are looked at.
  var evaluation = Trainer.Configuration.Frequency.epoch

  /// A model that is being trained on pairs of words and pronunciations.
  ///
  /// - Parameters:
  ///   - training: what is learnt.
  ///   - heldOut: decides which weights are the best ones; not learnt.
  func run(
    _ training: Lexicon, heldOut: Lexicon
  ) throws -> (pronouncer: Pronouncer, report: TrainingReport) {
    var generator = Generator(seed: seed)
    let pronouncer = Pronouncer(
      for: training, hiddenSize: hiddenSize, embeddingSize: embeddingSize, score: score,
      dropout: dropout, using: &generator)
    let report = try train(pronouncer, training, heldOut: heldOut)
    return (pronouncer, report)
  }

  private func train(
    _ pronouncer: Pronouncer, _ training: Lexicon, heldOut: Lexicon
  ) throws -> TrainingReport {
    let examples = try training.pairs.map { word, pronunciation in
      (
        source: try pronouncer.letters.encode(word: word),
        target: try pronouncer.phonemes.encode(pronunciation: pronunciation, of: word)
      )
    }
    let (sources, targets) = (examples.map(\.source), examples.map(\.target))
    let (rate, padding, smoothing) = (learningRate, Int(Seq2SeqSymbol.padding), smoothing)
    var trainer = Trainer(
      .init(
        epochs: epochs, minutes: minutes,
        schedule: {
          WarmupCosine(
            learningRate: rate, warmupSteps: Swift.min(200, $0 / 10), totalSteps: $0)
        }, clipNorm: 1, averageDecay: averageDecay, evaluation: evaluation, seed: seed,
        directory: directory), optimizer: Adam(learningRate: rate))
    trainer.unit = "words"
    trainer.metadata = pronouncer.metadata
    let size = batchSize
    return try trainer.run(
      pronouncer.model,
      batches: { _, generator in
        Batches.bucketed(
          lengths: sources.map(\.count), otherLengths: targets.map(\.count), batchSize: size,
          using: &generator)
      }, examples: \.count,
      loss: { model, indices in
        let batch = Seq2SeqBatch(
          sources: indices.map { sources[$0] }, targets: indices.map { targets[$0] })
        return crossEntropyLoss(
          model(batch.source, batch.input, lengths: batch.lengths), batch.labels,
          ignoring: padding, smoothing: smoothing)
      },
      evaluate: { _ in
        let score = try pronouncer.score(heldOut)
        return Metrics(["WER": score.wordErrorRate, "PER": score.phonemeErrorRate])
      })
  }
}
