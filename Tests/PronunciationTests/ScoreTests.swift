import Pronunciation
import Testing

@Suite("Error rates")
struct ScoreTests {
  @Test("a word is right if it equals any reference")
  func anyReference() {
    let word = Score.Word(
      word: "read", hypothesis: ["R", "IY", "D"],
      references: [["R", "EH", "D"], ["R", "IY", "D"]])
    #expect(word.isRight)
    #expect(word.closest == ["R", "IY", "D"])
  }

  @Test("of equally close references the first gives the length")
  func firstOfEquallyClose() {
    let references = [["A"], ["A", "B", "C"], ["A", "D"]]
    let word = Score.Word(word: "w", hypothesis: ["A", "B"], references: references)
    #expect(word.errors == 1)
    #expect(word.closest == ["A"])
  }

  @Test("rates are shares of words and of phonemes of the closest references, in percent")
  func rates() {
    let references = Lexicon([
      ("ape", ["EY", "P"]), ("read", ["R", "EH", "D"]), ("read", ["R", "IY", "D"]),
      ("zoo", ["Z", "UW"]),
    ])
    let score = Score(
      references: references, hypotheses: [["EY", "P"], ["R", "IY"], ["Z", "OW", "UW"]])
    #expect(score.wrongWords == 2)
    #expect(score.phonemeErrors == 2)
    #expect(score.phonemes == 7)
    #expect(score.description == "WER 66.67 PER 28.57 words 3")
  }

  @Test("a missing hypothesis counts as no phoneme at all, a superfluous one not")
  func missing() {
    let references = Lexicon([("ape", ["EY", "P"]), ("zoo", ["Z", "UW"])])
    let score = Score(references: references, hypotheses: ["ape": ["EY", "P"], "cat": ["K"]])
    #expect(score.description == "WER 50.00 PER 50.00 words 2")
  }

  @Test("hypotheses are written as the lines that readers of word lists accept")
  func hypotheses() throws {
    let references = Lexicon([("ape", ["EY", "P"]), ("zoo", ["Z", "UW"])])
    let score = Score(references: references, hypotheses: [["EY", "B"], []])
    #expect(score.hypothesesText == "ape\tEY B\nzoo\t\n")
  }

  @Test("no words at all make a score of zero")
  func empty() {
    #expect(Score(words: []).description == "WER 0.00 PER 0.00 words 0")
  }
}
