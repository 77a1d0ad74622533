import Glibc

/// A number with a fixed count of decimals, rounded as C and Python do (exactly, ties to even).
func fixed(_ value: Double, _ decimals: Int) -> String {
  // C would print its sign, which says nothing.
  if value.isNaN { return "nan" }
  return withVaList([Int32(decimals), value]) { arguments in
    // A Double has at most 309 digits before the point.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      vsnprintf(buffer.baseAddress!, buffer.count, "%.*f", arguments)
      return String(cString: buffer.baseAddress!)
    }
  }
}
