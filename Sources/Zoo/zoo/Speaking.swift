import Platform
import Training

/// Says phonemes aloud through the program espeak-ng, where it is installed.
package struct Speaker {
  /// Where the sound goes: a WAV file, or the loudspeaker if nil.
  let file: String?

  /// Says words one after another.
  ///
  /// - Parameter words: the phonemes of each word, by the names of CMUdict without stress.
  /// - Throws: `SpeakingError` where there is no espeak-ng, or it fails.
  func say(_ words: [[String]]) throws {
    let text = words.map { "[[\(Self.mnemonics(of: $0))]]" }.joined(separator: ". ")
    var arguments = ["espeak-ng", "-v", "en-us", "-s", "130"]
    if let file { arguments += ["-w", file] }
    switch try Self.run(arguments + [text]) {
    case .status(0): return
    case .status(let status), .signal(let status): throw SpeakingError.failed(status: status)
    }
  }

  /// What espeak-ng calls the phonemes; the first vowel has the stress.
  package static func mnemonics(of phonemes: [String]) -> String {
    var hasStress = false
    return phonemes.map { phoneme in
      guard let sound = sounds[phoneme] else { return "" }
      guard !hasStress, "AEIOU".contains(phoneme.first!) else { return sound }
      hasStress = true
      return "'" + sound
    }.joined()
  }

  /// espeak-ng's mnemonics by the phonemes of CMUdict.
  package static let sounds = [
    "AA": "A:", "AE": "a", "AH": "V", "AO": "O:", "AW": "aU", "AY": "aI", "B": "b", "CH": "tS",
    "D": "d", "DH": "D", "EH": "E", "ER": "3:", "EY": "eI", "F": "f", "G": "g", "HH": "h",
    "IH": "I", "IY": "i:", "JH": "dZ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "N",
    "OW": "oU", "OY": "OI", "P": "p", "R": "r", "S": "s", "SH": "S", "T": "t", "TH": "T",
    "UH": "U", "UW": "u:", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "Z",
  ]

  /// Runs a program, and waits for its end.
  private static func run(_ words: [String]) throws(SpeakingError) -> ChildProcess.End {
    do throws(SystemError) {
      return try ChildProcess.run(words)
    } catch { throw error == .noSuchFile ? .missing : .failed(status: error.number) }
  }
}

/// Why nothing was said.
enum SpeakingError: Error, Equatable, CustomStringConvertible {
  /// There is no espeak-ng.
  case missing
  /// It has ended with an error.
  case failed(status: Int32)

  var description: String {
    switch self {
    case .missing: "speaking needs the program espeak-ng, which was not found"
    case .failed(let status): "espeak-ng has failed with status \(status)"
    }
  }
}
