public import Autograd

/// Source and target sentences of a training step, padded to rectangles.
public struct SequencePairBatch: Sendable {
  /// `[batch, source]`
  public let source: Tensor<Int32>
  /// Number of source symbols of each sentence.
  public let lengths: [Int]
  /// What the decoder reads: the target after its start symbol, `[batch, target]`.
  public let input: Tensor<Int32>
  /// What the decoder should say: the target with its end symbol, `[batch, target]`, padding
  /// after it.
  public let labels: Tensor<Int32>

  /// Symbol 0 is padding, 1 the start and 2 the end of a target.
  ///
  /// - Parameters:
  ///   - sources: symbols of each source sentence.
  ///   - targets: symbols of each target sentence, without start and end.
  ///   - copies: the sources' symbols as target symbols.
  public init(sources: [[Int32]], targets: [[Int32]], copies: [[Int32]]? = nil) {
    if sources.count != targets.count || sources.isEmpty {
      trap("SequencePairBatch: \(sources.count) source and \(targets.count) target sentences")
    }
    if let copies, copies.map(\.count) != sources.map(\.count) {
      trap("SequencePairBatch: other numbers of copies than of source symbols")
    }
    let width = sources.map(\.count).max()!
    let steps = targets.map(\.count).max()! + 1
    self.copies = copies.map { padded($0, to: width) }
    source = padded(sources, to: width)
    lengths = sources.map(\.count)
    symbolCount = targets.reduce(0) { $0 + $1.count + 1 }
    input = padded(targets.map { [SequenceSymbol.start] + $0 }, to: steps)
    labels = padded(targets.map { $0 + [SequenceSymbol.end] }, to: steps)
  }

  /// What each source symbol is called as a target symbol, `[batch, source]`, for a model that copies
  /// them; nil for others.
  public let copies: Tensor<Int32>?
  /// Number of symbols that the decoder should say, ends counted, padding not.
  public let symbolCount: Int
  /// Number of sentences.
  public var count: Int { lengths.count }
}

/// Sequences as the rows of a rectangle, filled with the padding symbol.
///
/// - Parameters:
///   - sequences: symbols of each.
///   - width: extent of the rectangle; that of the longest sequence if nil.
/// - Returns: `[sequences, width]`
public func padded(_ sequences: [[Int32]], to width: Int? = nil) -> Tensor<Int32> {
  let longest = sequences.map(\.count).max() ?? 0
  let width = width ?? longest
  if width < longest { trap("padded: a sequence of \(longest) symbols in a width of \(width)") }
  return Tensor(
    sequences.flatMap { $0 + Array(repeating: SequenceSymbol.padding, count: width - $0.count) },
    shape: [sequences.count, width])
}

/// Symbols that every vocabulary has.
public enum SequenceSymbol {
  /// Fills sentences up to the longest of a batch.
  public static let padding: Int32 = 0
  /// What the decoder reads first.
  public static let start: Int32 = 1
  /// What the decoder says last.
  public static let end: Int32 = 2
  /// Stands for what a vocabulary lacks.
  public static let unknown: Int32 = 3
}
