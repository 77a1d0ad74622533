import Layers

/// How a captioner looks at a picture.
public enum Glance: String, Codable, CaseIterable, Sendable {
  /// At all places at once, each as much as its weight: the context is the expectation (Xu et al.,
  /// 2015, section 4.2).
  case soft
  /// At one place, which is drawn from the weights (section 4.1). It is trained by REINFORCE.
  case hard
}

/// The sizes and options of a `ShowAttendTell` model.
public struct ShowAttendTellConfiguration: Codable, Hashable, Sendable {
  /// Number of words.
  public var vocabulary: Int
  /// Rows and columns of a picture.
  public var pictureSize: Int
  /// For each stage of the encoder, the output channels of its convolutions of 3 x 3. Between two
  /// stages the largest of each 2 x 2 places goes on.
  public var stages: [[Int]]
  /// Extent of a word's vector.
  public var embeddingSize: Int
  /// Extent of the decoder's states.
  public var hiddenSize: Int
  /// Features under the tanh of the additive score.
  public var attentionSize: Int
  /// How the decoder looks at a place.
  public var glance: Glance
  /// λ of the doubly stochastic term (equation 14); 0 for none.
  public var coverage: Double
  /// λ_r, how much the reward of a drawn place counts (equation 12), in hard attention.
  public var rewardWeight: Double
  /// λ_e, how much the entropy of the weights counts (equation 12), in hard attention.
  public var entropyWeight: Double
  /// The probability with which a picture of a batch is looked at softly in hard attention
  /// (section 4.1, at its end).
  public var expectedShare: Double
  /// Rate of the dropout on the grid, on words and before the output, in training.
  public var dropout: Double

  /// - Parameters:
  ///   - pictureSize: divisible by 2 as often as there are steps from stage to stage.
  ///   - attentionSize: the hidden size if nil.
  public init(
    vocabulary: Int, pictureSize: Int = 32, stages: [[Int]] = [[32, 32], [64, 64], [128]],
    embeddingSize: Int = 64, hiddenSize: Int = 128, attentionSize: Int? = nil,
    glance: Glance = .soft, coverage: Double = 0.1, rewardWeight: Double = 1,
    entropyWeight: Double = 0.01, expectedShare: Double = 0.5, dropout: Double = 0
  ) {
    self.vocabulary = vocabulary
    self.pictureSize = pictureSize
    self.stages = stages
    self.embeddingSize = embeddingSize
    self.hiddenSize = hiddenSize
    self.attentionSize = attentionSize ?? hiddenSize
    self.glance = glance
    self.coverage = coverage
    self.rewardWeight = rewardWeight
    self.entropyWeight = entropyWeight
    self.expectedShare = expectedShare
    self.dropout = dropout
  }

  /// Rows and columns of the grid that the decoder looks at.
  public var gridSize: Int { pictureSize >> (stages.count - 1) }

  /// Features of a place of the grid.
  public var annotationSize: Int { stages.last?.last ?? 0 }

  /// Why there is no such model: a phrase; nil if there is one.
  var contradiction: String? {
    if !(1...8).contains(stages.count) || !stages.allSatisfy({ (1...16).contains($0.count) }) {
      return "stages are \(stages); from 1 to 8, each of 1 to 16 convolutions, are expected"
    }
    if let channels = stages.joined().first(where: { !(1...1 << 16).contains($0) }) {
      return "a convolution has \(channels) channels"
    }
    if pictureSize % (1 << (stages.count - 1)) != 0 {
      return "pictures of \(pictureSize) rows cannot be halved \(stages.count - 1) times"
    }
    let weights = [coverage, rewardWeight, entropyWeight]
    if !weights.allSatisfy({ $0.isFinite && $0 >= 0 }) || !(0...1).contains(expectedShare) {
      return "weights of the loss are \(weights), the expected share is \(expectedShare)"
    }
    return Layers.contradiction(
      sizes: [
        "vocabulary": vocabulary, "pictureSize": pictureSize, "embeddingSize": embeddingSize,
        "hiddenSize": hiddenSize, "attentionSize": attentionSize,
      ], rates: ["dropout": dropout])
  }
}
