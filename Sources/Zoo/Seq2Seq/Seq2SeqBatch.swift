public import Autograd

/// Source and target sentences of a training step, padded to rectangles.
public struct Seq2SeqBatch: Sendable {
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
  public init(sources: [[Int32]], targets: [[Int32]]) {
    if sources.count != targets.count || sources.isEmpty {
      trap("Seq2SeqBatch: \(sources.count) source and \(targets.count) target sentences")
    }
    let width = sources.map(\.count).max()!
    let steps = targets.map(\.count).max()! + 1
    source = Self.padded(sources, width)
    lengths = sources.map(\.count)
    input = Self.padded(targets.map { [Seq2SeqSymbol.start] + $0 }, steps)
    labels = Self.padded(targets.map { $0 + [Seq2SeqSymbol.end] }, steps)
  }

  /// Number of sentences.
  public var count: Int { lengths.count }

  private static func padded(_ rows: [[Int32]], _ width: Int) -> Tensor<Int32> {
    Tensor(
      rows.flatMap { $0 + Array(repeating: Seq2SeqSymbol.padding, count: width - $0.count) },
      shape: [rows.count, width])
  }
}

/// Symbols that every vocabulary has.
public enum Seq2SeqSymbol {
  /// Fills sentences up to the longest of a batch.
  public static let padding: Int32 = 0
  /// What the decoder reads first.
  public static let start: Int32 = 1
  /// What the decoder says last.
  public static let end: Int32 = 2
}
