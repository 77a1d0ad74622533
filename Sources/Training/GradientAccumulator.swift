import Autograd
public import Layers

/// The mean of the gradients of several batches, for a step of more examples than go into memory at
/// once.
///
/// ```swift
/// var sum = GradientAccumulator()
/// for batch in parts {
///   let (loss, gradients) = valueWithGradient(at: model) {
///     crossEntropyLoss($0(batch.x), batch.labels)
///   }
///   sum.add(gradients, loss: Double(loss.scalar), weight: Double(batch.count))
/// }
/// optimizer.update(model, along: sum.mean)
/// ```
///
/// With the number of examples as weight, and losses that are means over examples, the result is
/// the gradient of the whole, up to rounding. What depends on a batch as a whole, such as batch
/// normalisation, still sees its parts.
public struct GradientAccumulator {
  /// Each batch's gradients times its weight over the first batch's.
  private var sum: Gradients?
  private var firstWeight = 0.0
  private var lossSum = 0.0
  /// The sum of all weights.
  public private(set) var weight = 0.0

  /// Nothing yet.
  public init() {}

  /// Adds the gradients of a batch.
  ///
  /// - Parameters:
  ///   - gradients: of the batch's mean loss. A parameter without one here counts as having zeros.
  ///   - loss: the batch's mean loss, for `meanLoss`.
  ///   - weight: what the batch counts, above 0.
  public mutating func add(_ gradients: Gradients, loss: Double = 0, weight: Double = 1) {
    if !(weight > 0) { trap("GradientAccumulator: a weight of \(weight) is not above 0") }
    expect(weight, .finite, "GradientAccumulator", "weight")
    if let so = sum {
      // One weight for all batches costs no product.
      sum = so + (weight == firstWeight ? gradients : gradients.scaled(by: weight / firstWeight))
    } else {
      sum = gradients
      firstWeight = weight
    }
    lossSum += loss * weight
    self.weight += weight
  }

  /// The weighted mean of all gradients; those of a single batch as they are.
  public var mean: Gradients {
    guard let sum else { trap("GradientAccumulator: the mean of no gradients") }
    return weight == firstWeight ? sum : sum.scaled(by: firstWeight / weight)
  }

  /// The weighted mean of all losses; of none, not a number.
  public var meanLoss: Double { lossSum / weight }
}
