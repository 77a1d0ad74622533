import Autograd
import Datasets
import Distributed
import Forecaster
import Layers
import Pretrained
import Tasks
import Training

/// Windows of a table whose future is to be forecast.
struct ForecastExamples: Sendable {
  /// Windows that are scored together.
  struct Part: Sendable {
    /// What the part is called in scores; empty for the only one.
    var name: String
    /// The first row of each window.
    var starts: [Int]
  }

  /// The table in the unit of the data.
  var series: TimeSeries
  /// The rows that are learnt from, which everything else is measured by.
  var learnt: Range<Int>
  var parts: [Part]

  /// All windows.
  var starts: [Int] { parts.flatMap(\.starts) }
}

/// A forecaster with what its numbers stand for.
struct TimeSeriesForecaster: Recipe {
  typealias Settings = ForecasterSettings
  typealias Examples = ForecastExamples

  static let name = "forecaster"
  static let source = "article 000; Bahdanau, Cho and Bengio, 2015"
  static let task = "the next values of one or several series, from their past"
  static let unit = "windows"
  static var options: [Setting<Settings>] { Settings.options }
  static var shippedWeights: String? { Pretrained.path(of: name) }

  let settings: Settings
  let model: Forecaster<Float>
  /// What values are measured by, beside what the model does itself.
  let scales: Scales
  var group: ProcessGroup?

  /// What the data says of a table's variables.
  struct Scales: Codable, Equatable, Sendable {
    /// The names of the variables.
    var names: [String]
    /// Mean and deviation of each variable in what is learnt; the model sees what is left.
    var statistics: [TimeSeries.Statistics]
    /// Mean and deviation of what the model sees, for its fixed normalisation.
    var mean: Double
    var deviation: Double
    /// What squared errors are divided by.
    var errorUnit: Double
  }

  private enum Key {
    static let scales = "scales"
  }

  var metadata: [String: String] {
    get throws { [Key.scales: try StrictJSON.text(scales)] }
  }

  var configuredModel: any ConfiguredModel { model }

  init(
    _ settings: Settings, for learnt: ForecastExamples, using generator: inout Generator
  ) throws {
    self.settings = settings
    scales = Scales(settings, learnt)
    model = try Self.model(Self.configuration(settings.model, scales), using: &generator)
  }

  init(_ settings: Settings, file: WeightsFile) throws {
    self.settings = settings
    scales = try file.value(of: Key.scales, in: Self.name)
    guard scales.statistics.count == scales.names.count, scales.deviation > 0, scales.errorUnit > 0
    else { throw ModelFileError(file: file.path, key: Key.scales, expected: Self.name) }
    model = try Self.model(Self.configuration(settings.model, scales), of: file)
  }

  private static func configuration(
    _ options: Settings.Options, _ scales: Scales
  ) -> ForecasterConfiguration {
    configuration(
      options, variables: scales.names.count, mean: scales.mean, deviation: scales.deviation)
  }

  private static func configuration(
    _ options: Settings.Options, variables: Int, mean: Double, deviation: Double
  ) -> ForecasterConfiguration {
    ForecasterConfiguration(
      variables: variables, window: options.window, horizon: options.horizon,
      segment: options.segment, cell: options.cell, hiddenSize: options.hiddenSize,
      attentionSize: options.attentionSize, sharesWeights: options.sharesWeights,
      hasLinearPart: options.hasLinearPart, normalization: options.normalization,
      transform: options.transform, mean: mean, deviation: deviation,
      dropout: options.dropout)
  }

  // MARK: Training

  /// Past and future of some windows, `[windows, steps, variables]`, as the model sees them.
  private func batch(
    _ series: TimeSeries, _ starts: [Int]
  ) -> (past: Tensor<Float>, future: Tensor<Float>) {
    let (window, horizon, variables) = (
      settings.model.window, settings.model.horizon, series.names.count
    )
    return (
      Tensor(
        series.values(from: starts, length: window), shape: [starts.count, window, variables]),
      Tensor(
        series.values(from: starts.map { $0 + window }, length: horizon),
        shape: [starts.count, horizon, variables])
    )
  }

  func fit(
    _ learnt: ForecastExamples, heldOut: ForecastExamples, with trainer: inout Trainer
  ) throws -> TrainingReport {
    let series = learnt.series.standardized(by: scales.statistics)
    let starts = learnt.starts
    let unit = Float(scales.errorUnit.squareRoot())
    let batchSize = settings.training.batchSize * trainer.rankCount
    return try trainer.run(
      model,
      batches: { _, generator in
        Batches.shuffled(count: starts.count, batchSize: batchSize, using: &generator)
      }, examples: \.count, part: { Array($0[$1]) },
      loss: { model, indices in
        let (past, future) = batch(series, indices.map { starts[$0] })
        return squaredErrorLoss(model(past) / unit, future / unit)
      },
      evaluate: { _ in try scores(on: heldOut) })
  }

  // MARK: Use

