import Autograd
import Layers
import Seq2Seq
import Testing

/// A score of one's own is used, or it is told why not: never passed over in silence. Each call ends a
/// process of its own.
@Suite struct OwnScoreErrorTests {
  /// What a model is asked for beside a score.
  enum Refused: String, CaseIterable, Codable {
    case coverage, fixed, none, history

    func makeModel() {
      var configuration = Seq2SeqConfiguration(
        sourceVocabulary: 5, targetVocabulary: 5, embeddingSize: 2, hiddenSize: 2)
      var generator = Generator(seed: 1)
      var score: any AttentionScore<Float> & Sendable = GeneralScore<Float>(
        querySize: 2, keySize: 4, using: &generator)
      switch self {
      case .coverage: configuration.coverage = true
      case .fixed: configuration.score = .fixed
      case .none: configuration.score = .none
      case .history:
        score = LocationScore<Float>(
          querySize: 2, keySize: 4, hiddenSize: 2, filters: 1, width: 3, using: &generator)
      }
      _ = Seq2Seq<Float>(configuration, score: score, using: &generator)
    }

    var sentence: String {
      let place =
        "Seq2Seq: a score of one's own takes the place of a named one, without coverage; the "
        + "configuration names "
      return switch self {
      case .coverage: place + "additive with coverage"
      case .fixed, .none: place + rawValue
      case .history:
        "Seq2Seq: LocationScore<Float> looks at earlier steps, which only coverage keeps here"
      }
    }
  }

  @Test(arguments: Refused.allCases)
  func `what a score of one's own does not go with is told`(refused: Refused) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [refused] in
      refused.makeModel()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains(refused.sentence))
  }
}
