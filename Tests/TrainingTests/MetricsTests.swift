import Testing
import Training

@Suite struct MetricsTests {
  @Test func `the deciding number compares, in its direction`() {
    let low = Metrics(["a": 5, "error": 1], deciding: "error")
    let high = Metrics(["a": 1, "error": 2], deciding: "error")
    #expect(low.isBetter(than: high) && !high.isBetter(than: low) && !low.isBetter(than: low))
    let accuracy = Metrics(["accuracy": 0.5], lowerIsBetter: false)
    #expect(Metrics(["accuracy": 0.6], lowerIsBetter: false).isBetter(than: accuracy))
  }

  @Test func `what is not a number is worse than anything`() {
    let (nan, number) = (Metrics(["loss": .nan]), Metrics(["loss": 1e9]))
    #expect(number.isBetter(than: nan) && !nan.isBetter(than: number) && !nan.isBetter(than: nan))
  }

  @Test func `what is not a number prints without a sign`() {
    #expect("\(Metrics(["loss": -.nan]))" == "loss nan")
  }

  @Test func `they print in their order`() {
    #expect("\(Metrics(["PER": 12.25, "WER": 40]))" == "PER 12.2500  WER 40.0000")
  }
}
