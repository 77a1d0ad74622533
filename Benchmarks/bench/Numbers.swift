/// A number with so many decimals.
func rounded(_ x: Double, _ digits: Int = 1) -> String {
  if !x.isFinite { return "\(x)" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  return "\((x * scale).rounded() / scale)"
}

/// Seconds in a unit that suits.
func time(_ seconds: Double) -> String {
  seconds < 1e-6
    ? "\(rounded(seconds * 1e9)) ns"
    : seconds < 1e-2 ? "\(rounded(seconds * 1e6)) us" : "\(rounded(seconds * 1e3, 2)) ms"
}
