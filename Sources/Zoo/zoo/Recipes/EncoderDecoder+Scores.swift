import Autograd
import Pronunciation
import Sequences
import Tasks
import Training

// How good an encoder-decoder is, and its answers.

/// Bytes of an input that is answered: the memory that a source takes grows with its length.
private let longestInput = 20_000

extension EncoderDecoder {
  func scores(on examples: TextPairs) throws -> Metrics {
    try scores(on: examples, beam: settings.beam)
  }

  /// The scores of a task: word and phoneme error rates, or BLEU and chrF.
  func scores(on examples: TextPairs, beam: Int) throws -> Metrics {
    let count = Double(examples.pairs.count)
    switch settings.task {
    case .pronunciation:
      let score = try score(examples, beam: beam)
      return Metrics([
        "WER": score.wordErrorRate, "PER": score.phonemeErrorRate, "words": count,
      ])
    case .translation, .summary:
      let found = try texts(examples, beam: beam)
      let references = examples.pairs.map { $0.references.map { words($0) } }
      let bleu = BLEU(hypotheses: found.map { words($0) }, references: references)
      let characters = CharacterFScore(
        hypotheses: found, references: examples.pairs.map(\.references))
      return Metrics(
        ["BLEU": bleu.score, "chrF": characters.score, "sentences": count],
        lowerIsBetter: false)
    }
  }

  /// Word and phoneme error rates, word by word. A word with a letter that the model has never seen
  /// counts as wrong: all its phonemes are missing.
  func score(_ examples: TextPairs, beam: Int = 1) throws -> Score {
    Score(
      words: zip(examples.pairs, try texts(examples, beam: beam)).map { pair, text in
        Score.Word(
          word: pair.source, hypothesis: words(text), references: pair.references.map(words))
      })
  }

  private func texts(_ examples: TextPairs, beam: Int) throws -> [String] {
    try said(to: examples.pairs.map(\.source), beam: beam).map { $0?.text ?? "" }
  }

  /// Inputs as the model reads them.
  ///
  /// - Throws: `InputError` for one that has no answer.
  func checked(_ inputs: [String]) throws -> [String] {
    let sources = settings.task == .pronunciation ? inputs.map { $0.lowercased() } : inputs
    for (index, source) in sources.enumerated() {
      if source.allSatisfy(\.isWhitespace) {
        throw InputError(index: index, reason: "an empty input has no answer")
      }
      if source.utf8.count > longestInput {
        throw InputError(
          index: index,
          reason: "the input has \(source.utf8.count) bytes; at most \(longestInput) are answered")
      }
      if settings.task == .pronunciation, let letter = sourceCodec.unknownToken(in: source) {
        throw InputError(
          index: index,
          reason: "\"\(source)\" has a letter that the model has never seen: \"\(letter)\"")
      }
    }
    return sources
  }

  func answers(to inputs: [String]) throws -> [Answer] {
    let sources = try checked(inputs)
    return zip(inputs, try said(to: sources, beam: settings.beam)).map { input, said in
      let text = said?.text ?? ""
      return Answer(
        input: input, text: text,
        fields: [
          "output": .string(text),
          "logProbability": .number(said?.hypothesis.logProbability ?? -.infinity),
        ])
    }
  }

  func hypotheses(on examples: TextPairs) throws -> String {
    zip(examples.pairs, try texts(examples, beam: settings.beam)).reduce(into: "") { text, pair in
      text += "\(pair.0.source)\t\(pair.1)\n"
    }
  }

  /// What scores count: what white space separates, or in prose that is not prepared words and marks.
  func words(_ text: String) -> [String] {
    switch settings.task {
    case .pronunciation, .translation: WordTokenizer().tokens(of: text)
    case .summary: MarkTokenizer().tokens(of: text)
    }
  }
}
