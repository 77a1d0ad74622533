import Autograd
import Layers
import ShowAttendTell

/// A model that is small enough for plain loops, with what it reads.
enum SmallCaptioner {
  typealias Model = ShowAttendTell<AdditiveScore<Double>>

  /// A grid of 2 x 2 places with 3 features, and 6 words.
  static func configuration(_ glance: Glance = .soft) -> ShowAttendTellConfiguration {
    ShowAttendTellConfiguration(
      vocabulary: 6, pictureSize: 4, stages: [[2], [3]], embeddingSize: 3, hiddenSize: 4,
      attentionSize: 5, glance: glance, coverage: 0.7, rewardWeight: 1, entropyWeight: 0)
  }

  static func model(_ configuration: ShowAttendTellConfiguration) -> Model {
    var generator = Generator(seed: 3)
    return Model(configuration, using: &generator)
  }

  static func pictures(_ count: Int) -> Tensor<Double> {
    var generator = Generator(seed: 8)
    return .normal([count, 3, 4, 4], using: &generator)
  }

  static var batch: CaptionBatch<Double> {
    CaptionBatch(pictures: pictures(3), captions: [[4, 5], [3], [5, 4, 3]])
  }
}
