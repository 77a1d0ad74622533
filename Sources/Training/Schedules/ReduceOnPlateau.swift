import Autograd

/// Lowers the rate when a metric has stopped to improve (PyTorch's `ReduceLROnPlateau`).
///
/// ```swift
/// var plateau = ReduceOnPlateau(learningRate: 1e-3, patience: 2)
/// optimizer.learningRate = plateau.learningRate
/// // ... an epoch ...
/// plateau.update(metric: validationLoss)
/// ```
///
/// It remembers what it has seen, and is `Codable` so that a checkpoint can remember it too.
public struct ReduceOnPlateau: Sendable, Codable, Equatable {
  /// Which way the metric improves.
  public enum Mode: String, Sendable, Codable {
    /// A loss or an error rate.
    case minimum
    /// An accuracy.
    case maximum
  }

  /// How much better than the best so far counts as better.
  public enum Threshold: Sendable, Codable, Equatable {
    /// A part of the size of the best so far: for `minimum`, `metric < best - part |best|`.
    case relative(Double)
    /// The best so far times a factor: for `minimum`, `metric < factor best`. That is PyTorch's
    /// relative threshold t with the factor 1 - t, and 1 + t for `maximum`. Of a metric that is not
    /// negative it says the same as `relative`; of one that is, as a log-likelihood, it counts what
    /// stays as it is, or falls back a little, as better.
    case factor(Double)
    /// A difference from the best so far: for `minimum`, `metric < best - difference`.
    case absolute(Double)
  }

  /// The rate to use now.
  public private(set) var learningRate: Double
  /// Which way the metric improves.
  public let mode: Mode
  /// Multiplies the rate when it is lowered.
  public let factor: Double
  /// Updates without improvement that are let pass.
  public let patience: Int
  /// How much better counts as better.
  public let threshold: Threshold
  /// Updates after a change in which nothing counts as bad.
  public let cooldown: Int
  /// The rate never falls below.
  public let minimumRate: Double
  /// A change of the rate that is not above this is not made.
  public let smallestChange: Double
  /// The best metric so far; `nil` before the first one that improves on nothing.
  public private(set) var best: Double?
  /// Updates in a row without improvement.
  public private(set) var badUpdates = 0
  /// Updates of the cooldown that are still to come.
  public private(set) var cooldownLeft = 0

  /// A rate that starts with `learningRate`.
  public init(
    learningRate: Double, mode: Mode = .minimum, factor: Double = 0.1, patience: Int = 10,
    threshold: Threshold = .relative(1e-4), cooldown: Int = 0, minimumRate: Double = 0,
    smallestChange: Double = 1e-8
  ) {
    expect(learningRate, .notNegative, "ReduceOnPlateau", "learningRate")
    expect(factor, .shareBelowOne, "ReduceOnPlateau", "factor")
    expect(patience, atLeast: 0, "ReduceOnPlateau", "patience")
    switch threshold {
    case .relative(let number), .factor(let number), .absolute(let number):
      expect(number, .notNegative, "ReduceOnPlateau", "threshold")
    }
    expect(cooldown, atLeast: 0, "ReduceOnPlateau", "cooldown")
    expect(minimumRate, .notNegative, "ReduceOnPlateau", "minimumRate")
    expect(smallestChange, .notNegative, "ReduceOnPlateau", "smallestChange")
    self.learningRate = learningRate
    self.mode = mode
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimumRate = minimumRate
    self.smallestChange = smallestChange
  }

  /// Takes note of a metric; `learningRate` is then the rate for what follows.
  ///
  /// A metric that is not a number is never better.
  public mutating func update(metric: Double) {
    if isBetter(metric) {
      best = metric
      badUpdates = 0
    } else {
      badUpdates += 1
    }
    if cooldownLeft > 0 {
      cooldownLeft -= 1
      badUpdates = 0
    }
    if badUpdates > patience {
      let lowered = max(learningRate * factor, minimumRate)
      if learningRate - lowered > smallestChange { learningRate = lowered }
      cooldownLeft = cooldown
      badUpdates = 0
    }
  }

  private func isBetter(_ metric: Double) -> Bool {
    // The worst infinity, rather than a special case for the first metric: an infinite loss is
    // then no improvement, as in PyTorch.
    let best = best ?? (mode == .minimum ? .infinity : -.infinity)
    return mode == .minimum ? metric < bar(below: best) : metric > -bar(below: -best)
  }

  /// What is better than `best` by the threshold, where lower is better.
  private func bar(below best: Double) -> Double {
    switch threshold {
    // Of an infinity no part can be taken: the product with 0 would be no number.
    case .relative where best.isInfinite, .factor where best.isInfinite: best
    case .factor(let factor): factor * best
    // A product, as in PyTorch, and not a difference, which is rounded twice.
    case .relative(let part): best * (best < 0 ? 1 + part : 1 - part)
    case .absolute(let difference): best - difference
    }
  }
}
