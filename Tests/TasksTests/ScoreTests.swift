import Tasks
import Testing

/// Scores of small corpora that can be reckoned by hand; `GoldScoresTests` has the large ones.
@Suite struct ScoreTests {
  @Test(arguments: [
    ("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3), ("abc", "abc", 0),
    ("ab", "ba", 2), ("abcd", "bcd", 1),
  ])
  func `edit distances count insertions, deletions and substitutions`(
    first: String, second: String, expected: Int
  ) {
    #expect(editDistance(Array(first), Array(second)) == expected)
  }

  @Test func `the closest reference counts, the first of equally close ones`() {
    let rate = ErrorRate(
      hypotheses: [Array("abc"), Array("x")],
      references: [[Array("abcdef"), Array("abx")], [Array("xy"), Array("y")]])
    #expect(rate.errors == 2)
    #expect(rate.length == 5)
    #expect(rate.rate == 40)
    #expect(rate.wrongSequences == 2 && rate.sequenceRate == 100)
    #expect(ErrorRate(hypotheses: [[Int]](), references: [[[Int]]]()).rate == 0)
  }

  @Test func `shares are in percent`() {
    #expect(accuracy([1, 2, 3, 4], [1, 0, 3, 0]) == 50)
    #expect(accuracy([Int](), []) == 0)
    #expect(exactMatch([["a", "b"], ["a"]], [[["b"], ["a", "b"]], [["b"]]]) == 50)
  }

  @Test func `errors of numbers are means in double precision`() {
    let error = RegressionError([1, 2, 4] as [Float], [0, 2, 1])
    #expect(error.meanSquared == 10.0 / 3)
    #expect(error.meanAbsolute == 4.0 / 3)
    #expect(RegressionError([Float](), []).meanSquared.isNaN)
  }

  @Test func `scores say what they are`() {
    let bleu = BLEU(hypotheses: [["a", "b", "c", "d"]], references: [["a", "b", "c", "d"]])
    #expect("\(bleu)" == "BLEU 100.00 (100.0/100.0/100.0/100.0, brevity 1.000, 4 of 4 tokens)")
    #expect("\(CharacterFScore(hypotheses: ["ab"], references: [["ab"]]))" == "chrF2 100.00")
    let slots = SlotScore(hypotheses: [["B-x", "O"]], references: [["B-x", "B-y"]])
    #expect("\(slots)" == "F1 66.67 precision 100.00 recall 50.00 slots 2")
    #expect(slots.rightTags == 1 && slots.tags == 2 && slots.rightSentences == 0)
  }

  @Test func `what does not belong together ends the program`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = BLEU(hypotheses: [["a"]], references: [[[String]]]())
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("BLEU: 1 hypotheses, but references for 0"))
  }
}
