import AttentionRNN
import Autograd
import Forecaster
import Layers
import ONNX
import SequenceTagger
import ShowAttendTell
import SimpleRNN
import Speech
import Training
import ZooONNX

/// The models of the zoo.
func zooCases() -> [Case] {
  classifierCases() + forecasterCases() + taggerCases() + captionerCases() + speechCases()
    + sequenceCases()
}

private func classifierCases() -> [Case] {
  var generator = Generator(seed: 6)
  var cases: [Case] = []
  for (suffix, layers, isBidirectional) in [
    ("", 1, false), ("-two-layers-both-directions", 2, true),
  ] {
    cases.append(
      Case(
        "simple-rnn\(suffix)",
        SimpleRNN<Float>(
          .init(
            inputSize: 5, hiddenSize: 6, outputSize: 4, layers: layers,
            isBidirectional: isBidirectional, dropout: 0.2), using: &generator)
      ) { run, model in
        let (x, lengths): (Tensor<Float>, [Int]) = run.sequences("x", size: 5)
        run.output("output", model(x, lengths: lengths))
      })
    cases.append(
      Case(
        "attention-rnn\(suffix)",
        AttentionRNN<Float>(
          .init(
            inputSize: 5, hiddenSize: 6, outputSize: 4, layers: layers,
            isBidirectional: isBidirectional, dropout: 0.2), using: &generator)
      ) { classify(&$0, $1) })
  }
  return cases
}

/// Sequences of different lengths to classes.
func classify(_ run: inout Run, _ model: AttentionRNN<Float>) {
  let (x, lengths): (Tensor<Float>, [Int]) = run.sequences(
    "x", size: model.configuration.inputSize)
  run.output("output", model(x, lengths: lengths))
  run.output("weights", model.attentionWeights(x, lengths: lengths))
}

private func forecasterCases() -> [Case] {
  var generator = Generator(seed: 7)
  func configuration(
    _ normalization: ForecasterConfiguration.Normalization,
    _ change: (
      inout ForecasterConfiguration
    ) -> Void = { _ in }
  ) -> ForecasterConfiguration {
    var configuration = ForecasterConfiguration(
      variables: 3, window: 12, horizon: 4, segment: 3, hiddenSize: 6, attentionSize: 5,
      normalization: normalization, mean: 0.2, deviation: 1.5)
    change(&configuration)
    return configuration
  }
  return [
    ("forecaster", configuration(.last)),
    (
      "forecaster-lstm-together",
      configuration(.standard) {
        $0.cell = .lstm
        $0.sharesWeights = false
      }
    ),
    (
      "forecaster-linear-square-root",
      configuration(.fixed) {
        $0.hasLinearPart = true
        $0.transform = .squareRoot
      }
    ),
  ].map { name, configuration in
    Case(name, Forecaster<Float>(configuration, using: &generator)) { forecast(&$0, $1) }
  }
}

/// Windows to what follows them.
func forecast(_ run: inout Run, _ model: Forecaster<Float>) {
  let configuration = model.configuration
  let past: Tensor<Float> = run.input(
    "past", [run.batch, configuration.window, configuration.variables])
  let forecast = model.forecast(past)
  run.output("values", forecast.values)
  run.output("weights", forecast.variableWeights)
}

private func taggerCases() -> [Case] {
  var generator = Generator(seed: 8)
  func configuration(
    _ change: (inout SequenceTaggerConfiguration) -> Void
  ) -> SequenceTaggerConfiguration {
    var configuration = SequenceTaggerConfiguration(
      words: 20, letters: 9, tags: 5, intents: 3, wordSize: 6, letterSize: 4, letterFeatures: 5,
      hiddenSize: 6, attentionSize: 4)
    change(&configuration)
    return configuration
  }
  return [
    ("tagger", configuration { _ in }),
    (
      "tagger-gru-neighbours-without-letters",
      configuration {
        $0.cell = .gru
        $0.letterFeatures = 0
        $0.scoresNeighbours = true
      }
    ),
    ("tagger-decoder", configuration { $0.tagSize = 3 }),
  ].map { name, configuration in
    Case(name, SequenceTagger<Float>(configuration, using: &generator)) { tag(&$0, $1) }
  }
}

