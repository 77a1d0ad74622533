import ShowAttendTell
import Training

/// What a training of a captioner is made from.
package struct CaptionerSettings: RecipeSettings {
  /// Lines `FILE<TAB>CAPTION`; the emoji that ship if nil.
  var data: String?
  /// The sizes and options of the model, without its words.
  package var model = Options()
  /// How pictures differ from epoch to epoch.
  package var jitter = PictureJitter()
  /// How often the decoder does not read the word that it should have said: it then has to find in
  /// the picture what follows, and learns no list of captions by heart.
  package var wordDropout = 0.3
  /// The share of the target that is spread evenly over all words.
  package var labelSmoothing = 0.1
  /// Beginnings that a beam search follows in the end; evaluations in training are greedy.
  var beam = 4
  /// The most words of a caption.
  var limit = 30
  package var training = TrainingSettings(
    epochs: 80, batchSize: 32, learningRate: 3e-3, weightDecay: 0.05, clipNorm: 5,
    averageDecay: 0.99)

  package struct Options: Codable, Equatable, Sendable {
    package var pictureSize = 32
    package var stages = [[32], [64], [96, 96]]
    package var embeddingSize = 64
    package var hiddenSize = 128
    package var attentionSize = 64
    var glance = Glance.soft
    var coverage = 0.05
    var rewardWeight = 0.1
    var entropyWeight = 0.01
    var expectedShare = 0.5
    package var dropout = 0.2

    /// The model's configuration.
    func configuration(vocabulary: Int) -> ShowAttendTellConfiguration {
      ShowAttendTellConfiguration(
        vocabulary: vocabulary, pictureSize: pictureSize, stages: stages,
        embeddingSize: embeddingSize, hiddenSize: hiddenSize, attentionSize: attentionSize,
        glance: glance, coverage: coverage, rewardWeight: rewardWeight,
        entropyWeight: entropyWeight, expectedShare: expectedShare, dropout: dropout)
    }
  }

  package init() {}

  static var options: [Setting<Self>] {
    [
      .file("data", \.data, help: "lines FILE<TAB>CAPTION; emoji if absent", isForUse: true),
      .choice("glance", \.model.glance, help: "whether it looks at all places or draws one"),
      .integer(
        "hidden-size", \.model.hiddenSize, in: 1...8192, help: "extent of the recurrent states"),
      .integer(
        "embedding-size", \.model.embeddingSize, in: 1...8192, help: "extent of a word's vector"),
      .number(
        "coverage", \.model.coverage, in: 0...100, help: "how much all places are to be looked at"),
      .number("dropout", \.model.dropout, in: 0...0.95, help: "rate of dropout"),
      .number(
        "word-dropout", \.wordDropout, in: 0...0.95,
        help: "how often the word before is not read in training"),
      .number(
        "label-smoothing", \.labelSmoothing, in: 0...0.9, help: "share of the target spread evenly"),
      .number("shift", \.jitter.shift, in: 0...100, help: "pixels that pictures are moved by"),
      .integer(
        "beam", \.beam, in: 1...64, help: "beginnings followed while captioning; 1 is greedy",
        isForUse: true),
    ] + Setting.training
  }
}
