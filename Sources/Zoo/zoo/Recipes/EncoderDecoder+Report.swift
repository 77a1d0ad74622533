import Pronunciation
import Tasks

extension EncoderDecoder {
  /// Of pronunciations: words with what the model says, their attention, and errors by length. Of
  /// translations: sentences with their references.
  func reportParts(on examples: TextPairs) throws -> ReportParts {
    guard settings.task == .pronunciation else { return try translations(of: examples) }
    let score = try score(examples, beam: settings.beam)
    let shown = Array(
      examples.pairs.map(\.source).filter { (6...10).contains($0.count) }.prefix(4))
    let maps = zip(shown, try said(to: shown, beam: settings.beam)).compactMap { word, found in
      found.flatMap { alignment(word, $0) }
    }
    return ReportParts(
      pictures: Self.judged(maps, score), samples: [Self.samples(of: score)],
      lengthErrors: Self.lengthErrors(of: score))
  }

  private func translations(of examples: TextPairs) throws -> ReportParts {
    let shown = Array(examples.pairs.prefix(40))
    let found = try said(to: shown.map(\.source), beam: settings.beam)
    let maps = zip(shown, found).prefix(4).compactMap { pair, said in
      said.flatMap { alignment(pair.source, $0) }
    }
    let samples = Samples(
      heading: "Sentences", explanation: "Sentences that the model never saw in training.",
      columns: ["source", "model", "reference"],
      rows: zip(shown, found).map { pair, said in
        [.text(pair.source), .text(said?.text ?? ""), .text(pair.references[0])]
      })
    return ReportParts(
      pictures: maps, samples: [samples], lengthErrors: [try scoresByLength(examples)])
  }

  /// BLEU of sentences of similar length.
  private func scoresByLength(_ examples: TextPairs) throws -> LengthErrors {
    let found = try said(to: examples.pairs.map(\.source), beam: settings.beam)
    let lengths = examples.pairs.map { words($0.source).count }
    let buckets = LengthErrors.groups(of: lengths).map { group in
      let score = BLEU(
        hypotheses: group.map { words(found[$0]?.text ?? "") },
        references: group.map { examples.pairs[$0].references.map { words($0) } })
      return LengthErrors.Bucket(
        lengths: lengths[group[0]]...lengths[group[group.count - 1]], count: group.count,
        rate: score.score)
    }
    return LengthErrors(buckets: buckets, caption: "BLEU by words of the source", unit: "")
  }

  /// The maps with the verdict on their words, the shortest first: maps of one height share a row.
  static func judged(_ maps: [AttentionMap], _ score: Score) -> [AttentionMap] {
    maps.sorted { $0.outputs.count < $1.outputs.count }.map { map in
      var judged = map
      if let word = score.words.first(where: { $0.word == map.caption }) {
        judged.caption += word.isRight ? " ✓ right" : " ✗ wrong"
      }
      return judged
    }
  }

  /// Words with what the model says and what the dictionary says.
  static func samples(of score: Score) -> Samples {
    Samples(
      heading: "Words",
      explanation: "Words that the model never saw in training; differences are marked.",
      columns: ["word", "result", "model", "dictionary"],
      rows: score.words.prefix(40).map { word in
        let cells = Samples.Cell.difference(hypothesis: word.hypothesis, reference: word.closest)
        return [.text(word.word), .verdict(word.isRight), cells.hypothesis, cells.reference]
      })
  }

  /// Error rates by the length of the word.
  static func lengthErrors(of score: Score) -> [LengthErrors] {
    let lengths = score.words.map(\.word.count)
    return [
      LengthErrors(
        lengths: lengths, errors: score.words.map(\.errors), of: score.words.map(\.closest.count),
        caption: "Phoneme error rate by letters of the word"),
      LengthErrors(
        lengths: lengths, errors: score.words.map { $0.isRight ? 0 : 1 },
        of: lengths.map { _ in 1 }, caption: "Word error rate by letters of the word"),
    ]
  }
}
