/// The numbers that have a meaning as an argument. NaN is none of them.
package enum MeaningfulNumbers: String {
  case finite = "finite"
  /// And finite.
  case positive = "above 0"
  /// And finite.
  case notNegative = "at least 0"
  /// Infinity is one, and limits nothing.
  case limit = "a limit of at least 0"
  case share = "in 0 ... 1"
  case shareBelowOne = "in 0 ..< 1"

  fileprivate func contains(_ number: Double) -> Bool {
    switch self {
    case .finite: number.isFinite
    case .positive: number > 0 && number.isFinite
    case .notNegative: number >= 0 && number.isFinite
    case .limit: number >= 0
    case .share: (0...1).contains(number)
    case .shareBelowOne: (0..<1).contains(number)
    }
  }
}

/// Traps unless an argument has a meaning: "Adam: learningRate is -1.0, not at least 0".
package func expect(
  _ number: Double, _ meaningful: MeaningfulNumbers, _ place: StaticString,
  _ argument: StaticString
) {
  if meaningful.contains(number) { return }
  let wanted = number.isFinite || meaningful == .limit ? meaningful : .finite
  trap("\(place): \(argument) is \(number), not \(wanted.rawValue)")
}

/// Traps unless there are enough of something: "Noam: modelSize is 0, not at least 1".
package func expect(
  _ count: Int, atLeast least: Int, _ place: StaticString, _ argument: StaticString
) {
  if count < least { trap("\(place): \(argument) is \(count), not at least \(least)") }
}
