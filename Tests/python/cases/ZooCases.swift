import AttentionRNN
import Autograd
import Forecaster
import Interchange
import Layers
import Seq2Seq
import SequenceTagger
import ShowAttendTell
import SimpleRNN
import Speech
import Summarizer
import Transformer

/// One case of each model that the library opens.
func zooCases() throws -> [Case] {
  classifierCases() + sequenceCases() + [forecasterCase(), taggerCase(), captionerCase()]
    + speechCases()
}

private let lengths = [4, 6, 2]

private func classifierCases() -> [Case] {
  var generator = Generator(seed: 1)
  let x = Tensor<Float>.normal([3, 6, 5], using: &generator)
  let exact = Tensor<Double>.normal([3, 6, 5], using: &generator)
  let labels = Tensor<Int32>([2, 0, 1])
  let targets = ["labels": filed(labels)]
  let simple = SimpleRNN<Float>(
    .init(
      inputSize: 5, hiddenSize: 6, outputSize: 3, layers: 2, isBidirectional: true, dropout: 0.2),
    using: &generator)
  func attention<Scalar: FloatingPointScalar>(
    _ name: String, _ x: Tensor<Scalar>
  ) -> Case {
    let model = AttentionRNN<Scalar>(
      .init(inputSize: 5, hiddenSize: 16, outputSize: 3, dropout: 0.2), using: &generator)
    return Case(
      name, kind: "attention-rnn", model,
      inputs: ["x": filed(x), "lengths": whole(lengths)],
      apply: {
        [
          "output": filed($0(x, lengths: lengths)),
          "weights": filed($0.attentionWeights(x, lengths: lengths)),
        ]
      }, targets: targets,
      loss: { model, _ in crossEntropyLoss(model(x, lengths: lengths), labels) })
  }
  return [
    Case(
      "simple-rnn", kind: "simple-rnn", simple,
      inputs: ["x": filed(x), "lengths": whole(lengths)],
      apply: { ["output": filed($0(x, lengths: lengths))] }, targets: targets,
      loss: { model, _ in crossEntropyLoss(model(x, lengths: lengths), labels) }),
    attention("attention-rnn", x), attention("attention-rnn-float64", exact),
  ]
}

private func sequenceCases() -> [Case] {
  var generator = Generator(seed: 2)
  let sources: [[Int32]] = [[4, 5, 6], [7, 4], [5]]
  let said: [[Int32]] = [[6, 5], [4, 7, 4], [5]]
  let batch = SequencePairBatch(sources: sources, targets: said)
  let inputs = [
    "source": filed(batch.source), "target": filed(batch.input), "lengths": whole(batch.lengths),
  ]
  let targets = ["labels": filed(batch.labels)]
  let padding = Int(SequenceSymbol.padding)
  let seq2seq = Seq2Seq<Float>(
    .init(
      sourceVocabulary: 9, targetVocabulary: 8, embeddingSize: 5, hiddenSize: 6, dropout: 0.1),
    using: &generator)
  let transformer = Transformer<Float>(
    .init(
      sourceVocabulary: 9, targetVocabulary: 8, size: 8, heads: 2, encoderLayers: 2,
      decoderLayers: 1), using: &generator)
  let labeller = Transformer<Float>(
    .init(
      form: .encoder, sourceVocabulary: 9, targetVocabulary: 8, size: 8, heads: 2,
      encoderLayers: 1), using: &generator)
  return [
    Case(
      "seq2seq", kind: "seq2seq", seq2seq, inputs: inputs,
      apply: {
        let made = $0.decode(batch.source, batch.input, lengths: batch.lengths)
        return ["logits": filed(made.logits), "weights": filed(made.weights!)]
      }, targets: targets,
      loss: { model, _ in
        crossEntropyLoss(
          model(batch.source, batch.input, lengths: batch.lengths), batch.labels,
          ignoring: padding)
      }),
    Case(
      "transformer", kind: "transformer", transformer, inputs: inputs,
      apply: { ["logits": filed($0(batch.source, batch.input, lengths: batch.lengths))] },
      targets: targets,
      loss: { model, _ in
        crossEntropyLoss(
          model(batch.source, batch.input, lengths: batch.lengths), batch.labels,
          ignoring: padding)
      }),
    Case(
      "transformer-encoder", kind: "transformer", labeller,
      inputs: inputs.filter { $0.key != "target" },
      apply: { ["logits": filed($0(labelling: batch.source, lengths: batch.lengths))] },
      targets: ["labels": filed(batch.source.clamped(to: 0...7))],
      loss: { model, _ in
        crossEntropyLoss(
          model(labelling: batch.source, lengths: batch.lengths), batch.source.clamped(to: 0...7),
          ignoring: padding)
      }), summarizerCase(),
  ]
}

private func summarizerCase() -> Case {
  var generator = Generator(seed: 3)
  let model = Summarizer<Float>(
    .init(
      sourceVocabulary: 10, targetVocabulary: 8, embeddingSize: 5, hiddenSize: 6, coverage: true),
    using: &generator)
  let batch = SequencePairBatch(
    sources: [[4, 5], [9, 4]], targets: [[5, 8], [8]], copies: [[4, 5], [8, 4]])
  let (source, copies) = (whole([[4, 5], [9, 4]]), whole([[4, 5], [8, 4]]))
  let said = ["target": whole([[5, 8], [8, 0]]), "targetLengths": whole([2, 1])]
  return Case(
    "summarizer", kind: "summarizer", model,
    inputs: said.merging(["source": source, "copies": copies]) { $1 },
    apply: {
      let made = $0.logLikelihood(batch)
      return ["logProbabilities": filed(made.logProbabilities), "weights": filed(made.weights)]
    }, examples: ["source": source, "copies": copies], targets: said,
    loss: { model, _ in -model.logLikelihood(batch).logProbabilities.sum() / 5 })
}

