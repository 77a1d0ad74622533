import Tasks
import Training

let compareCommand = Command(
  "compare", summary: "What sets runs apart: settings, scores, and the course of training.",
  words: .init("RUN", count: 2...8, help: "folders of runs that `zoo train` has made"),
  options: [Options.html, Options.json]
) { arguments, output in
  if let html = arguments[Options.html] { try requireWritable(html) }
  let comparison = try Comparison(arguments.words)
  if arguments[Options.json] {
    for run in comparison.runs { try output.print(run.json.line) }
  } else {
    try output.print(comparison.text, terminator: "")
  }
  if let html = arguments[Options.html] {
    try AtomicFile.write(comparison.page.html, to: html)
  }
}

/// A run that has ended, as its folder tells it.
struct FinishedRun {
  let name: String
  let result: RunResult
  let settings: [HTMLReport.Entry]
  /// The evaluations: examples so far, and the scores by name.
  let course: [(examples: Double, scores: [String: Double])]

  init(_ path: String) throws {
    let folder = RunFolder(path: path)
    name = path
    result = try RunResult(of: folder)
    let text = String(decoding: try readFile(folder.configuration), as: UTF8.self)
    guard let tree = try? StrictJSON.value(JSON.self, of: text), case .object(let fields) = tree,
      let settings = fields["settings"]
    else { throw UsageError("\(folder.configuration): expected the configuration of a run") }
    self.settings = entries(of: settings)
    let log = String(decoding: try readFile(folder.log), as: UTF8.self)
    course = try log.split(separator: "\n").enumerated().map { number, line in
      guard let row = try? StrictJSON.value([String: Double?].self, of: String(line)),
        let examples = row["examples"] ?? nil
      else { throw UsageError("\(folder.log), line \(number + 1): expected a row of a log") }
      return (examples, row.compactMapValues { $0 })
    }
  }

  /// The value of a setting; nil where there is none of that name.
  func setting(_ name: String) -> String? { settings.first { $0.name == name }?.value }

  /// The run for programs.
  var json: JSON {
    get throws {
      var value = try StrictJSON.value(JSON.self, of: StrictJSON.text(result))
      if case .object(var fields) = value {
        fields["run"] = .string(name)
        value = .object(fields)
      }
      return value
    }
  }
}

/// Runs beside each other.
struct Comparison {
  let runs: [FinishedRun]

  init(_ paths: [String]) throws {
    runs = try paths.map { try FinishedRun($0) }
    let first = runs[0].result
    for run in runs.dropFirst() where run.result.scores.deciding != first.scores.deciding {
      throw UsageError(
        "\(runs[0].name) is scored by \(first.scores.deciding) and \(run.name) by "
          + "\(run.result.scores.deciding); runs of one kind can be compared")
    }
  }

  /// What is compared, with the value of each run.
  typealias Row = (name: String, values: [String])

  /// The settings that differ.
  var settings: [Row] {
    var names: [String] = []
    for name in runs.flatMap({ $0.settings.map(\.name) }) where !names.contains(name) {
      names.append(name)
    }
    return names.map { name in (name, runs.map { $0.setting(name) ?? "–" }) }
      .filter { Set($0.values).count > 1 }
  }

  /// The scores, and what they cost.
  var figures: [Row] {
    func row(_ name: String, _ value: (RunResult) -> String) -> Row {
      (name, runs.map { value($0.result) })
    }
    var rows = [row("model", \.model), row("on", \.part)]
    for score in runs[0].result.scores.values {
      rows.append(row(score.name) { $0.scores[score.name].map(number) ?? "–" })
    }
    rows.append(row("parameters") { "\($0.parameters)" })
    rows.append(row("minutes") { fixed($0.seconds / 60, digits: 1) })
    rows.append(row("threads") { "\($0.threads)" })
    rows.append(row("examples") { "\($0.examples)" })
    return rows
  }

  /// The run whose deciding score is the best.
  var best: FinishedRun {
    runs.dropFirst().reduce(runs[0]) {
      $1.result.scores.isBetter(than: $0.result.scores) ? $1 : $0
    }
  }

  /// A table for the terminal.
  var text: String {
    let header: Row = ("", runs.map(\.name))
    let rows = [header] + figures + settings
    let widths: [Int] = (0...runs.count).map { column in
      let cells: [String] = rows.map { column == 0 ? $0.name : $0.values[column - 1] }
      return cells.map(\.count).max() ?? 0
    }
    func line(_ row: Row) -> String {
      let cells: [String] = [row.name] + row.values
      let padded: [String] = zip(cells, widths).map { text, width in
        text + String(repeating: " ", count: width - text.count)
      }
      return padded.joined(separator: "  ").trimmingEnd
    }
    let lines = rows.map(line)
    let score = best.result.scores.deciding
    return lines.joined(separator: "\n") + "\nbest \(score): \(best.name)\n"
  }

  /// The page: scores, the courses of the deciding score, errors by length.
  var page: HTMLReport {
    let score = best.result.scores.deciding
    let course = LineChart(
      lines: runs.map { run in
        LineChart.Line(
          run.name,
          run.course.compactMap { row in
            row.scores[score].map { LineChart.Point(row.examples, $0) }
          })
      }, caption: "\(score) on held-out examples, by examples seen")
    let table = { (heading: String, rows: [Row]) in
      Samples(
        heading: heading, columns: [""] + runs.map(\.name),
        rows: rows.map { row in ([row.name] + row.values).map { .text($0) } })
    }
    return HTMLReport(
      title: "Runs beside each other",
      introduction: "The best \(score): \(best.name).",
      figures: runs.map { run in
        .init(
          run.name, number(run.result.scores[score] ?? .nan), note: "\(score), \(run.result.part)")
      }, picturesHeading: "Course and length",
      pictures: [course]
        + lengthCharts(
          of: runs.map {
            ($0.name, [$0.result])
          }),
      samples: [table("Scores", figures), table("Settings that differ", settings)])
  }
}

/// Errors by the length of the input, a line for each name: the mean of its runs.
func lengthCharts(of groups: [(name: String, results: [RunResult])]) -> [LineChart] {
  let first = groups.first?.results.first?.byLength ?? []
  return first.enumerated().map { index, chart in
    let lines = groups.map { name, results in
      let all = results.filter { $0.byLength.count > index }.map { $0.byLength[index].lengths }
      return LineChart.Line(
        name,
        chart.lengths.indices.compactMap { bucket in
          let rates = all.filter { $0.count > bucket }.map { $0[bucket].rate }
          return rates.isEmpty
            ? nil : LineChart.Point(Double(bucket), rates.reduce(0, +) / Double(rates.count))
        })
    }
    return LineChart(
      lines: lines, caption: chart.caption, unit: chart.unit,
      labels: chart.lengths.enumerated().map { bucket, length in
        let range = LengthErrors.Bucket(
          lengths: length.from...length.to, count: length.count, rate: length.rate)
        return (Double(bucket), range.range)
      })
  }
}

extension String {
  /// Without spaces at the end.
  fileprivate var trimmingEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
