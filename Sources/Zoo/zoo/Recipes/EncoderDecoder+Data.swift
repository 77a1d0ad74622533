import Datasets
import Pronunciation

extension EncoderDecoder {
  static func trainingExamples(
    _ settings: Settings
  ) throws -> (learnt: TextPairs, heldOut: TextPairs) {
    let test = try testExamples(settings)
    switch settings.task {
    case .pronunciation:
      let lexicon = try settings.data.map { try Lexicon(contentsOf: $0) } ?? .cmudict()
      var (learnt, heldOut) =
        try settings.heldOut.map { (lexicon, try Lexicon(contentsOf: $0)) }
        ?? TrainingWords(lexicon).parts
      if let path = settings.test {
        // A word that is tested is neither learnt nor chosen by.
        let tested = try Lexicon(contentsOf: path)
        (learnt, heldOut) = (learnt.without(tested), heldOut.without(tested))
        if learnt.isEmpty { throw UsageError("all training words are in the test list") }
      }
      return (TextPairs(learnt), TextPairs(heldOut))
    case .translation, .summary:
      guard let data = settings.data else {
        throw UsageError("\(settings.task.rawValue) needs pairs of texts: --data FILE")
      }
      var pairs = try TextPairs(contentsOf: data)
      let tested = Set(test?.pairs.map(\.source) ?? [])
      pairs.pairs.removeAll { tested.contains($0.source) }
      if let heldOut = settings.heldOut { return (pairs, try TextPairs(contentsOf: heldOut)) }
      if pairs.pairs.count < 2 {
        throw UsageError("\(pairs.pairs.count) pairs are not enough: some are held out")
      }
      return pairs.split(holdingOutEvery: Swift.min(50, pairs.pairs.count))
    }
  }

  static func testExamples(_ settings: Settings) throws -> TextPairs? {
    guard let path = settings.test else { return nil }
    switch settings.task {
    case .pronunciation: return TextPairs(try Lexicon(contentsOf: path))
    case .translation, .summary: return try TextPairs(contentsOf: path)
    }
  }
}

/// The words to learn from, and some held out to choose the best weights by.
struct TrainingWords {
  let lexicon: Lexicon

  init(_ lexicon: Lexicon) { self.lexicon = lexicon }

  /// A fiftieth of the words, at most 2,000, is held out; of fewer than fifty words one.
  var parts: (learnt: Lexicon, heldOut: Lexicon) {
    get throws {
      if lexicon.count < 2 {
        throw UsageError(
          "\(lexicon.count) word\(lexicon.count == 1 ? " is" : "s are") not enough to train on: "
            + "some are held out")
      }
      let count = Swift.min(2000, Swift.max(1, lexicon.count / 50))
      let split = lexicon.split(heldOut: count, seed: 0)
      return (split.training, split.heldOut)
    }
  }
}
