import Testing
import Training

/// A clock that is set by hand, and everything that was written.
private final class Stage {
  var time = 100.0
  var writes: [String] = []
  var width = 80

  func line(
    total: Int? = 1000, done: Int = 0, interval: Double = 5, isTerminal: Bool
  ) -> ProgressLine {
    ProgressLine(
      total: total, done: done, unit: "words", interval: interval,
      output: ProgressOutput(
        isTerminal: isTerminal, width: { self.width }, write: { self.writes.append($0) }),
      clock: { self.time })
  }
}

@Suite struct ProgressLineTests {
  @Test func aTerminalShowsShareBarLossRateAndTimeLeft() {
    let stage = Stage()
    let line = stage.line(isTerminal: true)
    stage.time += 10
    line.update(done: 250, loss: 0.5, label: "epoch 2")
    #expect(
      stage.writes == [
        "\repoch 2   25 % [######--------------------]  loss 0.5000  25 words/s  0:30 left\u{1B}[K"
      ])
  }

  @Test func redrawsAtMostTenTimesASecond() {
    let stage = Stage()
    let line = stage.line(isTerminal: true)
    for step in 1...1000 {
      stage.time += 0.01
      line.update(done: step, loss: 1)
    }
    #expect((90...101).contains(stage.writes.count))
  }

  @Test(arguments: 0...120)
  func isNeverAsWideAsTheWindow(width: Int) {
    let stage = Stage()
    stage.width = width
    let line = stage.line(isTerminal: true)
    stage.time += 1000
    line.update(done: 3, loss: 123_456, label: "epoch 12 of 100")
    let shown = stage.writes[0].dropFirst().dropLast("\u{1B}[K".count)
    #expect(shown.count < max(width, 1))
  }

  @Test func aFileGetsPlainLinesAtTheInterval() {
    let stage = Stage()
    let line = stage.line(interval: 5, isTerminal: false)
    for step in 1...120 {
      stage.time += 0.1
      line.update(done: step, loss: 2)
    }
    #expect(stage.writes.count == 2)
    #expect(stage.writes[1] == " 10 %  loss 2.0000  10 words/s  1:30 left\n")
    line.finish()
    #expect(stage.writes.count == 3)
    #expect(stage.writes.allSatisfy { $0.hasSuffix("\n") && !$0.contains("\r") })
  }

  @Test func theLastLineShowsTheWholeTime() {
    let stage = Stage()
    let line = stage.line(isTerminal: true)
    stage.time += 3725
    line.update(done: 1000, loss: 0.25)
    line.finish()
    #expect(stage.writes.last == "\n")
    #expect(stage.writes[stage.writes.count - 2].contains("100 % ["))
    #expect(stage.writes[stage.writes.count - 2].contains("in 1:02:05"))
  }

  @Test func nothingIsShownForATrainingWithoutSteps() {
    let stage = Stage()
    let line = stage.line(isTerminal: true)
    line.finish()
    #expect(stage.writes.isEmpty)
  }

  @Test func aMessageStandsAboveTheLine() {
    let stage = Stage()
    let line = stage.line(isTerminal: true)
    line.message("before")
    stage.time += 1
    line.update(done: 1, loss: 1)
    line.message("saved")
    #expect(stage.writes[0] == "before\n")
    #expect(stage.writes[2] == "\r\u{1B}[Ksaved\n")
    #expect(stage.writes[3] == stage.writes[1])
  }

  @Test func lossAndRateAreSmoothed() throws {
    let stage = Stage()
    let line = stage.line(total: nil, isTerminal: false)
    for step in 1...500 {
      stage.time += 0.1
      line.update(done: step * 10, loss: step % 2 == 0 ? 1 : 3)
    }
    // The mean of 1 and 3 within what a single step of weight 1/50 can move it.
    #expect(abs(try #require(line.smoothedLoss) - 2) < 0.03)
    #expect(abs(try #require(line.smoothedRate) - 100) < 1e-6)
    line.update(done: 5000, loss: .nan)
    #expect(try #require(line.smoothedLoss).isNaN)
    line.update(done: 5000, loss: 7)
    #expect(line.smoothedLoss == 7)
  }

  @Test func aResumedTrainingDoesNotCountWhatWasDoneBefore() {
    let stage = Stage()
    let line = stage.line(done: 500, interval: 1, isTerminal: false)
    stage.time += 10
    line.update(done: 600, loss: 1)
    #expect(stage.writes == [" 60 %  loss 1.0000  10 words/s  0:40 left\n"])
  }

  @Test func aTrainingWithALimitedTimeGivesItsShare() {
    let stage = Stage()
    let line = stage.line(total: nil, interval: 1, isTerminal: false)
    stage.time += 30
    line.update(done: 6000, loss: 1, share: 0.5)
    #expect(stage.writes == [" 50 %  loss 1.0000  200 words/s  0:30 left\n"])
  }
}
