import Autograd
import Layers
import ONNX
import SentenceEncoder
import Seq2Seq
import Sequences
import Summarizer
import Transformer
import ZooONNX

/// Models that make one sequence of another, encoder and steps.
func sequenceCases() -> [Case] {
  seq2seqCases() + transformerCases() + sentenceEncoderCases() + summarizerCases()
}

private let symbols = 4..<11

private func seq2seqCases() -> [Case] {
  var generator = Generator(seed: 11)
  func configuration(
    _ score: ScoreName, _ form: DecoderForm = .bahdanau, reach: AttentionReach = .whole,
    coverage: Bool = false
  ) -> Seq2SeqConfiguration {
    Seq2SeqConfiguration(
      sourceVocabulary: 11, targetVocabulary: 11, embeddingSize: 5, hiddenSize: 6, encoderLayers: 2,
      attentionSize: 4, score: score, form: form, reach: reach, window: 2, coverage: coverage,
      dropout: 0.2)
  }
  return [
    ("additive", configuration(.additive)), ("concat", configuration(.concat)),
    ("dot-luong", configuration(.dot, .luong)),
    ("scaled-dot-input-feeding", configuration(.scaledDot, .inputFeeding)),
    ("general-luong", configuration(.general, .luong)),
    ("fixed", configuration(.fixed)), ("none-luong", configuration(.none, .luong)),
    ("coverage", configuration(.additive, coverage: true)),
    ("monotonic-luong", configuration(.general, .luong, reach: .monotonic)),
    ("predicted", configuration(.dot, reach: .predicted)),
  ].map { name, configuration in
    Case("seq2seq-\(name)", Seq2Seq<Float>(configuration, using: &generator)) { write(&$0, $1) }
  }
}

/// Sources of different lengths, with targets that are given.
func write(_ run: inout Run, _ model: Seq2Seq<Float>) {
  let source = run.symbols(
    "input.source", 4..<model.configuration.sourceVocabulary, [run.batch, run.time])
  let target = run.symbols(
    "steps.symbols", 4..<model.configuration.targetVocabulary, [run.batch, 6])
  let (logits, weights) = model.decode(source, target, lengths: run.lengths())
  run.output("logProbabilities", logSoftmax(logits, axis: 2))
  if let weights { run.output("weights", weights) }
}

private func transformerCases() -> [Case] {
  var generator = Generator(seed: 12)
  var cases: [Case] = []
  for form in TransformerForm.allCases {
    for position in NormPosition.allCases {
      let configuration = TransformerConfiguration(
        form: form, sourceVocabulary: 11, targetVocabulary: 11, size: 8, heads: 2, innerSize: 12,
        encoderLayers: 2, decoderLayers: 2, normPosition: position)
      let name = "transformer-\(form.rawValue)-\(position.rawValue)-norm"
      cases.append(
        Case(name, Transformer<Float>(configuration, using: &generator)) { run, model in
          let source = run.symbols("input.source", symbols, [run.batch, run.time])
          let lengths = run.lengths()
          if form == .encoder {
            run.output("logits", model(labelling: source, lengths: lengths))
            return
          }
          let target = run.symbols("steps.symbols", symbols, [run.batch, 6])
          run.output(
            "logProbabilities", logSoftmax(model(source, target, lengths: lengths), axis: 2))
        })
    }
  }
  return cases
}

private func sentenceEncoderCases() -> [Case] {
  var generator = Generator(seed: 14)
  return SentenceEncoderConfiguration.Pooling.allCases.map { pooling in
    let configuration = SentenceEncoderConfiguration(
      vocabulary: 11, size: 8, heads: 2, layers: 2, positions: 40, pooling: pooling,
      isNormalized: pooling != .largest)
    return Case(
      "sentence-encoder-\(pooling.rawValue)",
      SentenceEncoder<Float>(configuration, using: &generator)
    ) { run, model in
      let symbols = run.symbols("input.symbols", 0..<11, [run.batch, run.time])
      let types = run.symbols("input.types", 0..<2, [run.batch, run.time])
      let lengths = run.lengths(isFirstEmpty: true)
      run.output("vectors", model(symbols, lengths: lengths, types: types))
    }
  }
}

private func summarizerCases() -> [Case] {
  var generator = Generator(seed: 13)
  return [("summarizer", true), ("summarizer-without-coverage", false)].map { name, coverage in
    let configuration = Seq2SeqConfiguration(
      sourceVocabulary: 11, targetVocabulary: 8, embeddingSize: 5, hiddenSize: 6, attentionSize: 4,
      coverage: coverage)
    return Case(name, Summarizer<Float>(configuration, using: &generator)) { run, model in
      // The sources' words 8, 9 and 10 are none of the target's vocabulary.
      let lengths = run.lengths()
      let words = lengths.map { length in
        (0..<length).map { _ in Int32(4 + Int(run.generator.uniform() * 7)) }
      }
      // One of them is there in any case: then they are three words of the sources' own.
      let sources = words.map { [10] + $0.dropFirst() }
      let source = padded(sources)
      run.whole("input.source", source.scalars.map { Int($0) }, Array(source.shape))
      run.whole("each.copies", source.scalars.map { Int($0) }, Array(source.shape))
      run.whole("each.ownWords", [3], [])
      let target = run.symbols("steps.symbols", 4..<11, [run.batch, 6])
      var (memory, state) = model.encode(sources, copies: sources)
      let steps = target.unstacked(axis: 1).map { model.step($0, &state, memory) }
      run.output("logProbabilities", Tensor.stacked(steps, axis: 1))
    }
  }
}
