/// The share of predictions that are right, in percent; 0 of nothing.
///
/// - Parameter labels: as many as predictions.
public func accuracy<Label: Equatable>(_ predictions: [Label], _ labels: [Label]) -> Double {
  require(
    predictions.count == labels.count,
    "accuracy: \(predictions.count) predictions for \(labels.count) labels")
  return percentage(zip(predictions, labels).count { $0 == $1 }, of: labels.count)
}

/// The share of sequences that equal one of their references symbol by symbol, in percent; 0 of
/// nothing.
///
/// - Parameter references: for each sequence its references, at least one.
public func exactMatch<Symbol: Equatable>(
  _ hypotheses: [[Symbol]], _ references: [[[Symbol]]]
) -> Double {
  checkReferences("exactMatch", hypotheses.count, references)
  return percentage(zip(hypotheses, references).count { $1.contains($0) }, of: hypotheses.count)
}

/// How far predicted numbers are from the true ones.
public struct RegressionError: Equatable, Sendable {
  /// The mean of the squared differences; NaN of nothing.
  public let meanSquared: Double
  /// The mean of the absolute differences; NaN of nothing.
  public let meanAbsolute: Double

  /// Compares numbers one by one, in double precision.
  public init<Number: BinaryFloatingPoint>(_ predictions: [Number], _ truth: [Number]) {
    require(
      predictions.count == truth.count,
      "RegressionError: \(predictions.count) predictions for \(truth.count) numbers")
    var (squares, sizes) = (0.0, 0.0)
    for (prediction, number) in zip(predictions, truth) {
      let difference = Double(prediction) - Double(number)
      squares += difference * difference
      sizes += difference.magnitude
    }
    meanSquared = squares / Double(truth.count)
    meanAbsolute = sizes / Double(truth.count)
  }
}
