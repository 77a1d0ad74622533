/// The two forms in which pronunciations are stored, one pronunciation a line.
public enum LexiconFormat: Sendable {
  /// `WORD<TAB>PH PH PH`; a word stands on several lines when it has several pronunciations.
  case wordList
  /// `word PH1 PH0 ...  # comment` as in the CMU dictionary; a further pronunciation of a word is
  /// marked `word(2)`. Lines that begin with `;;;` are comments.
  case cmuDictionary

  /// What a line of this format looks like, for messages.
  var line: String {
    switch self {
    case .wordList: "WORD<TAB>PH PH PH"
    case .cmuDictionary: "word PH PH PH"
    }
  }

  /// The format of a file by its content: only word lists have tabs.
  init(detectedIn bytes: UnsafeBufferPointer<UInt8>) {
    self = bytes.contains(UInt8(ascii: "\t")) ? .wordList : .cmuDictionary
  }
}

/// What happens to the stress digits of phonemes such as `AH0` and `EY1`.
public enum StressMarks: Sendable {
  /// `EY1` becomes `EY`, as in the published tables of error rates.
  case dropped
  /// `EY1` stays `EY1`.
  case kept
}
