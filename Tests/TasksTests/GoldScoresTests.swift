import Foundation
import Tasks
import Testing

/// Scores and pieces of words beside what the published programs say of the same corpora
/// (`Tests/Gold/scores.py`).
@Suite struct GoldScoresTests {
  private struct Gold: Decodable {
    struct Translation: Decodable {
      let hypotheses: [[String]]
      let references: [[[String]]]
      let order: Int
      let smoothing: String
      let value: Double?
      let bleu, brevity, chrf: Double
      let precisions: [Double]
      let lengths: [Int]
    }

    struct Slots: Decodable {
      let hypotheses, references: [[String]]
      let counts: [Int]
      let f1: Double
      let kinds: [String: Double]
    }

    struct Errors: Decodable {
      let hypotheses, references: [[String]]
      let rate: Double
    }

    struct Pieces: Decodable {
      let corpus: [String]
      let count: Int
      let codes, text: String
      let pieces: [String]
    }

    let translations: [Translation]
    let slots: [Slots]
    let errors: [Errors]
    let pieces: [Pieces]
  }

  private let gold: Gold

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Gold/scores.json")
    gold = try JSONDecoder().decode(Gold.self, from: Data(contentsOf: file))
  }

  /// Both are sums of at most some hundred terms in double precision.
  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-10 * max(1, abs(b)) }

  @Test func `BLEU is sacrebleu's`() {
    #expect(gold.translations.count == 40)
    for (number, one) in gold.translations.enumerated() {
      let smoothing: BLEU.Smoothing =
        switch one.smoothing {
        case "exp": .exponential
        case "floor": .floor(one.value!)
        case "add-k": .adding(one.value!)
        default: .none
        }
      let bleu = BLEU(
        hypotheses: one.hypotheses, references: one.references, maximumOrder: one.order,
        smoothing: smoothing)
      #expect(isClose(bleu.score, one.bleu), "\(number): \(bleu.score) for \(one.bleu)")
      #expect(isClose(bleu.brevityPenalty, one.brevity), "\(number)")
      #expect([bleu.hypothesisLength, bleu.referenceLength] == one.lengths, "\(number)")
      #expect(zip(bleu.precisions, one.precisions).allSatisfy(isClose), "\(number)")
    }
  }

  @Test func `chrF is sacrebleu's`() {
    for (number, one) in gold.translations.enumerated() {
      let score = CharacterFScore(
        hypotheses: one.hypotheses.map { $0.joined(separator: " ") },
        references: one.references.map { $0.map { $0.joined(separator: " ") } }
      ).score
      #expect(isClose(score, one.chrf), "\(number): \(score) for \(one.chrf)")
    }
  }

  @Test func `slots are counted as conlleval counts them`() {
    #expect(gold.slots.count == 30)
    for (number, one) in gold.slots.enumerated() {
      let score = SlotScore(hypotheses: one.hypotheses, references: one.references)
      let total = score.total
      #expect([total.reference, total.found, total.right] == one.counts, "\(number)")
      #expect(isClose(score.f1, one.f1), "\(number)")
      #expect(Set(score.kinds.keys) == Set(one.kinds.keys), "\(number)")
      for (kind, counts) in score.kinds {
        #expect(isClose(counts.f1, one.kinds[kind] ?? .nan), "\(number), \(kind)")
      }
    }
  }

  @Test func `word errors are jiwer's`() {
    #expect(gold.errors.count == 20)
    for one in gold.errors {
      // Accents of their own and composed ones are different words there.
      let exact = { (texts: [[String]]) in texts.map { $0.map { Array($0.utf8) } } }
      let score = ErrorRate(
        hypotheses: exact(one.hypotheses), references: exact(one.references))
      #expect(isClose(score.rate, one.rate))
    }
  }

  @Test func `pieces of words are learnt and cut as subword-nmt does`() throws {
    #expect(gold.pieces.count == 4)
    for one in gold.pieces {
      let learnt = BytePairEncoding(learningFrom: one.corpus, mergeCount: one.count)
      #expect(Array(learnt.text.utf8) == Array(one.codes.utf8))
      let read = try BytePairEncoding(bytes: Array(one.codes.utf8))
      #expect(read == learnt)
      let pieces = read.tokens(of: one.text)
      #expect(pieces.map { Array($0.utf8) } == one.pieces.map { Array($0.utf8) })
      #expect(Array(read.text(of: pieces).utf8) == Array(one.text.utf8))
    }
  }
}
