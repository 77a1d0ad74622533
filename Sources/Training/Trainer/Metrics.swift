import Autograd

/// How good a model is, in named numbers, one of which decides which model is the best.
///
/// `Metrics(["PER": 12.3, "WER": 41.0], deciding: "WER")`
public struct Metrics: Codable, Equatable, Sendable, CustomStringConvertible {
  /// A number with its name.
  public struct Value: Codable, Equatable, Sendable {
    /// The name, as it stands in logs.
    public let name: String
    /// The number.
    public let value: Double

    /// A value with its name.
    package init(name: String, value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// The numbers in their order.
  public let values: [Value]
  /// The name of the one that decides.
  public let deciding: String
  /// Whether a lower number is the better one.
  public let lowerIsBetter: Bool

  /// Values in their order, of which the named one decides.
  package init(_ values: [Value], deciding: String, lowerIsBetter: Bool = true) {
    self.values = values
    self.deciding = deciding
    self.lowerIsBetter = lowerIsBetter
  }

  /// - Parameters:
  ///   - values: the numbers, at least one.
  ///   - deciding: the name of the one that decides; the first one if nil.
  ///   - lowerIsBetter: true for errors and losses, false for accuracies.
  public init(
    _ values: KeyValuePairs<String, Double>, deciding: String? = nil, lowerIsBetter: Bool = true
  ) {
    let deciding = deciding ?? values.first?.key ?? ""
    guard values.contains(where: { $0.key == deciding }) else {
      trap(
        "Metrics: '\(deciding)', which is to decide, is none of "
          + "\(values.map(\.key).joined(separator: ", "))")
    }
    self.values = values.map { Value(name: $0.key, value: $0.value) }
    self.deciding = deciding
    self.lowerIsBetter = lowerIsBetter
  }

  /// The number of that name; nil if there is none.
  public subscript(name: String) -> Double? { values.first { $0.name == name }?.value }

  /// Whether these are better than others; what is not a number is never better, and always worse.
  public func isBetter(than other: Metrics) -> Bool {
    guard let mine = self[deciding], !mine.isNaN else { return false }
    guard let theirs = other[deciding], !theirs.isNaN else { return true }
    return lowerIsBetter ? mine < theirs : mine > theirs
  }

  /// Names and numbers with four decimals.
  public var description: String {
    values.map { "\($0.name) \(fixed($0.value, digits: 4))" }.joined(separator: "  ")
  }
}
