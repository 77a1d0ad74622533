public import Autograd

/// Sentences for a `SequenceTagger`, padded to rectangles.
public struct SequenceTaggerBatch: Sendable {
  /// The number that fills words and letters up.
  public static let padding: Int32 = 0
  /// The label of a position that is no word.
  public static let noTag: Int32 = -1

  /// `[batch, time]`
  public let words: Tensor<Int32>
  /// `[batch, time, letters]`; the last axis has at least one position.
  public let letters: Tensor<Int32>
  /// Number of words of each sentence.
  public let lengths: [Int]
  /// What each word should be tagged with, `[batch, time]`; nil where nobody knows.
  public let tags: Tensor<Int32>?
  /// What each sentence should be taken for, `[batch]`; nil where nobody knows.
  public let intents: Tensor<Int32>?

  /// Pads sentences.
  ///
  /// - Parameters:
  ///   - words: the numbers of each sentence's words; at least one sentence, each of at least one word.
  ///   - letters: the numbers of each word's letters, from 1 up.
  ///   - tags: the tags of each sentence's words; nil where nobody knows them.
  ///   - intents: the intent of each sentence; nil where nobody knows it.
  public init(
    words: [[Int32]], letters: [[[Int32]]], tags: [[Int32]]? = nil, intents: [Int32]? = nil
  ) {
    let lengths = words.map(\.count)
    let counts = [letters.map(\.count), tags?.map(\.count)].compactMap { $0 }
    if words.isEmpty || lengths.contains(0) || counts.contains(where: { $0 != lengths })
      || intents.map({ $0.count != words.count }) ?? false
    {
      trap(
        "SequenceTaggerBatch: \(words.count) sentences; at least one is expected, each with words, "
          + "and letters, a tag of each word and an intent of each sentence where they are given")
    }
    self.lengths = lengths
    let time = lengths.max()!
    let width = max(letters.joined().map(\.count).max() ?? 0, 1)
    self.words = Self.padded(words, time, Self.padding)
    let empty = [Int32](repeating: Self.padding, count: width)
    self.letters = Tensor(
      letters.flatMap { sentence in
        (sentence + Array(repeating: [], count: time - sentence.count)).flatMap {
          $0 + empty.dropFirst($0.count)
        }
      }, shape: [words.count, time, width])
    self.tags = tags.map { Self.padded($0, time, Self.noTag) }
    self.intents = intents.map { Tensor($0) }
  }

  /// Number of sentences.
  public var count: Int { lengths.count }

  private static func padded(
    _ rows: [[Int32]], _ width: Int, _ padding: Int32
  ) -> Tensor<Int32> {
    Tensor(
      rows.flatMap { $0 + Array(repeating: padding, count: width - $0.count) },
      shape: [rows.count, width])
  }
}
