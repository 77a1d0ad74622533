import Autograd
import Platform

/// The course of a training as a table in a file: a row for each evaluation, or for every so many
/// steps.
///
/// ```swift
/// trainer.observers.append(TrainingLog("steps.jsonl", as: .jsonLines, rows: .steps(every: 10)))
/// ```
///
/// Rows of evaluations: `epoch`, `step`, `examples`, `seconds`, `learning_rate`, `loss` (the mean since
/// the row before), and the metrics by their names. Rows of steps: the same with the step's own loss,
/// and `gradient_norm` (before clipping), `examples_per_second`, `resident_bytes` (the memory of the
/// process). What nobody knows is `nan`, in JSON null.
///
/// Each row is in the file when its step is over, and on the disk after the next evaluation. A training that goes on from a checkpoint goes on with
/// the file, and rows of later steps than the checkpoint's are removed.
public final class TrainingLog: TrainingObserver {
  /// How rows are written.
  public enum Format: Sendable {
    /// Comma-separated values, with the names in the first line; see `CSVLog`.
    case csv
    /// An object of JSON a line; see `JSONLinesLog`.
    case jsonLines
  }

  /// What there is a row for.
  public enum Rows: Equatable, Sendable {
    /// Each evaluation.
    case evaluations
    /// Every so many steps, at least 1.
    case steps(every: Int)
  }

  /// The path of the file.
  public let path: String
  private let format: Format
  private let rows: Rows
  private var csv: CSVLog?
  private var lines: JSONLinesLog?
  /// The last step whose row is kept of a file that is gone on with; nil for a new file.
  private var keptSteps: Int?

  /// A log that has not touched its file yet. A file of that name is replaced when the first row is
  /// written, not before.
  ///
  /// - Parameters:
  ///   - path: the file; its directory must exist when the training begins.
  ///   - format: how rows are written.
  ///   - rows: what there is a row for.
  public init(_ path: String, as format: Format = .csv, rows: Rows = .evaluations) {
    if case .steps(let count) = rows {
      expect(count, atLeast: 1, "TrainingLog", "steps between two rows")
    }
    self.path = path
    self.format = format
    self.rows = rows
  }

  /// Looks whether the file can be written.
  ///
  /// - Throws: `FileError` where it cannot be.
  public func didBegin(_ start: TrainingStart) throws {
    csv = nil
    lines = nil
    keptSteps = nil
    if start.isResumed {
      keptSteps = rows == .evaluations ? start.lastEvaluationStep : start.moment.step
    }
    // Fails now, not after the first epoch.
    _ = try JSONLinesLog(path: path)
  }

  /// Writes a row, if it is time to.
  public func didStep(_ step: TrainingStep) throws {
    guard case .steps(let interval) = rows, step.moment.step % interval == 0 else { return }
    let fields = Self.fields(step.moment, step.learningRate, step.loss)
    let more: [(name: String, value: any LosslessStringConvertible)] = [
      ("gradient_norm", step.gradientNorm ?? .nan),
      ("examples_per_second", (step.examplesPerSecond ?? .nan).rounded()),
      ("resident_bytes", step.residentBytes.map(Double.init) ?? .nan),
    ]
    try append(fields + more)
  }

  /// Writes a row, where rows are evaluations; returns when all rows are on the disk, as a checkpoint that
  /// is saved after it knows of them.
  public func didEvaluate(_ evaluation: TrainingEvaluation) throws {
    if rows == .evaluations {
      let metrics = (evaluation.metrics?.values ?? []).map { (name: $0.name, value: $0.value) }
      try append(
        Self.fields(evaluation.moment, evaluation.learningRate, evaluation.loss)
          + metrics.map { ($0.name, $0.value as any LosslessStringConvertible) })
    }
    try csv?.synchronize()
    try lines?.synchronize()
  }

  /// The fields that all rows begin with. The second is the step: `keptRows` reads it.
  private static func fields(
    _ moment: TrainingMoment, _ learningRate: Double?, _ loss: Double
  ) -> [(name: String, value: any LosslessStringConvertible)] {
    [
      ("epoch", moment.epoch), ("step", moment.step), ("examples", moment.examples),
      ("seconds", (moment.seconds * 100).rounded() / 100),
      ("learning_rate", learningRate ?? .nan), ("loss", loss),
    ]
  }

  private func append(
    _ fields: [(name: String, value: any LosslessStringConvertible)]
  ) throws(FileError) {
    switch format {
    case .csv:
      let columns = fields.map(\.name)
      if csv == nil {
        let kept = try keptRows { $0.split(separator: ",").dropFirst().first }
        csv = try CSVLog(path: path, columns: columns, append: kept != nil, keeping: kept)
      }
      try csv!.append(fields.map(\.value))
    case .jsonLines:
      if lines == nil {
        let kept = try keptRows { line in
          line.firstRange(of: "\"step\":").map { line[$0.upperBound...].prefix { $0 != "," } }
        }
        lines = try JSONLinesLog(path: path, append: kept != nil, keeping: kept)
      }
      try lines!.append(fields)
    }
  }

  /// How many rows of the file are of steps that are still true; nil for a new file.
  ///
  /// - Parameter step: the text of a row's step. What has none, as the first line of a table, is no
  ///   row.
  private func keptRows(step: (Substring) -> Substring?) throws(FileError) -> Int? {
    guard let keptSteps, FileSystem.exists(path) else { return nil }
    let text = String(decoding: try readFile(path), as: UTF8.self)
    let steps = text.split(separator: "\n").compactMap { step($0).flatMap { Int($0) } }
    return steps.prefix { $0 <= keptSteps }.count
  }
}
