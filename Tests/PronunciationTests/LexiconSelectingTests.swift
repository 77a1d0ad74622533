import Pronunciation
import Testing

private func lexicon(_ words: Int) -> Lexicon {
  Lexicon((0..<words).map { (word: "word\($0)", pronunciation: ["W", "\($0)"]) })
}

@Suite("Choosing words")
struct LexiconSelectingTests {
  @Test("a split holds out exactly as many words as asked for and loses none")
  func split() {
    let all = lexicon(500)
    let (training, heldOut) = all.split(heldOut: 100, seed: 1)
    #expect(heldOut.count == 100)
    #expect(training.count == 400)
    #expect(Set(training.map(\.word)).union(heldOut.map(\.word)) == Set(all.map(\.word)))
    #expect(training.without(heldOut) == training)
  }

  @Test("a split does not depend on the order of the file, but on the seed")
  func stability() {
    let all = lexicon(500)
    let heldOut = Set(all.split(heldOut: 100, seed: 1).heldOut.map(\.word))
    let reversed = Lexicon(all.pairs.reversed())
    #expect(Set(reversed.split(heldOut: 100, seed: 1).heldOut.map(\.word)) == heldOut)
    #expect(Set(all.split(heldOut: 100, seed: 2).heldOut.map(\.word)) != heldOut)
  }

  @Test("a split is the same in every process and version")
  func pinned() {
    // Computed with the same hash written in Python.
    let heldOut = lexicon(20).split(heldOut: 4, seed: 7).heldOut.map(\.word)
    #expect(heldOut == ["word7", "word14", "word15", "word19"])
  }

  @Test("words of a common beginning spread over both sides as chance has it")
  func spread() {
    let heldOut = lexicon(10_000).split(heldOut: 5_000, seed: 3).heldOut
    let early = heldOut.count { Int($0.word.dropFirst(4))! < 5_000 }
    // Hypergeometric: mean 2500, standard deviation 25; six of them.
    #expect((2_350...2_650).contains(early))
  }

  @Test("all pronunciations of a word are on one side")
  func together() {
    let (training, heldOut) = Lexicon([
      ("read", ["R", "EH", "D"]), ("ape", ["EY", "P"]), ("read", ["R", "IY", "D"]),
    ]).split(heldOut: 1, seed: 1)
    #expect(training.count == 1 && heldOut.count == 1)
    #expect((training["read"] ?? heldOut["read"])?.count == 2)
  }

  @Test("everything or nothing can be held out")
  func extremes() {
    let all = lexicon(5)
    #expect(all.split(heldOut: 0, seed: 1).training == all)
    #expect(all.split(heldOut: 5, seed: 1).heldOut == all)
  }

  @Test("only words of letters and apostrophes pass")
  func letters() {
    let words = ["it's", "'bout", "co-op", "a.m.", "été", "'", "r2d2", "zoo"]
    let all = Lexicon(words.map { (word: $0, pronunciation: ["P"]) })
    #expect(all.onlyLettersAndApostrophes().map(\.word) == ["it's", "'bout", "zoo"])
  }

  @Test("limits drop long words, and long pronunciations of short words")
  func limits() {
    let all = Lexicon([
      ("a", ["EY"]), ("ape", ["EY", "P"]), ("ape", ["AH", "P", "AH"]), ("apes", ["EY", "P", "S"]),
      ("zoo", ["Z", "UW", "OW"]),
    ])
    #expect(
      all.limited(letters: 2...3, phonemes: 1...2) == Lexicon([("ape", ["EY", "P"])]))
  }
}
