import FoundationEssentials
import Pronunciation
import Testing

@Suite("Vocabularies")
struct SymbolsTests {
  private let lexicon = Lexicon([("phone", ["F", "OW", "N"]), ("ape", ["EY", "P"])])

  @Test("symbols are numbered in sorted order after the three reserved numbers")
  func numbering() throws {
    let letters = Symbols.letters(of: lexicon)
    #expect(letters.names == ["a", "e", "h", "n", "o", "p"])
    #expect(letters.count == 9)
    #expect(try letters.encode(word: "ape") == [3, 8, 4])
    #expect(letters["h"] == 5 && letters["z"] == nil)
    #expect(Symbols.phonemes(of: lexicon).names == ["EY", "F", "N", "OW", "P"])
  }

  @Test("what was encoded decodes to itself, and nothing after the end counts")
  func roundTrip() throws {
    let phonemes = Symbols.phonemes(of: lexicon)
    let ids = try phonemes.encode(pronunciation: ["F", "OW", "N"], of: "phone")
    let padded = [Symbols.start] + ids + [Symbols.end, Symbols.padding, ids[0]]
    #expect(phonemes.decode(padded) == ["F", "OW", "N"])
    #expect(phonemes.decode([Symbols.padding, ids[0], Symbols.padding]) == ["F"])
  }

  @Test("an unknown letter is an error that names the word, the letter and the known letters")
  func unknownLetter() {
    let letters = Symbols.letters(of: lexicon)
    #expect {
      try letters.encode(word: "Naïve")
    } throws: {
      "\($0)"
        == "\"Naïve\": the letter \"ï\" is not among the 6 letters that the model knows: a e h n o p"
    }
    #expect {
      try Symbols.phonemes(of: lexicon).encode(pronunciation: ["F", "ZH"], of: "phone")
    } throws: {
      "\($0)".hasPrefix("\"phone\": the phoneme \"ZH\" is not among the 5 phonemes")
    }
  }

  @Test("a vocabulary survives JSON, as a plain list")
  func json() throws {
    let letters = Symbols.letters(of: lexicon)
    let data = try JSONEncoder().encode(letters)
    #expect(String(decoding: data, as: UTF8.self) == #"["a","e","h","n","o","p"]"#)
    #expect(try JSONDecoder().decode(Symbols.self, from: data) == letters)
  }

  @Test("a list with a symbol twice is refused")
  func twice() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Symbols.self, from: Data(#"["a","b","a"]"#.utf8))
    }
  }
}

@Suite("Syllables")
struct SyllablesTests {
  @Test("each vowel phoneme is a syllable, with or without stress marks")
  func count() {
    #expect(Syllables.count(["T", "AE", "P", "AH", "S", "T", "R", "IY"]) == 3)
    #expect(Syllables.count(["T", "AE1", "P", "AH0", "S", "T", "R", "IY0"]) == 3)
    #expect(Syllables.count(["HH", "M"]) == 0)
  }

  @Test("labels are clamped to the number of classes and counted from zero")
  func labels() {
    let lexicon = Lexicon([
      ("hmm", ["HH", "M"]), ("ape", ["EY", "P"]), ("oceania", ["OW", "IY", "EY", "AH"]),
    ])
    let examples = Syllables.examples(of: lexicon, classes: 3)
    #expect(examples.map(\.word) == ["hmm", "ape", "oceania"])
    #expect(examples.map(\.syllables) == [1, 1, 3])
    #expect(examples.map(\.label) == [0, 0, 2])
  }
}
