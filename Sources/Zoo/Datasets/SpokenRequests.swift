/// Spoken requests whose intent and slots are known, such as those of SNIPS.
///
/// In a file: `split<TAB>intent<TAB>words<TAB>tags`, a request a line, words and their tags separated by
/// spaces. A tag is `O`, `B-SLOT` at the beginning of a slot, or `I-SLOT` within. The split is `train`,
/// `valid` or `test`. A first line `split<TAB>intent<TAB>tokens<TAB>tags` is a header.
public struct SpokenRequests: Equatable, Sendable {
  /// What somebody has said, and what it means.
  public struct Request: Equatable, Sendable {
    /// What is asked for.
    public let intent: String
    /// The words.
    public let words: [String]
    /// The tag of each word.
    public let tags: [String]

    /// A request with a tag for each of its words.
    public init(intent: String, words: [String], tags: [String]) {
      precondition(
        words.count == tags.count, "Request: \(words.count) words, but \(tags.count) tags")
      self.intent = intent
      self.words = words
      self.tags = tags
    }
  }

  /// Those to learn from.
  public private(set) var training: [Request] = []
  /// Those that the best epoch is chosen on.
  public private(set) var validation: [Request] = []
  /// Those to measure with.
  public private(set) var test: [Request] = []

  /// Reads a file.
  ///
  /// - Throws: `DataFileError` for a file that cannot be read or has no requests, and for the first
  ///   malformed line.
  public init(contentsOf path: String) throws(DataFileError) {
    try self.init(parsing: readBytes(path), file: path)
  }

  /// Parses the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: the content, UTF-8.
  ///   - file: how errors name the file.
  /// - Throws: `DataFileError` as `init(contentsOf:)`.
  public init(parsing bytes: [UInt8], file: String) throws(DataFileError) {
    for line in try TextLines(bytes, file: file).lines {
      if line.text == "split\tintent\ttokens\ttags" { continue }
      let fields = line.text.split(separator: "\t", omittingEmptySubsequences: false)
      if fields.count != 4 || fields.contains(where: \.isEmpty) {
        throw line.error(
          "expected split<TAB>intent<TAB>words<TAB>tags, found \(quoted(line.text))")
      }
      let request = try Self.request(fields, line)
      switch fields[0] {
      case "train": training.append(request)
      case "valid": validation.append(request)
      case "test": test.append(request)
      default: throw line.error("expected train, valid or test, found \(quoted(fields[0]))")
      }
    }
    if training.isEmpty && validation.isEmpty && test.isEmpty {
      throw .empty(file: file, expected: "requests")
    }
  }

  private static func request(
    _ fields: [Substring], _ line: TextLines.Line
  ) throws(DataFileError) -> Request {
    let words = fields[2].split(separator: " ").map { String($0) }
    let tags = fields[3].split(separator: " ").map { String($0) }
    if words.isEmpty || words.count != tags.count {
      throw line.error(
        "expected a tag for each word, found \(words.count) words and \(tags.count) tags")
    }
    for tag in tags where !isTag(tag) {
      throw line.error("expected a tag O, B-SLOT or I-SLOT, found \(quoted(tag))")
    }
    return Request(intent: String(fields[1]), words: words, tags: tags)
  }

  private static func isTag(_ tag: String) -> Bool {
    tag == "O" || (tag.hasPrefix("B-") || tag.hasPrefix("I-")) && tag.count > 2
  }
}
