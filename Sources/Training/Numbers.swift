import Autograd

/// A number with a fixed number of decimals, up to 15.
///
/// `String(format:)` would need all of Foundation.
package func fixed(_ value: Double, digits: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  let scale = pow(10, Double(digits))
  // Beyond 2^53 a number has no decimals, and the product might not fit.
  guard abs(value) * scale < 0x1p53 else { return "\(value)" }
  let scaled = Int((abs(value) * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  let whole = sign + String(scaled / Int(scale))
  if digits == 0 { return whole }
  let decimals = String(scaled % Int(scale))
  return whole + "." + String(repeating: "0", count: digits - decimals.count) + decimals
}

/// Seconds as `1:05` or `2:00:05`.
func duration(_ seconds: Double) -> String {
  // A share of almost nothing may let expect more time than an integer holds.
  guard seconds.isFinite && seconds < 1e9 else { return "forever" }
  let seconds = Int(max(seconds, 0).rounded())
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  let clock = "\(seconds / 60 % 60):\(two(seconds % 60))"
  guard seconds >= 3600 else { return clock }
  return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
}