private func forecasterCase() -> Case {
  var generator = Generator(seed: 4)
  let model = Forecaster<Float>(
    .init(variables: 2, window: 12, horizon: 3, segment: 3, hiddenSize: 6), using: &generator)
  let past = Tensor<Float>.normal([2, 12, 2], using: &generator)
  let future = Tensor<Float>.normal([2, 3, 2], using: &generator)
  return Case(
    "forecaster", kind: "forecaster", model, inputs: ["past": filed(past)],
    apply: {
      let made = $0.forecast(past)
      return ["values": filed(made.values), "weights": filed(made.variableWeights)]
    }, targets: ["future": filed(future)],
    loss: { model, _ in squaredErrorLoss(model(past), future) })
}

private func taggerCase() -> Case {
  var generator = Generator(seed: 5)
  let model = SequenceTagger<Float>(
    .init(
      words: 9, letters: 6, tags: 4, intents: 3, wordSize: 5, letterSize: 3, letterFeatures: 4,
      hiddenSize: 6, scoresNeighbours: true, dropout: 0.1), using: &generator)
  let batch = SequenceTaggerBatch(
    words: [[7, 8, 2], [3]], letters: [[[1, 2, 3], [4, 5], [1]], [[2, 2]]],
    tags: [[0, 1, 3], [2]], intents: [2, 0])
  let sentences = [
    "words": filed(batch.words), "letters": filed(batch.letters), "lengths": whole(batch.lengths),
  ]
  return Case(
    "tagger", kind: "tagger", model, inputs: sentences,
    apply: {
      let logits = $0(batch)
      let seen = $0.predict(batch, TagTransitions(unlimited: 4))
      return [
        "tags": filed(logits.tags), "intents": filed(logits.intents),
        "slotWeights": filed(seen.slotWeights), "intentWeights": filed(seen.intentWeights),
      ]
    },
    // What stands after a sentence's end is not looked at.
    targets: ["tags": whole([[0, 1, 3], [2, 0, 0]]), "intents": filed(batch.intents!)],
    loss: { model, _ in model.loss(batch) })
}

private func captionerCase() -> Case {
  var generator = Generator(seed: 6)
  // A hard glance draws where to look.
  let model = ShowAttendTell<AdditiveScore<Float>>(
    .init(
      vocabulary: 9, pictureSize: 8, stages: [[4], [6]], embeddingSize: 5, hiddenSize: 6,
      glance: .hard, dropout: 0.1), using: &generator)
  let pictures = Tensor<Float>.uniform([2, 3, 8, 8], using: &generator)
  let batch = CaptionBatch(pictures: pictures, captions: [[4, 5, 6], [7]])
  return Case(
    "captioner", kind: "captioner", model,
    inputs: ["pictures": filed(pictures), "target": filed(batch.input)],
    apply: {
      let made = $0(pictures, batch.input)
      return ["logits": filed(made.logits), "weights": filed(made.weights)]
    }, examples: ["pictures": filed(pictures)],
    targets: ["captions": whole([[4, 5, 6], [7, 0, 0]]), "captionLengths": whole([3, 1])],
    loss: { model, drawing in model.loss(batch, using: &drawing) })
}

private func speechCases() -> [Case] {
  var generator = Generator(seed: 7)
  let configuration = SpeechConfiguration(
    features: 5, symbols: 7, hiddenSize: 6, layers: 2, halvings: 1, dropout: 0.1,
    embeddingSize: 4, decoderSize: 6, attentionSize: 5, filters: 2, filterWidth: 3)
  let recordings = [12, 9].map { Tensor<Float>.normal([$0, 5], using: &generator) }
  let batch = SpeechBatch(recordings, targets: [[4, 5], [6]])
  let inputs = ["frames": filed(batch.frames), "lengths": whole(batch.lengths)]
  let targets = ["symbols": whole([[4, 5], [6, 1]]), "symbolLengths": whole([2, 1])]
  let ctc = CTCRecognizer<Float>(configuration, using: &generator)
  let attention = AttentionRecognizer<Float>(configuration, using: &generator)
  let target = padded([[1, 4, 5], [1, 6]])
  return [
    Case(
      "speech-ctc", kind: "speech", ctc, inputs: inputs,
      apply: {
        let made = $0(batch.frames, lengths: batch.lengths)
        return [
          "logProbabilities": filed(made.logProbabilities),
          "stateLengths": filed(Tensor(made.lengths.map { Int32($0) })),
        ]
      }, targets: targets, loss: { model, _ in model.loss(batch) }),
    Case(
      "speech-attention", kind: "speech", attention,
      inputs: inputs.merging(["target": filed(target)]) { $1 },
      apply: {
        let made = $0(batch.frames, lengths: batch.lengths, target: target)
        return ["logits": filed(made.logits), "weights": filed(made.weights)]
      }, examples: inputs, targets: targets, loss: { model, _ in model.loss(batch) }),
  ]
}
