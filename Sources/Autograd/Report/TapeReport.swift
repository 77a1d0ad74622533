/// What a computation has put on its tapes: operations by name, the memory that they hold, and the
/// time that they take; and a drawing of the graph.
///
///     let (gradients, report) = tapeReport { valueWithGradient(at: model) { ... }.gradients }
///     print(report)
public struct TapeReport: CustomStringConvertible, Sendable {
  /// All operations of one name.
  public struct Row: Sendable {
    /// The operation's name.
    public let name: String
    /// How often it was recorded.
    public var count = 0
    /// Bytes of the buffers that were allocated for it and lived when the backward pass began that
    /// held most: results, and what it has saved. Each buffer counts once, at the operation that
    /// made it. Tensors of at most 32 bytes have no buffer.
    public var bytesHeld = 0
    /// Time from one operation to the next on the way forward, in seconds: with what the program
    /// does in between.
    public var forwardSeconds = 0.0
    /// Time from one operation to the next on the way back, in seconds.
    public var backwardSeconds = 0.0
  }

  /// By name, the one that takes most time first.
  public let rows: [Row]
  /// The graph of the first tape that has recorded anything.
  public let graph: TapeGraph

  /// All names together.
  public var total: Row {
    rows.reduce(into: Row(name: "total")) { total, row in
      total.count += row.count
      total.bytesHeld += row.bytesHeld
      total.forwardSeconds += row.forwardSeconds
      total.backwardSeconds += row.backwardSeconds
    }
  }

  /// A table, a line a name.
  public var description: String {
    let header = ["operation", "count", "bytes held", "forward ms", "backward ms"]
    let lines =
      [header]
      + (rows + [total]).map { row in
        [
          row.name, "\(row.count)", "\(row.bytesHeld)", Self.milliseconds(row.forwardSeconds),
          Self.milliseconds(row.backwardSeconds),
        ]
      }
    let widths = header.indices.map { column in lines.map { $0[column].count }.max()! }
    return lines.map { line in
      header.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - line[column].count)
        return column == 0 ? line[column] + space : space + line[column]
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func milliseconds(_ seconds: Double) -> String {
    let thousandths = Int((seconds * 1e6).rounded())
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}

/// Runs the body, and tells what it has put on its tapes; see `TapeReport`. Noting each operation
/// takes about a microsecond.
///
/// - Parameter body: runs on the calling thread; what it does on others is not seen.
public func tapeReport<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> (result: Result, report: TapeReport) {
  let reporter = TapeReporter()
  let result = try reporter.ledger.open { () throws(Failure) in
    try Observers.with(reporter, body)
  }
  return (result, reporter.report)
}

/// Collects a report.
private final class TapeReporter: TapeObserver {
  let ledger = BufferLedger()
  private var rows: [String: TapeReport.Row] = [:]
  private var held: [String: Int] = [:]
  private var most = -1
  private var graph = TapeGraph()
  private var drawn: Tape.Identity?
  private var hasDrawn = false
  private var last = ContinuousClock.now

  var report: TapeReport {
    let all = rows.values.map { row in
      var row = row
      row.bytesHeld = held[row.name] ?? 0
      return row
    }
    return TapeReport(
      rows: all.sorted {
        let (a, b) = (
          $0.forwardSeconds + $0.backwardSeconds, $1.forwardSeconds + $1.backwardSeconds
        )
        return a > b || (a == b && $0.name < $1.name)
      }, graph: graph)
  }

  func computed(
    _ name: StaticString, _ results: [UntypedTensor], _ operands: [UntypedTensor], on tape: Tape,
    at index: Int?
  ) {
    let name = "\(name)"
    let time = lap()
    ledger.attribute(to: name)
    guard let index else { return }
    rows[name, default: .init(name: name)].count += 1
    rows[name]!.forwardSeconds += time
    if !hasDrawn { (drawn, hasDrawn) = (tape.identity, true) }
    if tape.identity == drawn { graph.add(name, results, operands, on: tape, at: index) }
    last = .now
  }

  func passBegins(on tape: Tape) {
    let now = ledger.bytesByName
    let total = now.values.reduce(0, +)
    if total > most { (held, most) = (now, total) }
    last = .now
  }

  func tookBack(_ name: StaticString, _ gradients: [UntypedTensor], on tape: Tape, at index: Int) {
    let name = "\(name)"
    rows[name, default: .init(name: name)].backwardSeconds += lap()
    last = .now
  }

  /// Seconds since the last event.
  private func lap() -> Double {
    let duration = last.duration(to: .now)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
