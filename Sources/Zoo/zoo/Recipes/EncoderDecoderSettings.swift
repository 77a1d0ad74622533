import Tasks

/// What a model of sequences learns.
enum SequenceTask: String, Codable, CaseIterable, Sendable {
  /// The phonemes of a word from its letters.
  case pronunciation
  /// A sentence in another language.
  case translation
  /// A shorter or plainer text about a text, such as what a line of a program does.
  case summary

  /// What the tokens of sources and targets are.
  var tokens: (source: TextCodec.Kind, target: TextCodec.Kind) {
    switch self {
    case .pronunciation: (.characters, .words)
    case .translation: (.bytePairs, .bytePairs)
    case .summary: (.marks, .marks)
    }
  }
}

/// What a training of an encoder-decoder is made from.
struct EncoderDecoderSettings<Model: SequenceModel>: RecipeSettings {
  var task: SequenceTask
  /// What is learnt: a word list or CMU dictionary, or lines `SOURCE<TAB>TARGET`.
  var data: String?
  /// What is held out to choose the best weights by; a part of the data if nil.
  var heldOut: String?
  /// What is tested on.
  var test: String?
  var model: Model.Options
  /// Parts of words that are joined by byte-pair encoding, in translation.
  var mergeCount: Int
  /// How often a token occurs in the data to be known.
  var minimumCount: Int
  /// The share of the target that is spread evenly over all symbols.
  var labelSmoothing = 0.1
  /// Beginnings that a beam search follows in the end; evaluations in training are greedy.
  var beam = 1
  /// Beginnings are compared by their log-probability over the length to this power.
  var lengthPower = 0.0
  var training: TrainingSettings

  init() { self.init(task: Model.usualTask) }

  /// The settings that are usual for a task.
  init(task: SequenceTask) {
    self.task = task
    model = Model.options(for: task)
    minimumCount = task == .summary ? 3 : 1
    mergeCount = task == .translation ? 4000 : 0
    training = Model.training(for: task)
  }

  /// What the command line can set.
  static var options: [Setting<Self>] {
    let shared: [Setting<Self>] = [
      .file(
        "data", \.data,
        help: "word list or CMU dictionary, the shipped one if absent; for translation and "
          + "summaries lines SOURCE<TAB>TARGET"),
      .file("held-out", \.heldOut, help: "data to choose the best weights by; a part if absent"),
      .file("test", \.test, help: "data to be tested on at the end", isForUse: true),
      .integer(
        "merges", \.mergeCount, in: 0...1_000_000, help: "parts of words joined, in translation"),
      .integer(
        "minimum-count", \.minimumCount, in: 1...1_000_000,
        help: "how often a token occurs to be known"),
      .number(
        "label-smoothing", \.labelSmoothing, in: 0...0.9, help: "share of the target spread evenly"),
      .integer(
        "beam", \.beam, in: 1...64, help: "beginnings followed while decoding; 1 is greedy",
        isForUse: true),
    ]
    return [.task(\.task, help: "what is learnt") { Self(task: $0) }] + shared + Model.settings
      + Setting.training
  }
}
