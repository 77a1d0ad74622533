import Tasks
import Testing

/// The charts of a training.
@Suite struct TrainingCurveTests {
  private func svg(_ chart: TrainingCurve.Chart) throws -> Markup {
    try Markup(chart.drawing.inline)
  }

  @Test func `metrics of one unit share a chart, those without a unit have their own`() throws {
    let curve = TrainingCurve(
      losses: [
        .init(examples: 0, seconds: 0, loss: 4, learningRate: 0.0005),
        .init(examples: 100, seconds: 10, loss: 0.5, learningRate: 0.00025),
      ],
      evaluations: [
        .init(
          examples: 100, seconds: 10,
          metrics: [
            .init("WER", 40.25, unit: "%"), .init("BLEU", 21.5), .init("PER", 10.5, unit: "%"),
            .init("MSE", 0.33),
          ])
      ])
    #expect(
      curve.charts.map(\.caption) == [
        "Training loss", "Learning rate", "WER, PER on held-out examples",
        "BLEU on held-out examples", "MSE on held-out examples",
      ])
    let legends = try curve.charts.map { try svg($0).texts("text", class: "value") }
    #expect(
      legends == [
        ["loss 0.5"], ["learning rate 0.00025"], ["WER 40.25 %", "PER 10.5 %"], ["BLEU 21.5"],
        ["MSE 0.33"],
      ])
    // Two decimals would make all of these 0.
    #expect(
      try svg(curve.charts[1]).texts("text", class: "end") == [
        "0", "0.0001", "0.0002", "0.0003", "0.0004", "0.0005",
      ])
    #expect(
      try svg(curve.charts[2]).texts("circle") == [
        "WER 40.25 % after 10 s, 100 examples", "PER 10.5 % after 10 s, 100 examples",
      ])
  }

  @Test func `a value stands where its time and its number are`() throws {
    let curve = TrainingCurve(evaluations: [
      .init(examples: 0, seconds: 0, metrics: [.init("accuracy", 0, unit: "%")]),
      .init(examples: 50, seconds: 50, metrics: [.init("accuracy", 50, unit: "%")]),
      .init(examples: 100, seconds: 100, metrics: [.init("accuracy", 100, unit: "%")]),
    ])
    let chart = try svg(try #require(curve.charts.first))
    let dots = chart.all("circle")
    let (x, y) = (try dots.map { try $0.number("cx") }, try dots.map { try $0.number("cy") })
    #expect(abs(x[1] - (x[0] + x[2]) / 2) < 0.02 && x[0] < x[2])
    #expect(abs(y[1] - (y[0] + y[2]) / 2) < 0.02 && y[0] > y[2])
    // The label of 100 % stands beside the line of 100 %.
    let label = try #require(chart.all("text", class: "end").first { $0.text == "100 %" })
    #expect(try abs(label.number("y") - 4.5 - y[2]) < 0.02)
  }

  @Test(arguments: [(100.0, "100 s"), (600, "10 min"), (36_000, "10 h")])
  func `long times are told in minutes and hours`(seconds: Double, last: String) throws {
    let curve = TrainingCurve(losses: [
      .init(examples: 0, seconds: 0, loss: 2), .init(examples: 9, seconds: seconds, loss: 1),
    ])
    let labels = try svg(try #require(curve.charts.first)).texts("text", class: "middle")
    #expect(labels.contains(last))
  }

  @Test func `no coordinate is out of range or no number, even for strange measurements`() throws {
    for curve in [
      TrainingCurve(losses: [.init(examples: 0, seconds: 0, loss: 0)]),
      TrainingCurve(losses: [.init(examples: 1, seconds: 1, loss: 1e-300)]),
      TrainingCurve(losses: [
        .init(examples: 1, seconds: 1, loss: 1e30), .init(examples: 2, seconds: 2, loss: 1e-30),
      ]),
      TrainingCurve(losses: [
        .init(examples: 1, seconds: 5, loss: -3), .init(examples: 2, seconds: 5, loss: -4),
      ]),
      TrainingCurve(losses: [.init(examples: 1, seconds: 5, loss: -1e300)]),
      TrainingCurve(evaluations: [
        .init(examples: 0, seconds: 0, metrics: [.init("WER", 0, unit: "%")]),
        .init(examples: 9, seconds: 9e5, metrics: [.init("WER", 250, unit: "%")]),
        .init(examples: 9, seconds: 9e5, metrics: [.init("WER", .nan, unit: "%")]),
      ]),
    ] {
      #expect(!curve.charts.isEmpty)
      for element in try curve.charts.flatMap({ try svg($0).elements }) {
        for name in ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy"] where element[name] != nil {
          #expect(try (0...400).contains(element.number(name)), "\(element)")
        }
      }
    }
  }

  @Test func `the points of a long training are means of its measurements`() {
    let losses = (0..<100_000).map {
      TrainingCurve.Loss(examples: $0, seconds: Double($0), loss: Double($0 % 2))
    }
    let reduced = TrainingCurve(losses: losses).reducedLosses(to: 100)
    #expect(reduced.count == 100)
    #expect(reduced.allSatisfy { $0.loss == 0.5 })
  }

  @Test func `without any finite measurement there is no chart`() {
    let curve = TrainingCurve(
      losses: [.init(examples: 1, seconds: 1, loss: .nan)],
      evaluations: [.init(examples: 1, seconds: 1, metrics: [.init("WER", .infinity)])])
    #expect(curve.charts.isEmpty)
  }
}
