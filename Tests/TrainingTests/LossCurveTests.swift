import Foundation
import Testing
import Training

@Suite struct LossCurveTests {
  @Test func `a short curve has each step`() {
    var curve = LossCurve(capacity: 4)
    for step in 1...4 {
      curve.add(loss: Double(step), count: 2, examples: 2 * step, seconds: Double(step))
    }
    #expect(curve.points.map(\.loss) == [1, 2, 3, 4])
    #expect(curve.points.map(\.examples) == [2, 4, 6, 8])
  }

  @Test func `a long curve has means of equally many steps`() {
    var curve = LossCurve(capacity: 4)
    for step in 1...9 {
      curve.add(loss: Double(step), count: 1, examples: step, seconds: Double(step))
    }
    #expect(curve.points.map(\.loss) == [2.5, 6.5, 9])
    #expect(curve.points.map(\.examples) == [4, 8, 9])
    for step in 10...100_000 {
      curve.add(loss: 1, count: 1, examples: step, seconds: Double(step))
    }
    #expect(curve.points.count <= 4 && curve.points.last?.examples == 100_000)
  }

  @Test func `larger batches count more`() {
    var curve = LossCurve(capacity: 2)
    for (loss, count) in [(1.0, 3), (5.0, 1), (0.0, 1)] {
      curve.add(loss: loss, count: count, examples: 0, seconds: 0)
    }
    #expect(curve.points.map(\.loss) == [2, 0])
  }

  @Test func `a curve that was written goes on as if it had not been`() throws {
    var curve = LossCurve(capacity: 4)
    for step in 1...7 {
      curve.add(loss: 1 / Double(step), count: step, examples: step, seconds: 0.1 * Double(step))
    }
    let text = try JSONEncoder().encode(curve)
    var read = try JSONDecoder().decode(LossCurve.self, from: text)
    #expect(read == curve)
    for step in 8...20 {
      curve.add(loss: .infinity, count: 1, examples: step, seconds: 1)
      read.add(loss: .infinity, count: 1, examples: step, seconds: 1)
    }
    #expect(read == curve)
  }

  @Test(arguments: [
    (2, 0, ""), (0, 1, ""), (2, 1, "AAAA"), (2, 1, "?"), (2, 1, "AAAAAAAAAAA="), (1, 1, ""),
    (-1, 1, ""), (2, Int.max, ""),
  ])
  func `what is no curve is an error`(capacity: Int, steps: Int, sums: String) {
    let text = "{\"capacity\":\(capacity),\"stepsInPoint\":\(steps),\"sums\":\"\(sums)\"}"
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LossCurve.self, from: Data(text.utf8))
    }
  }
}
