import Datasets
import Tasks
import Testing

private func read(_ text: String) throws(DataFileError) -> SpokenWords {
  try SpokenWords(parsing: Array(text.utf8), file: "words/manifest.tsv", folder: "words")
}

private func malformed(_ line: Int, _ problem: String) -> DataFileError {
  .malformed(TextError(file: "words/manifest.tsv", line: line, problem: problem))
}

@Suite struct SpokenWordsTests {
  @Test func `recordings come to their splits, their files from the folder`() throws {
    let words = try read(
      """
      split\tfile\tword\tphonemes\tvoice\tnoise
      train\ttrain/0.wav\tcat\tK AE T\ten-us+m1\tclean
      test\ttest/1.wav\ta\tAH\ten-gb+f2\t10dB

      valid\t2.wav\tact\tAE K T\ten-us+m7\t5dB
      """)
    #expect(
      words.training == [
        .init(
          file: "words/train/0.wav", word: "cat", phonemes: ["K", "AE", "T"], voice: "en-us+m1",
          noise: "clean")
      ])
    #expect(
      words.validation == [
        .init(
          file: "words/2.wav", word: "act", phonemes: ["AE", "K", "T"], voice: "en-us+m7",
          noise: "5dB")
      ])
    #expect(
      words.test == [
        .init(
          file: "words/test/1.wav", word: "a", phonemes: ["AH"], voice: "en-gb+f2", noise: "10dB")
      ])
  }

  @Test func `a malformed line is named with its number`() {
    let good = "train\t0.wav\tcat\tK AE T\tm1\tclean\n"
    #expect(throws: malformed(2, "expected train, valid or test, found \"dev\"")) {
      try read(good + "dev\t0.wav\tcat\tK AE T\tm1\tclean\n")
    }
    #expect(throws: malformed(3, "expected phonemes, found \" \"")) {
      try read(good + "\ntrain\t0.wav\tcat\t \tm1\tclean\n")
    }
    let form = "expected split<TAB>file<TAB>word<TAB>phonemes<TAB>voice<TAB>noise, found "
    for line in ["train\t0.wav\tcat\tK\tm1", "train\t0.wav\tcat\tK\tm1\t", "train 0.wav"] {
      #expect(throws: malformed(2, form + "\"\(line)\"")) { try read(good + line + "\n") }
    }
    #expect(throws: DataFileError.empty(file: "words/manifest.tsv", expected: "recordings")) {
      try read("split\tfile\tword\tphonemes\tvoice\tnoise\n")
    }
    #expect {
      try SpokenWords(folder: "none")
    } throws: { error in
      guard case DataFileError.unreadable("none/manifest.tsv", _) = error else { return false }
      return true
    }
  }
}
