extension Lexicon {
  /// Reads a file of words and pronunciations.
  ///
  /// Words are lower-cased. Pronunciations that are equal once the stress marks are dropped collapse
  /// into one. Blank lines, CRLF line ends, a byte-order mark and a missing final newline are fine.
  ///
  /// - Parameters:
  ///   - path: the file; relative paths start at the current directory.
  ///   - format: the format of the file, or `nil` to tell by its content.
  ///   - stress: whether the digits in phonemes are dropped.
  /// - Throws: `LexiconError` for a file that is missing, unreadable, not UTF-8 or without any word,
  ///   and for the first malformed line.
  public init(
    contentsOf path: String, format: LexiconFormat? = nil, stress: StressMarks = .dropped
  ) throws(LexiconError) {
    try self.init(parsing: readFile(path), file: path, format: format, stress: stress)
  }

  /// Parses the bytes of a file of words and pronunciations.
  ///
  /// - Parameters:
  ///   - bytes: the content, UTF-8.
  ///   - file: how errors name the file.
  ///   - format: the format of the content, or `nil` to tell by the content itself.
  ///   - stress: whether the digits in phonemes are dropped.
  /// - Throws: `LexiconError` as ``init(contentsOf:format:stress:)``.
  public init(
    parsing bytes: [UInt8], file: String, format: LexiconFormat? = nil,
    stress: StressMarks = .dropped
  ) throws(LexiconError) {
    self = try bytes.withUnsafeBufferPointer { bytes throws(LexiconError) in
      var reader = LexiconReader(
        file: file, format: format ?? LexiconFormat(detectedIn: bytes), stress: stress)
      return try reader.read(bytes)
    }
  }
}
