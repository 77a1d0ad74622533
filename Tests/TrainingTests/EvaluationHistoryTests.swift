import Foundation
import Testing
import Training

/// Evaluations in a checkpoint come back bit by bit, and a history that is damaged is an error.
@Suite struct EvaluationHistoryTests {
  private static func evaluation(_ step: Int, _ metrics: Metrics) -> TrainingReport.Evaluation {
    .init(
      epoch: 1 + step / 3, step: step, examples: 7 * step, seconds: 0.1 * Double(step),
      metrics: metrics)
  }

  private static func read(_ history: EvaluationHistory) throws -> EvaluationHistory {
    try StrictJSON.value(EvaluationHistory.self, of: StrictJSON.text(history))
  }

  @Test func `evaluations that were written come back, and go on`() throws {
    var history = EvaluationHistory()
    #expect(try Self.read(history).all == [])
    for step in 1...5 {
      let metrics = Metrics(["loss": 1 / Double(step), "error": -.infinity])
      history.append(Self.evaluation(step, metrics))
    }
    let other = Metrics(["a": 1, "loss": 0x1p-1074], deciding: "loss", lowerIsBetter: false)
    history.append(Self.evaluation(6, other))
    history.append(Self.evaluation(7, Metrics(["loss": 3, "error": 4])))
    var again = try Self.read(history)
    #expect(again.all == history.all)
    again.append(Self.evaluation(8, other))
    #expect(try Self.read(again).all == again.all && again.all.count == 8)
  }

  @Test func `what is not a number stays so`() throws {
    var history = EvaluationHistory()
    history.append(Self.evaluation(1, Metrics(["loss": .nan])))
    #expect(try Self.read(history).all[0].metrics["loss"]?.isNaN == true)
  }

  @Test func `a text of any length is a history or an error`() throws {
    var history = EvaluationHistory()
    for step in 1...3 { history.append(Self.evaluation(step, Metrics(["loss": 1]))) }
    let whole = try StrictJSON.text(history).replacing("\\/", with: "/")
    let start = try #require(whole.range(of: "\"numbers\":\"")).upperBound
    let numbers = try #require(Data(base64Encoded: String(whole[start...].dropLast(2))))
    // Three evaluations of six numbers: others than 0, 1, 2 or 3 whole ones are no history.
    for count in 0...numbers.count {
      let text = whole[..<start] + numbers.prefix(count).base64EncodedString() + "\"}"
      let found = try? StrictJSON.value(EvaluationHistory.self, of: String(text))
      #expect(found?.all.count == (count % 48 == 0 ? count / 48 : nil), "\(count) bytes")
    }
    for place in 0..<numbers.count {
      var damaged = numbers
      damaged[place] ^= 0x80
      let text = whole[..<start] + damaged.base64EncodedString() + "\"}"
      _ = try? StrictJSON.value(EvaluationHistory.self, of: String(text))
    }
  }
}
