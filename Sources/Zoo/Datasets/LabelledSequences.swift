import Tasks

/// Sequences of feature vectors, each with a class: what classifiers of whole sequences learn from.
///
/// ```swift
/// let vowels = try LabelledSequences.japaneseVowels()
/// print(vowels.training.count, vowels.test.count)  // 270 370
/// ```
public struct LabelledSequences: Equatable, Sendable {
  /// One sequence.
  public struct Example: Equatable, Sendable {
    /// The features of each step, `[time][features]`.
    public let steps: [[Float]]
    /// Index of the class in `classes`.
    public let label: Int

    /// A sequence of at least one step.
    public init(steps: [[Float]], label: Int) {
      self.steps = steps
      self.label = label
    }
  }

  /// The names of the classes.
  public let classes: [String]
  /// Features of each step.
  public let featureCount: Int
  /// The sequences in the order of the file.
  public let examples: [Example]

  /// Sequences that are at hand, with the same number of features in every step.
  public init(classes: [String], featureCount: Int, examples: [Example]) {
    self.classes = classes
    self.featureCount = featureCount
    self.examples = examples
  }

  /// Number of sequences.
  public var count: Int { examples.count }

  /// The sequences at some positions.
  public func selecting(_ positions: some Sequence<Int>) -> LabelledSequences {
    LabelledSequences(
      classes: classes, featureCount: featureCount, examples: positions.map { examples[$0] })
  }

  /// The sequences in two parts: of each class, the sequences are cut into `folds` runs in the order
  /// of the file, and one run is held out. Neighbours are often alike, such as utterances of one
  /// recording: held out one by one, they would be found again too easily.
  ///
  /// - Parameter fold: which run is held out, from 0.
  public func split(folds: Int, holdingOut fold: Int) -> (
    training: LabelledSequences, heldOut: LabelledSequences
  ) {
    precondition(folds > 1, "LabelledSequences.split: \(folds) folds hold out all")
    precondition((0..<folds).contains(fold), "LabelledSequences.split: no fold \(fold)")
    var sizes = [Int](repeating: 0, count: classes.count)
    for example in examples { sizes[example.label] += 1 }
    var seen = [Int](repeating: 0, count: classes.count)
    var parts: [[Int]] = [[], []]
    for (position, example) in examples.enumerated() {
      let run = seen[example.label] * folds / sizes[example.label]
      parts[run == fold ? 1 : 0].append(position)
      seen[example.label] += 1
    }
    return (selecting(parts[0]), selecting(parts[1]))
  }
}

extension LabelledSequences {
  /// Reads a file in the `ts` form of sktime and the UCR/UEA archive: lines that begin with `@` tell
  /// the classes (`@classLabel true A B C`); after `@data`, a line is a sequence, its channels
  /// separated by `:`, the steps of a channel by `,`, the class last.
  ///
  /// - Throws: `DataFileError` with the line.
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
    var classes: [String] = []
    var examples: [Example] = []
    var featureCount: Int?
    var isData = false
    for line in try TextLines(bytes, file: file).lines {
      if line.text.hasPrefix("#") { continue }
      if isData {
        let example = try Self.example(line, classes, featureCount)
        featureCount = example.steps[0].count
        examples.append(example)
      } else if line.text.lowercased().hasPrefix("@classlabel true ") {
        classes = line.text.split(separator: " ").dropFirst(2).map(String.init)
      } else if line.text.lowercased() == "@data" {
        isData = true
      }
    }
    guard let featureCount, classes.count > 1 else {
      throw .empty(
        file: file,
        expected: "a line \"@classLabel true\" with two classes, and sequences after \"@data\"")
    }
    self.init(classes: classes, featureCount: featureCount, examples: examples)
  }

  /// The steps that a line tells, with or without a class at its end.
  ///
  /// - Returns: `[time][features]` and what stands after the last `:`, if that is no number.
  public static func steps(of line: some StringProtocol) -> (steps: [[Float]], label: String?)? {
    var fields = line.split(separator: ":", omittingEmptySubsequences: false)
    var label: String?
    if let last = fields.last, !last.contains(","), fields.count > 1 {
      label = String(last)
      fields.removeLast()
    }
    var channels: [[Float]] = []
    for field in fields {
      let numbers = field.split(separator: ",", omittingEmptySubsequences: false).map {
        Float($0.drop { $0 == " " })
      }
      guard !numbers.contains(where: { !($0?.isFinite ?? false) }) else { return nil }
      channels.append(numbers.map { $0! })
    }
    guard let time = channels.first?.count, channels.allSatisfy({ $0.count == time }) else {
      return nil
    }
    return ((0..<time).map { step in channels.map { $0[step] } }, label)
  }

  private static func example(
    _ line: TextLines.Line, _ classes: [String], _ featureCount: Int?
  ) throws(DataFileError) -> Example {
    guard let (steps, label) = steps(of: line.text) else {
      throw line.error("expected channels of equally many numbers, found \(quoted(line.text))")
    }
    guard let label, let index = classes.firstIndex(of: label) else {
      throw line.error(
        "expected one of the classes \(classes.joined(separator: ", ")) at the end, found "
          + (label.map { quoted($0) } ?? "none"))
    }
    if let featureCount, steps[0].count != featureCount {
      throw line.error("expected \(featureCount) channels, found \(steps[0].count)")
    }
    return Example(steps: steps, label: index)
  }

  /// Nine speakers saying two Japanese vowels: 12 LPC cepstrum coefficients a frame, 7 to 29 frames;
  /// 270 utterances to learn from and 370 to be tested on (Kudo, Toyama and Shimbo, 1999; UCI
  /// archive, CC BY 4.0). They ship with this target.
  public static func japaneseVowels() throws(DataFileError) -> (
    training: LabelledSequences, test: LabelledSequences
  ) {
    func read(_ name: String) throws(DataFileError) -> LabelledSequences {
      try LabelledSequences(
        contentsOf:
          Resource.path("JapaneseVowels/JapaneseVowels_\(name).ts", of: "Datasets"))
    }
    return (try read("TRAIN"), try read("TEST"))
  }
}
