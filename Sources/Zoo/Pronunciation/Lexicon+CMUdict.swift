import Tasks

extension Lexicon {
  /// The CMU Pronouncing Dictionary that ships with the project: 126,052 words of North American
  /// English with 135,166 pronunciations, fewer once the stress marks are dropped. Its licence
  /// stands beside the file.
  ///
  /// - Parameter stress: whether the digits in phonemes are dropped.
  /// - Throws: `LexiconError` if the file is not where the package manager puts it.
  public static func cmudict(stress: StressMarks = .dropped) throws(LexiconError) -> Lexicon {
    try Lexicon(
      contentsOf: Resource.path("CMUdict/cmudict.dict", of: "Pronunciation"),
      format: .cmuDictionary, stress: stress)
  }
}
