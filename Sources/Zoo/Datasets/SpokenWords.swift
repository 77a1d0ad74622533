/// Recordings whose symbols are known, such as the words that `render_speech.py` renders.
///
/// A folder has `manifest.tsv`, with a line `split<TAB>file<TAB>word<TAB>phonemes<TAB>voice<TAB>noise`
/// for each recording. The split is `train`, `valid` or `test`; the file is a WAV file, named from the
/// folder; phonemes are separated by spaces. Who speaks, and what noise there is (such as `clean` or
/// `10dB`), is told for scores by condition. A first line with these six words is a header.
public struct SpokenWords: Equatable, Sendable {
  /// Somebody who says a word.
  public struct Recording: Equatable, Sendable {
    /// The path of the WAV file.
    public let file: String
    /// What is said, in letters.
    public let word: String
    /// What is said.
    public let phonemes: [String]
    /// Who says it.
    public let voice: String
    /// What else is to be heard.
    public let noise: String

    /// A recording of at least one phoneme.
    public init(file: String, word: String, phonemes: [String], voice: String, noise: String) {
      precondition(!phonemes.isEmpty, "Recording: \(file) without a phoneme")
      self.file = file
      self.word = word
      self.phonemes = phonemes
      self.voice = voice
      self.noise = noise
    }
  }

  /// Those to learn from.
  public private(set) var training: [Recording] = []
  /// Those that the best epoch is chosen on.
  public private(set) var validation: [Recording] = []
  /// Those to measure with.
  public private(set) var test: [Recording] = []

  /// Reads the manifest of a folder. Whether the sounds are there is found out where they are read.
  ///
  /// - Throws: `DataFileError` for a manifest that cannot be read or has no recordings, and for the
  ///   first malformed line.
  public init(folder: String) throws(DataFileError) {
    let path = "\(folder)/manifest.tsv"
    try self.init(parsing: readBytes(path), file: path, folder: folder)
  }

  /// Parses the bytes of a manifest.
  ///
  /// - Parameters:
  ///   - bytes: the content, UTF-8.
  ///   - file: how errors name the manifest.
  ///   - folder: where the recordings are.
  /// - Throws: `DataFileError` as `init(folder:)`.
  public init(parsing bytes: [UInt8], file: String, folder: String) throws(DataFileError) {
    let form = "split<TAB>file<TAB>word<TAB>phonemes<TAB>voice<TAB>noise"
    for line in try TextLines(bytes, file: file).lines {
      let fields = line.text.split(separator: "\t", omittingEmptySubsequences: false).map {
        String($0)
      }
      if fields == ["split", "file", "word", "phonemes", "voice", "noise"] { continue }
      if fields.count != 6 || fields.contains(where: \.isEmpty) {
        throw line.error("expected \(form), found \(quoted(line.text))")
      }
      let phonemes = fields[3].split(separator: " ").map { String($0) }
      if phonemes.isEmpty { throw line.error("expected phonemes, found \(quoted(fields[3]))") }
      let recording = Recording(
        file: "\(folder)/\(fields[1])", word: fields[2], phonemes: phonemes, voice: fields[4],
        noise: fields[5])
      switch fields[0] {
      case "train": training.append(recording)
      case "valid": validation.append(recording)
      case "test": test.append(recording)
      default: throw line.error("expected train, valid or test, found \(quoted(fields[0]))")
      }
    }
    if training.isEmpty && validation.isEmpty && test.isEmpty {
      throw .empty(file: file, expected: "recordings")
    }
  }
}