  func scores(on examples: ForecastExamples) throws -> Metrics {
    let series = examples.series.standardized(by: scales.statistics)
    let unit = settings.task == .sunspots ? "ARV" : "MSE"
    var values: [Metrics.Value] = []
    for part in examples.parts {
      let error = try error(series, part.starts)
      let suffix = part.name.isEmpty ? "" : " \(part.name)"
      values.append(.init(name: unit + suffix, value: error.meanSquared / scales.errorUnit))
      if settings.task == .table {
        values.append(.init(name: "MAE" + suffix, value: error.meanAbsolute))
      }
    }
    values.append(.init(name: "windows", value: Double(examples.starts.count)))
    return Metrics(values, deciding: values[0].name)
  }

  /// The errors of some windows' forecasts, of standardised values.
  private func error(_ series: TimeSeries, _ starts: [Int]) throws -> RegressionError {
    let found = try divided(starts) { try forecasts(series, $0) }
    let (window, horizon) = (settings.model.window, settings.model.horizon)
    return RegressionError(
      found.flatMap { $0 }, series.values(from: starts.map { $0 + window }, length: horizon))
  }

  /// The forecasts of some windows, of standardised values: `[horizon, variables]` each.
  private func forecasts(_ series: TimeSeries, _ starts: [Int]) throws -> [[Float]] {
    var result: [[Float]] = []
    for first in stride(from: 0, to: starts.count, by: 256) {
      try Interrupt.check()
      let rows = Array(starts[first..<Swift.min(first + 256, starts.count)])
      let found = withoutGradient { model(batch(series, rows).past) }
      result += rows.indices.map { found[$0].scalars }
    }
    return result
  }

  /// What the model says of a window.
  struct Forecast: Codable {
    /// In the unit of the data, `[horizon][variables]`.
    var values: [[Double]]
    /// How much each past step counts.
    var weights: [Float]
  }

  /// The forecasts of windows, which ranks divide.
  private func forecasts(_ windows: [[[Float]]]) throws -> [Forecast] {
    try divided(windows) { windows in
      try windows.map { window in
        try Interrupt.check()
        return forecast(window)
      }
    }
  }

  /// The forecast of a window.
  func forecast(_ window: [[Float]]) -> Forecast {
    let statistics = scales.statistics
    let past = window.flatMap { row in
      zip(row, statistics).map { Float((Double($0) - $1.mean) / $1.deviation) }
    }
    let shape: Shape = [1, window.count, statistics.count]
    let found = withoutGradient { model.forecast(Tensor(past, shape: shape)) }
    let values = found.values.scalars
    let rows = stride(from: 0, to: values.count, by: statistics.count).map { start in
      statistics.indices.map {
        Double(values[start + $0]) * statistics[$0].deviation + statistics[$0].mean
      }
    }
    return Forecast(values: rows, weights: found.weights.scalars)
  }

  /// The window that a text stands for: variables separated by colons, steps by commas.
  func window(_ text: String, at index: Int? = nil) throws -> [[Float]] {
    let (steps, variables) = (settings.model.window, scales.names.count)
    guard let (rows, label) = LabelledSequences.steps(of: text), label == nil,
      rows.count >= steps, rows[0].count == variables
    else {
      let what = variables == 1 ? "" : ", for each of \(variables) variables, separated by colons"
      throw InputError(
        index: index, reason: "expected at least \(steps) numbers, separated by commas\(what)")
    }
    return Array(rows.suffix(steps))
  }

  func answers(to inputs: [String]) throws -> [Answer] {
    let windows = try inputs.enumerated().map { try window($1, at: $0) }
    return zip(inputs, try forecasts(windows)).map { text, forecast in
      let (values, weights) = (forecast.values, forecast.weights)
      let series = scales.names.indices.map { variable in values.map { $0[variable] } }
      return Answer(
        input: text,
        text: series.map { $0.map { fixed($0, digits: 4) }.joined(separator: ",") }
          .joined(separator: ":"),
        fields: [
          "forecast": .array(series.map { .array($0.map { .number($0) }) }),
          "weights": .array(weights.map { .number(Double($0)) }),
        ])
    }
  }

  static let picturesExplanation =
    "The line is the series; the marks below it are the weights of the past steps."

  func pictures(of inputs: [String]) throws -> [(any Picture)?] {
    try inputs.enumerated().map { index, text in
      let window = try window(text, at: index)
      let forecast = forecast(window)
      return SeriesAttention(
        past: window.map { Double($0[0]) }, weights: forecast.weights,
        forecast: forecast.values.map { $0[0] },
        caption: scales.names[0])
    }
  }

  /// Three windows of what is tested, with what came.
  func reportParts(on examples: ForecastExamples) throws -> ReportParts {
    let starts = examples.parts[0].starts
    let (window, horizon) = (settings.model.window, settings.model.horizon)
    let shown = [0, starts.count / 2, starts.count - 1].map { starts[$0] }
    return ReportParts(
      pictures: shown.map { start in
        let rows = examples.series.rows[start..<(start + window)]
        let forecast = forecast(rows.map { $0.map { Float($0) } })
        return SeriesAttention(
          past: rows.map { $0[0] }, weights: forecast.weights,
          forecast: forecast.values.map { $0[0] },
          actual: examples.series.rows[(start + window)..<(start + window + horizon)].map { $0[0] },
          labels: Array(examples.series.times[start..<(start + window + horizon)]),
          caption: "\(scales.names[0]) from \(examples.series.times[start + window])")
      })
  }

