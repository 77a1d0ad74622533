/// Where uniform numbers are drawn from. What is drawn is in the interval, even where the lower bound
/// and a share of the width add up to a number that is rounded out of it.
package struct UniformInterval<Scalar: FloatingPointScalar> {
  /// 1, or 2 where the width is beyond the largest number: then these are halves.
  private let scale: Double
  private let low: Double
  private let width: Double
  /// The largest number that may be drawn.
  private let largest: Scalar
  /// The share of the width that a step of the random numbers is.
  private let unit: Double

  /// The numbers of an interval without its upper bound; traps where there are none, or where a bound
  /// is not finite.
  package init(_ range: Range<Scalar>) {
    if range.isEmpty { trap("uniform: there are no numbers in \(range)") }
    self.init(
      range.lowerBound, range.upperBound, largest: range.upperBound.nextDown, unit: 0x1p-53)
  }

  /// The numbers of an interval with its upper bound; traps where a bound is not finite.
  package init(_ range: ClosedRange<Scalar>) {
    // The largest of the random numbers, 2^53 - 1, times this is rounded to 1.
    self.init(
      range.lowerBound, range.upperBound, largest: range.upperBound, unit: 0x1p-53.nextUp)
  }

  private init(_ low: Scalar, _ high: Scalar, largest: Scalar, unit: Double) {
    if !low.isFinite || !high.isFinite {
      trap("uniform: bounds are \(low) and \(high), not finite")
    }
    let width = Double(high) - Double(low)
    scale = width.isFinite ? 1 : 2
    self.low = Double(low) / scale
    self.width = Double(high) / scale - self.low
    self.largest = largest
    self.unit = unit
  }

  /// A number of the interval.
  @inline(__always)
  package func number(using generator: inout some RandomNumberGenerator) -> Scalar {
    let share = Double(generator.next() >> 11) * unit
    let number = Scalar((low + width * share) * scale)
    return number < largest ? number : largest
  }
}
