/// Reads the lines of a word list as bytes: strings are made only for words and phonemes, which are
/// nearly all short enough to need no memory of their own.
struct LexiconReader {
  typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  private let file: String
  private let format: LexiconFormat
  private let stress: StressMarks

  private var line = 0
  private var lexicon = Lexicon()
  private var phonemes: [String] = []
  private var phoneme: [UInt8] = []

  init(file: String, format: LexiconFormat, stress: StressMarks) {
    self.file = file
    self.format = format
    self.stress = stress
  }

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(LexiconError) -> Lexicon {
    lexicon.reserveCapacity(bytes.count / 24)
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < bytes.count {
      line += 1
      let end = bytes[start...].firstIndex(of: .newline) ?? bytes.count
      try read(line: trimmed(bytes[start..<end]))
      start = end + 1
    }
    if lexicon.isEmpty {
      throw LexiconError(file: file, problem: .empty)
    }
    return lexicon
  }

  private mutating func read(line bytes: Bytes) throws(LexiconError) {
    if bytes.isEmpty { return }
    try checkText(bytes)
    switch format {
    case .wordList: try readWordList(bytes)
    case .cmuDictionary: try readCMUDictionary(bytes)
    }
  }

  private mutating func readWordList(_ bytes: Bytes) throws(LexiconError) {
    guard let tab = bytes.firstIndex(of: .tab) else { throw malformed(bytes) }
    let word = trimmed(bytes[..<tab])
    let rest = bytes[(tab + 1)...]
    if word.isEmpty || rest.contains(.tab) { throw malformed(bytes) }
    try add(word, pronunciation: rest, line: bytes)
  }

  private mutating func readCMUDictionary(_ bytes: Bytes) throws(LexiconError) {
    if bytes.starts(with: [.semicolon, .semicolon, .semicolon]) { return }
    guard let space = bytes.firstIndex(of: .space) else { throw malformed(bytes) }
    var rest = bytes[space...]
    if let comment = rest.firstIndex(of: .hash), rest[comment - 1] == .space {
      rest = rest[..<comment]
    }
    try add(withoutVariant(bytes[..<space]), pronunciation: rest, line: bytes)
  }

  private mutating func add(
    _ word: Bytes, pronunciation: Bytes, line: Bytes
  ) throws(LexiconError) {
    phonemes.removeAll(keepingCapacity: true)
    var start = pronunciation.startIndex
    while start < pronunciation.endIndex {
      if pronunciation[start] == .space {
        start += 1
        continue
      }
      let end = pronunciation[start...].firstIndex(of: .space) ?? pronunciation.endIndex
      let token = pronunciation[start..<end]
      phoneme.removeAll(keepingCapacity: true)
      for byte in token where stress == .kept || !byte.isDigit {
        phoneme.append(byte)
      }
      if phoneme.isEmpty {
        throw malformed(line, because: "\(quoted(token)) is no phoneme")
      }
      phonemes.append(String(decoding: phoneme, as: UTF8.self))
      start = end
    }
    if phonemes.isEmpty {
      throw malformed(line, because: "there is no phoneme")
    }
    lexicon.add(Array(phonemes[...]), to: String(decoding: word, as: UTF8.self).lowercased())
  }

  /// Refuses lines that are no text; a word list that is a picture should not become words.
  private func checkText(_ bytes: Bytes) throws(LexiconError) {
    var isASCII = true
    for byte in bytes {
      if byte >= 0x80 { isASCII = false }
      if byte < 0x20 && byte != .tab || byte == 0x7F {
        throw malformed(bytes, because: "there is a control character (code \(byte))")
      }
    }
    if !isASCII && String(validating: bytes, as: UTF8.self) == nil {
      throw LexiconError(file: file, problem: .notUTF8(line: line))
    }
  }

  /// `word` of `word(2)`.
  private func withoutVariant(_ word: Bytes) -> Bytes {
    guard word.last == .rightParenthesis, let open = word.lastIndex(of: .leftParenthesis),
      open > word.startIndex, open + 2 < word.endIndex,
      word[(open + 1)..<(word.endIndex - 1)].allSatisfy(\.isDigit)
    else { return word }
    return word[..<open]
  }

  private func trimmed(_ bytes: Bytes) -> Bytes {
    var start = bytes.startIndex
    var end = bytes.endIndex
    while start < end, bytes[start] == .space { start += 1 }
    while start < end, bytes[end - 1] == .space || bytes[end - 1] == .carriageReturn { end -= 1 }
    return bytes[start..<end]
  }

  private func malformed(_ bytes: Bytes, because reason: String? = nil) -> LexiconError {
    let found = quoted(bytes) + (reason.map { ", where \($0)" } ?? "")
    return LexiconError(
      file: file, problem: .malformed(line: line, expected: format.line, found: found))
  }

  /// The beginning of a line in quotation marks, with what cannot be seen made visible.
  private func quoted(_ bytes: Bytes) -> String {
    var text = ""
    for character in String(decoding: bytes, as: UTF8.self) {
      if text.count >= 60 { return "\"\(text)...\"" }
      switch character {
      case "\t": text += "<TAB>"
      case _ where character.asciiValue.map({ $0 < 0x20 || $0 == 0x7F }) ?? false: text += "?"
      default: text.append(character)
      }
    }
    return "\"\(text)\""
  }
}

extension UInt8 {
  fileprivate static let tab = UInt8(ascii: "\t")
  fileprivate static let newline = UInt8(ascii: "\n")
  fileprivate static let carriageReturn = UInt8(ascii: "\r")
  fileprivate static let space = UInt8(ascii: " ")
  fileprivate static let hash = UInt8(ascii: "#")
  fileprivate static let semicolon = UInt8(ascii: ";")
  fileprivate static let leftParenthesis = UInt8(ascii: "(")
  fileprivate static let rightParenthesis = UInt8(ascii: ")")

  fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
