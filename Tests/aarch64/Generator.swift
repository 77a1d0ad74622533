/// Numbers that are the same in every run and have a place in every scalar type.
struct Generator {
  private var state: UInt64 = 7

  /// From `-most` to `most`, with 20 bits.
  mutating func uniform(_ count: Int, _ most: Double) -> [Double] {
    var result: [Double] = []
    for _ in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      result.append(most * (Double(state >> 44) / 524_288 - 1))
    }
    return result
  }
}
