import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Says phonemes aloud through the program espeak-ng, where it is installed.
struct Speaker {
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
    let status = try Self.run(arguments + [text])
    if status != 0 { throw SpeakingError.failed(status: status) }
  }

  /// What espeak-ng calls the phonemes; the first vowel has the stress.
  static func mnemonics(of phonemes: [String]) -> String {
    var hasStress = false
    return phonemes.map { phoneme in
      guard let sound = sounds[phoneme] else { return "" }
      guard !hasStress, "AEIOU".contains(phoneme.first!) else { return sound }
      hasStress = true
      return "'" + sound
    }.joined()
  }

  /// espeak-ng's mnemonics by the phonemes of CMUdict.
  static let sounds = [
    "AA": "A:", "AE": "a", "AH": "V", "AO": "O:", "AW": "aU", "AY": "aI", "B": "b", "CH": "tS",
    "D": "d", "DH": "D", "EH": "E", "ER": "3:", "EY": "eI", "F": "f", "G": "g", "HH": "h",
    "IH": "I", "IY": "i:", "JH": "dZ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "N",
    "OW": "oU", "OY": "OI", "P": "p", "R": "r", "S": "s", "SH": "S", "T": "t", "TH": "T",
    "UH": "U", "UW": "u:", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "Z",
  ]

  /// Runs a program that is looked for as a shell does, and waits for its end.
  private static func run(_ arguments: [String]) throws -> Int32 {
    var process = pid_t()
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { words.forEach { free($0) } }
    words.append(nil)
    let code = posix_spawnp(&process, arguments[0], nil, nil, words, environ)
    if code == ENOENT { throw SpeakingError.missing }
    if code != 0 { throw SpeakingError.failed(status: code) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    // The exit status, or the signal that ended it.
    return status & 0x7f == 0 ? (status >> 8) & 0xff : status & 0x7f
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