  func hypotheses(on examples: ForecastExamples) throws -> String {
    let length = settings.model.window
    let windows = examples.starts.map { start in
      examples.series.rows[start..<(start + length)].map { $0.map { Float($0) } }
    }
    return try forecasts(windows).map { forecast in
      forecast.values.map { $0.map { fixed($0, digits: 4) }.joined(separator: ",") }
        .joined(separator: ";") + "\n"
    }.joined()
  }
}

extension TimeSeriesForecaster.Scales {
  fileprivate init(_ settings: ForecasterSettings, _ examples: ForecastExamples) {
    names = examples.series.names
    switch settings.task {
    case .table:
      statistics = examples.series.statistics(of: examples.learnt)
      (mean, deviation, errorUnit) = (0, 1, 1)
    case .sunspots:
      statistics = names.map { _ in .init(mean: 0, deviation: 1) }
      let roots = examples.series.rows[examples.learnt].map {
        settings.model.transform == .squareRoot ? $0[0].squareRoot() : $0[0]
      }
      (mean, deviation) = Self.moments(roots)
      // The variance from 1700 to 1979, which published errors are divided by.
      let all = examples.series.rows.prefix(TimeSeriesForecaster.publishedYears).map { $0[0] }
      let spread = Self.moments(all).deviation
      errorUnit = spread * spread
    }
  }

  private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(values.count)).squareRoot()
    return (mean, deviation > 0 ? deviation : 1)
  }
}

// MARK: Data

extension TimeSeriesForecaster {
  /// Years of the published figures, from 1700.
  static let publishedYears = 280

  private static func table(_ settings: Settings) throws -> TimeSeries {
    let table: TimeSeries
    if let path = settings.data {
      table = try TimeSeries(contentsOf: path)
    } else if settings.task == .sunspots {
      table = try .sunspots()
    } else {
      throw UsageError("a table is needed: --data FILE")
    }
    // What follows counts in windows, which must be possible.
    let sizes = configuration(
      settings.model, variables: table.names.count, mean: 0, deviation: 1)
    if let contradiction = Forecaster<Float>.contradiction(in: sizes) {
      throw UsageError(contradiction)
    }
    let rows = settings.split.training + settings.split.validation + settings.split.test
    if rows > table.rows.count {
      throw UsageError(
        "\(settings.data ?? "the table") has \(table.rows.count) rows, fewer than the \(rows) to "
          + "learn from, to choose by and to be tested on")
    }
    if settings.task == .sunspots, table.names.count != 1 {
      throw UsageError("sunspots are one variable, not \(table.names.count)")
    }
    return table
  }

  private static func windows(
    _ table: TimeSeries, _ range: Range<Int>, _ settings: Settings
  ) throws -> [Int] {
    let starts = table.windows(
      forecasting: range, past: settings.model.window, future: settings.model.horizon)
    if starts.isEmpty {
      throw UsageError(
        "\(range.count) rows hold no window of \(settings.model.window) past and "
          + "\(settings.model.horizon) future steps")
    }
    return starts
  }

  static func trainingExamples(
    _ settings: Settings
  ) throws -> (learnt: ForecastExamples, heldOut: ForecastExamples) {
    let table = try table(settings)
    let learnt = 0..<settings.split.training
    func examples(_ starts: [Int]) -> ForecastExamples {
      ForecastExamples(series: table, learnt: learnt, parts: [.init(name: "", starts: starts)])
    }
    let starts = try windows(table, learnt, settings)
    let end = learnt.upperBound + settings.split.validation
    if settings.split.validation > 0 {
      return (examples(starts), examples(try windows(table, learnt.upperBound..<end, settings)))
    }
    guard settings.holdOutEvery > 1, starts.count >= settings.holdOutEvery else {
      throw UsageError("no rows are held out to choose the best weights by: --held-out-rows N")
    }
    func isHeldOut(_ start: Int) -> Bool {
      (start + settings.model.window) % settings.holdOutEvery == 0
    }
    return (
      examples(starts.filter { !isHeldOut($0) }), examples(starts.filter { isHeldOut($0) })
    )
  }

  static func testExamples(_ settings: Settings) throws -> ForecastExamples? {
    let table = try table(settings)
    let learnt = 0..<settings.split.training
    let first = learnt.upperBound + settings.split.validation
    let tested = first..<(first + settings.split.test)
    var parts: [ForecastExamples.Part] = []
    if settings.task == .sunspots, settings.data == nil, tested == 221..<280 {
      // The two spans of the published figures, and what was learnt.
      for (name, years) in [
        ("1921-1955", 221..<256), ("1956-1979", 256..<280), ("1700-1920 (learnt)", learnt),
      ] {
        parts.append(.init(name: name, starts: try windows(table, years, settings)))
      }
    } else {
      parts = [.init(name: "", starts: try windows(table, tested, settings))]
    }
    return ForecastExamples(series: table, learnt: learnt, parts: parts)
  }
}
