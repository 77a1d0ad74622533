import Tasks
import Testing

/// Errors by the length of the input.
@Suite struct LengthErrorsTests {
  @Test func `examples of one length stay together, and each bucket has the share of its errors`() {
    let errors = LengthErrors(
      lengths: [9, 2, 3, 3, 3, 4, 9, 5], errors: [3, 0, 1, 0, 0, 2, 1, 1],
      of: [4, 2, 2, 2, 2, 4, 4, 4], buckets: 3, caption: "")
    #expect(errors.buckets.map(\.lengths) == [2...3, 4...5, 9...9])
    #expect(errors.buckets.map(\.count) == [4, 2, 2])
    // 1 of 8, 3 of 8 and 4 of 8.
    #expect(errors.buckets.map(\.rate) == [12.5, 37.5, 50])
  }

  @Test(arguments: [1, 2, 7, 50])
  func `no example is lost`(count: Int) {
    let lengths = (0..<500).map { $0 * $0 % 23 }
    let wrong = lengths.map { $0 > 10 ? 1 : 0 }
    let errors = LengthErrors(
      lengths: lengths, errors: wrong, of: lengths.map { _ in 1 }, buckets: count, caption: "")
    #expect(errors.buckets.count <= count)
    #expect(errors.buckets.reduce(0) { $0 + $1.count } == 500)
    for bucket in errors.buckets {
      let within = lengths.indices.filter { bucket.lengths.contains(lengths[$0]) }
      #expect(within.count == bucket.count)
      let share = 100 * Double(within.count { wrong[$0] == 1 }) / Double(within.count)
      #expect(abs(bucket.rate - share) < 1e-9)
    }
  }

  private let errors = LengthErrors(
    buckets: [
      .init(lengths: 1...4, count: 1200, rate: 5), .init(lengths: 5...5, count: 80, rate: 20),
      .init(lengths: 6...20, count: 3, rate: .nan),
    ], caption: "errors")

  @Test func `in the terminal bars are as long as the errors`() {
    #expect(
      errors.terminal(color: false, width: 31) == """
           1–4 ███ 5 % of 1.2k
             5 ████████████ 20 % of 80
          6–20 nan % of 3

        """)
  }

  @Test func `in the chart bars are as high as the errors`() throws {
    let chart = try Markup(errors.svg())
    let bars = try chart.all("rect", class: "bar").map { try $0.number("height") }
    #expect(abs(bars[1] - 4 * bars[0]) < 0.05 && bars[2] == 0)
    let labels = chart.texts("text", class: "middle")
    for label in ["1–4", "5", "6–20", "n 1.2k", "n 80", "n 3", "5", "20"] {
      #expect(labels.contains(label), "\(label)")
    }
    #expect(chart.texts("text", class: "end") == ["0 %", "5 %", "10 %", "15 %", "20 %"])
  }
}
