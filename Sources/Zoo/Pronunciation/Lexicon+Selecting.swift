extension Lexicon {
  /// Divides the words into those to train on and those held out.
  ///
  /// The words with the smallest hashes are held out. The hash depends on the word and the seed
  /// alone, not on the order of the file or on the process, so all pronunciations of a word are on
  /// one side and a word stays on its side on every machine. Both sides keep the file order.
  ///
  /// - Parameters:
  ///   - heldOut: the exact number of words held out, from 0 to the number of words (anything else
  ///     is a programming error and traps).
  ///   - seed: another seed gives another division.
  public func split(heldOut: Int, seed: UInt64) -> (training: Lexicon, heldOut: Lexicon) {
    guard (0...count).contains(heldOut) else {
      fatalError("Lexicon.split: cannot hold out \(heldOut) of \(count) words")
    }
    let hashes = entries.map { stableHash($0.word, seed: seed) }
    let order = entries.indices.sorted {
      (hashes[$0], entries[$0].word) < (hashes[$1], entries[$1].word)
    }
    var isHeldOut = [Bool](repeating: false, count: count)
    for position in order.prefix(heldOut) {
      isHeldOut[position] = true
    }
    return (
      Lexicon(distinct: entries.indices.filter { !isHeldOut[$0] }.map { entries[$0] }),
      Lexicon(distinct: entries.indices.filter { isHeldOut[$0] }.map { entries[$0] })
    )
  }

  /// The words that satisfy a condition, with all their pronunciations.
  public func words(where isIncluded: (Entry) throws -> Bool) rethrows -> Lexicon {
    Lexicon(distinct: try entries.filter(isIncluded))
  }

  /// The words made of the letters a to z and the apostrophe alone, at least one of them a letter.
  public func onlyLettersAndApostrophes() -> Lexicon {
    words { entry in
      entry.word.utf8.allSatisfy { $0 == apostrophe || isLetter($0) }
        && entry.word.utf8.contains(where: isLetter)
    }
  }

  /// The words whose number of letters lies in `letters`, with those of their pronunciations whose
  /// number of phonemes lies in `phonemes`; a word that loses all pronunciations is left out.
  public func limited(letters: ClosedRange<Int>, phonemes: ClosedRange<Int>) -> Lexicon {
    Lexicon(
      distinct: entries.compactMap { entry in
        guard letters.contains(entry.word.count) else { return nil }
        let pronunciations = entry.pronunciations.filter { phonemes.contains($0.count) }
        return pronunciations.isEmpty
          ? nil : Entry(word: entry.word, pronunciations: pronunciations)
      })
  }

  /// The words that another lexicon does not have.
  public func without(_ other: Lexicon) -> Lexicon {
    words { other[$0.word] == nil }
  }
}

private let apostrophe = UInt8(ascii: "'")

private func isLetter(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
}

/// FNV-1a over the bytes of the seed and the text, then the finaliser of SplitMix64: FNV alone
/// leaves the high bits, which decide the order, nearly the same for words of a common beginning.
private func stableHash(_ text: String, seed: UInt64) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for shift in stride(from: UInt64(0), to: 64, by: 8) {
    hash = (hash ^ (seed >> shift & 0xFF)) &* 0x0000_0100_0000_01b3
  }
  for byte in text.utf8 {
    hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }
  hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
  hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
  return hash ^ (hash >> 31)
}
