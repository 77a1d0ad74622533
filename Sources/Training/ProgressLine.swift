import Platform

/// How a training is going: share done, loss, examples a second, time left.
///
/// On a terminal it is one line that is redrawn, at most ten times a second and never wider than
/// the window:
///
/// ```
/// epoch 2   43 % [########----------]  loss 0.4172  5200 examples/s  1:23 left
/// ```
///
/// Elsewhere, in a log file for instance, the same without the bar is a plain line every few
/// seconds.
///
/// ```swift
/// var progress = ProgressLine(total: epochs * words.count, unit: "words")
/// for batch in batches {
///   // ... a training step ...
///   progress.update(done: seen, loss: loss, label: "epoch \(epoch)")
/// }
/// progress.finish()
/// ```
///
/// Its name leaves `Progress` to Foundation.
public struct ProgressLine {
  /// Seconds between two redrawings.
  private static let redrawing = 0.1
  /// Seconds after which a rate counts 1 / e in the smoothed one.
  private static let rateMemory = 5.0
  /// Updates after which a loss counts 1 / e in the smoothed one.
  private static let lossMemory = 50.0

  private let total: Int?
  private let unit: String
  private let interval: Double
  private let output: ProgressOutput
  private let clock: () -> Double

  private let start: (time: Double, done: Int)
  private var latest: (time: Double, done: Int)
  private var share = 0.0
  private var shareBefore = 0.0
  private var label = ""
  private var loss = SmoothedValue(memory: lossMemory)
  private var rate = SmoothedValue(memory: rateMemory)
  private var lastShown: Double
  private var lineIsOpen = false

  /// A line that shows nothing yet.
  ///
  /// - Parameters:
  ///   - total: the examples of the whole training, if their number is known; otherwise give
  ///     `update` the share that is done.
  ///   - done: examples that an earlier run has done, for a training that is resumed.
  ///   - unit: what the examples are called.
  ///   - interval: seconds between plain lines where the output is no terminal.
  ///   - output: where to write.
  ///   - clock: the time in seconds.
  public init(
    total: Int? = nil, done: Int = 0, unit: String = "examples", interval: Double = 5,
    output: ProgressOutput = .standardError, clock: (() -> Double)? = nil
  ) {
    self.total = total
    self.unit = unit
    self.interval = interval
    self.output = output
    self.clock = clock ?? { MonotonicClock.seconds }
    start = (self.clock(), done)
    latest = start
    lastShown = output.isTerminal ? -.infinity : start.time
  }

  /// The loss, smoothed over about the last 50 updates; `nil` before the first one.
  public var smoothedLoss: Double? { loss.value }

  /// Examples a second, smoothed over about the last 5 seconds; `nil` before the first update.
  public var smoothedRate: Double? { rate.value }

  /// Takes note of a step; draws if it is time to.
  ///
  /// - Parameters:
  ///   - done: all examples so far.
  ///   - loss: the loss of this step.
  ///   - share: the part of the training that is done, from 0 to 1; by default `done / total`. A
  ///     training that is limited in time gives the part of the time.
  ///   - label: what to put first, such as the epoch.
  public mutating func update(done: Int, loss: Double, share: Double? = nil, label: String = "") {
    let time = clock()
    self.loss.add(loss)
    let seconds = time - latest.time
    if seconds > 0 {
      rate.add(Double(done - latest.done) / seconds, weight: seconds)
      latest = (time, done)
    }
    let known = share ?? counted(done)
    shareBefore = share == nil ? counted(start.done) : 0
    self.share = known.isNaN ? 0 : min(max(known, 0), 1)
    self.label = label
    if time - lastShown >= (output.isTerminal ? Self.redrawing : interval) { show(at: time) }
  }

  /// Writes a line of text above the progress line.
  public mutating func message(_ text: String) {
    output.write((lineIsOpen ? "\r\u{1B}[K" : "") + text + "\n")
    if lineIsOpen {
      lineIsOpen = false
      show(at: clock())
    }
  }

  /// Shows the last state and ends the line.
  public mutating func finish() {
    guard loss.value != nil else { return }
    show(at: clock())
    if lineIsOpen { output.write("\n") }
    lineIsOpen = false
  }

  private mutating func show(at time: Double) {
    lastShown = time
    if output.isTerminal {
      // One column stays free: a character in the last one makes some terminals begin a new line.
      output.write("\r" + text(width: output.width() - 1, time: time) + "\u{1B}[K")
      lineIsOpen = true
    } else {
      output.write(text(width: nil, time: time) + "\n")
    }
  }

  /// The line; the fields that do not fit are left out, the last ones first, and a bar fills what
  /// is left.
  private func text(width: Int?, time: Double) -> String {
    let percent = String(Int(share * 100))
    var head = String(repeating: " ", count: 3 - percent.count) + percent + " %"
    if !label.isEmpty { head = label + "  " + head }
    var fields = ["loss " + fixed(loss.value ?? .nan, digits: 4)]
    if let rate = rate.value {
      fields.append(fixed(rate, digits: rate < 10 ? 1 : 0) + " \(unit)/s")
    }
    if share < 1, let left = secondsLeft(at: time) { fields.append("\(duration(left)) left") }
    if share >= 1 { fields.append("in \(duration(time - start.time))") }
    guard let width else { return ([head] + fields).joined(separator: "  ") }

    var tail = ""
    for field in fields {
      guard head.count + tail.count + 2 + field.count <= width else { break }
      tail += "  " + field
    }
    let bar = min(width - head.count - tail.count - 3, 40)
    if bar >= 8 {
      let filled = Int(Double(bar) * share)
      head += " [" + String(repeating: "#", count: filled)
      head += String(repeating: "-", count: bar - filled) + "]"
    }
    return String((head + tail).prefix(max(width, 0)))
  }

  /// The share of the examples; 0 if nobody knows how many there are.
  private func counted(_ done: Int) -> Double {
    guard let total else { return 0 }
    return total > 0 ? Double(done) / Double(total) : 1
  }

  /// What the share that this run has done lets expect; `nil` before there is any.
  private func secondsLeft(at time: Double) -> Double? {
    let seconds = time - start.time
    guard share > shareBefore && seconds > 0 else { return nil }
    return (1 - share) / (share - shareBefore) * seconds
  }
}

/// A mean in which a value counts less the older it is.
struct SmoothedValue {
  /// The weight after which a value counts 1 / e.
  let memory: Double
  private var sum = 0.0
  private var weights = 0.0

  init(memory: Double) { self.memory = memory }

  /// The mean; `nil` without values.
  var value: Double? { weights > 0 ? sum / weights : nil }

  /// Adds a value that stands for `weight` seconds or steps.
  ///
  /// A value that is not finite is shown as long as it is the latest, and does not spoil the mean
  /// of those that follow.
  mutating func add(_ value: Double, weight: Double = 1) {
    guard value.isFinite && sum.isFinite else {
      sum = value
      weights = 1
      return
    }
    let kept = exp(-weight / memory)
    sum = sum * kept + value * (1 - kept)
    weights = weights * kept + (1 - kept)
  }

}
