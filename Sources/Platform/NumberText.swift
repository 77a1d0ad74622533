#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A number with a fixed count of decimals, rounded as C and Python do (exactly, ties to even).
package func fixed(_ value: Double, _ decimals: Int) -> String {
  formatted(value, "%.*f", decimals)
}

/// A number with so many significant digits, without zeros at the end: `0.0005`, `12.35`, `3e-07`.
package func significant(_ value: Double, _ digits: Int) -> String {
  formatted(value, "%.*g", digits)
}

private func formatted(_ value: Double, _ format: String, _ count: Int) -> String {
  // C would print its sign, which says nothing.
  if value.isNaN { return "nan" }
  return withVaList([CInt(count), value]) { arguments in
    // A Double has at most 309 digits before the point.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      vsnprintf(buffer.baseAddress!, buffer.count, format, arguments)
      return String(cString: buffer.baseAddress!)
    }
  }
}
