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
/// A training shows it as one of its observers (`Trainer.observers`, `TrainingMonitor`); what else
/// takes its time calls it itself:
///
/// ```swift
/// let progress = ProgressLine(total: words.count, unit: "words")
/// for word in words {
///   // ... work ...
///   progress.update(done: seen, loss: Double(loss.scalar))
/// }
/// progress.finish()
/// ```
///
/// Its name leaves `Progress` to Foundation.
public final class ProgressLine: TrainingObserver {
  /// Seconds between two redrawings.
  private static let redrawing = 0.1
  /// Updates after which a loss counts 1 / e in the smoothed one.
  private static let lossMemory = 50.0

  private let total: Int?
  private let unit: String
  private let interval: Double
  private let output: ProgressOutput
  private let clock: () -> Double

  private var start: (time: Double, done: Int)
  private var share = 0.0
  private var shareBefore = 0.0
  private var label = ""
  private var loss = SmoothedValue(memory: lossMemory)
  private var rate: ExampleRate
  private var lastShown: Double
  /// The time of a training's last event, in place of the clock's.
  private var observedTime: Double?
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
    rate = ExampleRate(seconds: start.time, examples: done)
    lastShown = output.isTerminal ? -.infinity : start.time
  }

  private var time: Double { observedTime ?? clock() }

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
  public func update(done: Int, loss: Double, share: Double? = nil, label: String = "") {
    let time = time
    self.loss.add(loss)
    rate.add(seconds: time, examples: done)
    let known = share ?? counted(done)
    shareBefore = share == nil ? counted(start.done) : 0
    self.share = known.isNaN ? 0 : min(max(known, 0), 1)
    self.label = label
    if time - lastShown >= (output.isTerminal ? Self.redrawing : interval) { show(at: time) }
  }

  /// Writes a line of text above the progress line.
  public func message(_ text: String) {
    let text = PrintableText.lines(text, isShortened: true)
    output.write((lineIsOpen ? "\r\u{1B}[K" : "") + text + "\n")
    if lineIsOpen {
      lineIsOpen = false
      show(at: time)
    }
  }

  /// Shows the last state and ends the line.
  public func finish() {
    guard loss.value != nil else { return }
    show(at: time)
    if lineIsOpen { output.write("\n") }
    lineIsOpen = false
  }

  // MARK: In a training

  /// Begins anew: the times are the training's own from here on.
  public func didBegin(_ start: TrainingStart) {
    for notice in start.notices { message(notice) }
    let moment = start.moment
    observedTime = moment.seconds
    self.start = (moment.seconds, moment.examples)
    rate = ExampleRate(seconds: moment.seconds, examples: moment.examples)
    loss = SmoothedValue(memory: Self.lossMemory)
    lastShown = output.isTerminal ? -.infinity : moment.seconds
  }

  /// Draws, if it is time to.
  public func didStep(_ step: TrainingStep) {
    observedTime = step.moment.seconds
    update(
      done: step.moment.examples, loss: step.loss, share: step.share,
      label: "epoch \(step.moment.epoch)")
  }

  /// Writes what came of it above the line.
  public func didEvaluate(_ evaluation: TrainingEvaluation) {
    guard let metrics = evaluation.metrics else { return }
    let moment = evaluation.moment
    message(
      "epoch \(moment.epoch)  step \(moment.step)  \(duration(moment.seconds))  "
        + "loss \(fixed(evaluation.loss, digits: 4))  \(metrics)")
  }

  /// Ends the line.
  public func didEnd() { finish() }

  // MARK: Drawing

  private func show(at time: Double) {
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