/// Sentences to intents and tags; a decoder is given the right tags.
func tag(_ run: inout Run, _ model: SequenceTagger<Float>) {
  let tags = model.configuration.tags
  let batch = sentences(&run, model.configuration)
  run.whole("input.words", batch.words.scalars.map { Int($0) }, Array(batch.words.shape))
  run.whole("input.letters", batch.letters.scalars.map { Int($0) }, Array(batch.letters.shape))
  let logits = model(batch)
  run.output("tags", logits.tags)
  run.output("intents", logits.intents)
  let seen = model.predict(batch, TagTransitions(unlimited: tags))
  run.output("slotWeights", seen.slotWeights)
  run.output("intentWeights", seen.intentWeights)
  if let chain = model.chain { run.output("neighbours", chain.scores) }
  if model.decoder == nil { return }
  let (given, time) = (batch.tags!.scalars, batch.words.shape[1])
  let before = given.indices.map { index in
    index % time == 0 || given[index - 1] < 0 ? tags : Int(given[index - 1])
  }
  run.whole("steps.tag", before, Array(batch.words.shape))
}

/// Sentences of different lengths, whose words have different lengths.
private func sentences(
  _ run: inout Run, _ sizes: SequenceTaggerConfiguration
) -> SequenceTaggerBatch {
  let lengths = run.lengths()
  func number(_ range: Range<Int>) -> Int32 {
    Int32(range.lowerBound + Int(run.generator.uniform() * Double(range.count)))
  }
  let words = lengths.map { length in (0..<length).map { _ in number(1..<sizes.words) } }
  let letters = words.map {
    $0.map { _ in (0..<Int(number(1..<7))).map { _ in number(1..<sizes.letters) } }
  }
  return SequenceTaggerBatch(
    words: words, letters: letters, tags: words.map { $0.map { _ in number(0..<sizes.tags) } },
    intents: lengths.map { _ in number(0..<sizes.intents) })
}

private func captionerCases() -> [Case] {
  var generator = Generator(seed: 9)
  func configuration(_ glance: Glance) -> ShowAttendTellConfiguration {
    ShowAttendTellConfiguration(
      vocabulary: 9, pictureSize: 8, stages: [[4, 4], [6]], embeddingSize: 5, hiddenSize: 6,
      attentionSize: 4, glance: glance)
  }
  func model<Score: ONNXAttentionScore & Sendable>(
    _ name: String, _ model: ShowAttendTell<Score>
  ) -> Case {
    Case(name, model) { caption(&$0, $1) }
  }
  typealias Captioner = ShowAttendTell<AdditiveScore<Float>>
  return [
    Case(
      "picture-encoder", Captioner(configuration(.soft), using: &generator).encoder,
      shape: { [$0, 3, 2 * $1, 2 * $1 + 4] }
    ) { $0($1) as Tensor<Float> },
    model("captioner", Captioner(configuration(.soft), using: &generator)),
    model("captioner-hard", Captioner(configuration(.hard), using: &generator)),
    model(
      "captioner-general-score",
      ShowAttendTell(
        configuration(.soft),
        score: GeneralScore<Float>(querySize: 6, keySize: 6, using: &generator), using: &generator)),
  ]
}

/// Pictures, with captions that are given.
func caption<Score: ONNXAttentionScore & Sendable>(
  _ run: inout Run, _ model: ShowAttendTell<Score>
) {
  let (size, vocabulary) = (model.configuration.pictureSize, model.configuration.vocabulary)
  let pictures: Tensor<Score.Scalar> = run.input("pictures", [run.batch, 3, size, size])
  let symbols = run.symbols("steps.symbols", 1..<vocabulary, [run.batch, run.time])
  let (logits, weights) = model(pictures, symbols)
  run.output("logProbabilities", logSoftmax(logits, axis: 2))
  run.output("weights", weights)
}

private func speechCases() -> [Case] {
  var generator = Generator(seed: 10)
  let configuration = SpeechConfiguration(
    features: 5, symbols: 8, hiddenSize: 6, layers: 3, halvings: 2, embeddingSize: 4,
    decoderSize: 6, attentionSize: 5, filters: 3, filterWidth: 3)
  return [
    Case("speech-ctc", CTCRecognizer<Float>(configuration, using: &generator)) { run, model in
      let frames: Tensor<Float> = run.input("frames", [run.batch, run.time, 5])
      let (logProbabilities, lengths) = model(frames, lengths: run.lengths())
      run.output("logProbabilities", logProbabilities)
      run.output("stateLengths", lengths)
    },
    Case("speech-attention", AttentionRecognizer<Float>(configuration, using: &generator)) {
      run, model in
      let frames: Tensor<Float> = run.input("frames", [run.batch, run.time, 5])
      let symbols = run.symbols("steps.symbols", 1..<8, [run.batch, 5])
      let (logits, weights) = model(frames, lengths: run.lengths(), target: symbols)
      run.output("logProbabilities", logSoftmax(logits, axis: 2))
      run.output("weights", weights)
    },
  ]
}
