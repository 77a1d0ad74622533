import Speech

/// What a training of a recogniser of speech is made from.
struct SpeechSettings: RecipeSettings {
  /// How a recogniser comes from frames to phonemes.
  enum Head: String, Codable, CaseIterable, Sendable {
    /// A phoneme or none in each state (Graves et al., 2006).
    case ctc
    /// A decoder that looks at the states (Chorowski et al., 2015).
    case attention
  }

  /// A folder with `manifest.tsv` and the sounds that it names.
  var data: String?
  var head = Head.ctc
  /// What a sound is made into.
  var features = LogMelConfiguration()
  var model = Options()
  /// How recordings are changed in training.
  var perturbation = SpectrumPerturbation(stretch: 0.15, maskedBands: 8)
  /// The share of the target that is spread evenly over all phonemes; for attention alone.
  var labelSmoothing = 0.1
  /// Beginnings that a beam search follows in the end; evaluations in training are greedy.
  var beam = 1
  var training = TrainingSettings(
    epochs: 10, batchSize: 32, learningRate: 2e-3, averageDecay: 0.999)

  /// The sizes of the model, without those of the data.
  struct Options: Codable, Equatable, Sendable {
    var hiddenSize = 160
    var layers = 3
    var halvings = 2
    var dropout = 0.2
    var embeddingSize = 32
    var decoderSize = 192
    var attentionSize = 96
    var filters = 10
    var filterWidth = 15

    /// What a model is made from.
    func configuration(features: Int, symbols: Int) -> SpeechConfiguration {
      SpeechConfiguration(
        features: features, symbols: symbols, hiddenSize: hiddenSize, layers: layers,
        halvings: halvings, dropout: dropout, embeddingSize: embeddingSize,
        decoderSize: decoderSize, attentionSize: attentionSize, filters: filters,
        filterWidth: filterWidth)
    }
  }

  init() {}

  static var options: [Setting<Self>] {
    [
      .folder(
        "data", \.data, help: "a folder with manifest.tsv and sounds", isForUse: true),
      .choice("head", \.head, help: "how phonemes come from frames"),
      .integer(
        "hidden-size", \.model.hiddenSize, in: 1...8192, help: "extent of the recurrent states"),
      .integer("layers", \.model.layers, in: 1...64, help: "layers of the encoder"),
      .integer(
        "halvings", \.model.halvings, in: 0...8,
        help: "layers that read two steps at once; at most all"),
      .number("dropout", \.model.dropout, in: 0...0.95, help: "rate of dropout"),
      .number(
        "stretch", \.perturbation.stretch, in: 0...0.9,
        help: "how much bands are stretched or shrunk at random in training"),
      .integer(
        "masked-bands", \.perturbation.maskedBands, in: 0...4096,
        help: "bands that are silenced at random in training, at most"),
      .integer(
        "beam", \.beam, in: 1...64, help: "beginnings followed while decoding; 1 is greedy",
        isForUse: true),
    ] + Setting.training
  }
}
