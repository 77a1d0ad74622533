import Datasets
import Forecaster
import Training

/// What is forecast in this program.
enum ForecastTask: String, Codable, CaseIterable, Sendable {
  /// The sunspots of the next year, from 1700 on.
  case sunspots
  /// All variables of a table, such as the hourly ones of ETT.
  case table
}

/// What a training of a forecaster is made from.
struct ForecasterSettings: RecipeSettings {
  var task = ForecastTask.sunspots
  /// A table of comma-separated values, earliest first; the sunspots that ship if nil.
  var data: String?
  /// Rows to learn from, to choose the best weights by, and to be tested on.
  var split = Split(training: 221, validation: 0, test: 59)
  /// Of the rows to learn from, every so manieth is held out to choose the best weights by; 0 for
  /// none, where there are rows for that.
  var holdOutEvery = 5
  /// The sizes and options of the model, without what the data decides.
  var model = Options()
  var training = TrainingSettings(
    epochs: 300, batchSize: 16, learningRate: 0.01, warmupSteps: 50, weightDecay: 0.1,
    averageDecay: 0.9, patience: 60)

  /// How many rows of a table, from its first on, are for what.
  struct Split: Codable, Equatable, Sendable {
    var training: Int
    var validation: Int
    var test: Int
  }

  struct Options: Codable, Equatable, Sendable {
    var window = 12
    var horizon = 1
    var segment = 1
    var cell = ForecasterConfiguration.Cell.gru
    var hiddenSize = 8
    var attentionSize = 8
    var sharesWeights = true
    var hasLinearPart = true
    var normalization = ForecasterConfiguration.Normalization.fixed
    var transform = ForecasterConfiguration.Transform.squareRoot
    var dropout = 0.0
  }

  init() {}

  /// The settings that are usual for a task.
  init(task: ForecastTask) {
    self.task = task
    guard task == .table else { return }
    // Those of the published figures of ETTh1: twelve, four and four months of 30 days.
    split = Split(training: 8640, validation: 2880, test: 2880)
    holdOutEvery = 0
    model = Options(
      window: 336, horizon: 24, segment: 24, hiddenSize: 64, attentionSize: 32,
      normalization: .last, transform: .none, dropout: 0.3)
    training = TrainingSettings(
      epochs: 12, batchSize: 64, learningRate: 3e-3, warmupSteps: 50, weightDecay: 0.01,
      averageDecay: 0.99, patience: 4)
  }

  static var options: [Setting<Self>] {
    let others: [Setting<Self>] = [
      .file("data", \.data, help: "a table of comma-separated values", isForUse: true),
      .integer("train-rows", \.split.training, in: 1...1 << 40, help: "rows to learn from"),
      .integer(
        "held-out-rows", \.split.validation, in: 0...1 << 40,
        help: "rows after them to choose the best weights by"),
      .integer(
        "test-rows", \.split.test, in: 1...1 << 40, help: "rows after these to be tested on"),
      .integer("window", \.model.window, in: 1...100_000, help: "past steps that are looked at"),
      .integer("horizon", \.model.horizon, in: 1...100_000, help: "future steps that are forecast"),
      .integer(
        "segment", \.model.segment, in: 1...100_000,
        help: "past steps read at a time; divides window"),
      .choice("cell", \.model.cell, help: "what reads the past"),
      .integer(
        "hidden-size", \.model.hiddenSize, in: 1...8192, help: "extent of the recurrent states"),
      .choice("normalization", \.model.normalization, help: "what a window is measured by"),
      .number("dropout", \.model.dropout, in: 0...0.95, help: "rate of dropout"),
    ]
    return [.task(\.task, help: "what is forecast") { Self(task: $0) }] + others + Setting.training
  }
}
