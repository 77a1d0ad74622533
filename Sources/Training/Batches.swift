import Autograd

/// Which examples go together: batches of indices, made from the lengths of the examples.
///
/// Every index occurs exactly once, and the same generator state gives the same batches. The
/// last batch of a pool may be smaller.
public enum Batches {
  /// Batches of examples of similar length in random order, for an epoch of training.
  ///
  /// The examples are shuffled, cut into pools of `poolSize` batches, sorted by length within each
  /// pool and cut into batches; then the batches are shuffled. Sequences in a batch need little
  /// padding, yet who meets whom changes from epoch to epoch.
  ///
  /// - Parameters:
  ///   - lengths: the length of each example.
  ///   - otherLengths: a second length of each example, for pairs; examples of equal first length
  ///     are sorted by it.
  ///   - batchSize: examples in a batch.
  ///   - poolSize: batches in a pool. 1 gives random batches, a large number nearly sorted ones.
  ///   - generator: the source of randomness.
  public static func bucketed(
    lengths: [Int], otherLengths: [Int]? = nil, batchSize: Int, poolSize: Int = 50,
    using generator: inout some RandomNumberGenerator
  ) -> [[Int]] {
    guard poolSize > 0 else { trap("Batches.bucketed: poolSize is \(poolSize), not above 0") }
    var order = Array(lengths.indices)
    shuffle(&order, using: &generator)
    let (pool, overflow) = batchSize.multipliedReportingOverflow(by: poolSize)
    var batches: [[Int]] = []
    for part in slices(of: order, size: overflow ? .max : pool) {
      let sorted = sort(part, lengths: lengths, otherLengths: otherLengths)
      batches += slices(of: sorted, size: batchSize)
    }
    shuffle(&batches, using: &generator)
    return batches
  }

  /// Batches in a fixed order, sorted by length: the least padding, for evaluation.
  ///
  /// Parameters as for `bucketed`.
  public static func sorted(
    lengths: [Int], otherLengths: [Int]? = nil, batchSize: Int
  ) -> [[Int]] {
    let order = Array(lengths.indices)
    let sorted = sort(order, lengths: lengths, otherLengths: otherLengths)
    return slices(of: sorted, size: batchSize)
  }

  /// Random batches of `count` examples without lengths.
  public static func shuffled(
    count: Int, batchSize: Int, using generator: inout some RandomNumberGenerator
  ) -> [[Int]] {
    expect(count, atLeast: 0, "Batches.shuffled", "count")
    var order = Array(0..<count)
    shuffle(&order, using: &generator)
    return slices(of: order, size: batchSize)
  }

  private static func sort(_ indices: [Int], lengths: [Int], otherLengths: [Int]?) -> [Int] {
    let other = otherLengths ?? lengths
    guard other.count == lengths.count else {
      trap("Batches: \(lengths.count) lengths, but \(other.count) otherLengths")
    }
    // The sort of the standard library is stable, so ties keep the order they were shuffled into.
    return indices.sorted { (lengths[$0], other[$0]) < (lengths[$1], other[$1]) }
  }

  private static func slices(of indices: [Int], size: Int) -> [[Int]] {
    guard size > 0 else { trap("Batches: batchSize is \(size), not above 0") }
    return stride(from: 0, to: indices.count, by: size).map { start in
      Array(indices[start..<min(indices.count - start, size) + start])
    }
  }

  /// Fisher and Yates. The standard library's `shuffle` does not promise the same result from the
  /// same generator in its next version, and a training should stay reproducible.
  @_specialize(where Element == Int, Source == Generator)
  private static func shuffle<Element, Source: RandomNumberGenerator>(
    _ elements: inout [Element], using generator: inout Source
  ) {
    for index in elements.indices.dropFirst().reversed() {
      // The high half of the product is uniform up to one part in 2^64 / count.
      let other = generator.next().multipliedFullWidth(by: UInt64(index + 1)).high
      elements.swapAt(index, Int(other))
    }
  }
}

/// Rows of different lengths as a rectangle.
public struct PaddedRows: Equatable, Sendable {
  /// The rectangle, row by row: `[rows, width]`.
  public let values: [Int32]
  /// The length of each row before padding.
  public let lengths: [Int]
  /// The length of all rows with padding.
  public let width: Int

  /// Fills rows up at their ends.
  ///
  /// - Parameters:
  ///   - rows: the rows, of any lengths, also 0.
  ///   - padding: the value to fill with.
  ///   - width: the length of all rows, at least that of the longest; by default just that.
  public init(_ rows: [[Int32]], padding: Int32, width: Int? = nil) {
    let longest = rows.reduce(0) { max($0, $1.count) }
    let width = width ?? longest
    guard width >= longest else {
      trap("PaddedRows: a row has \(longest) values, more than width \(width)")
    }
    var values: [Int32] = []
    values.reserveCapacity(rows.count * width)
    for row in rows {
      values += row
      values += repeatElement(padding, count: width - row.count)
    }
    self.values = values
    self.lengths = rows.map(\.count)
    self.width = width
  }

  /// Whether each value of the rectangle is from a row (`true`) or padding: `[rows, width]`.
  public var mask: [Bool] {
    lengths.flatMap { length in (0..<width).map { $0 < length } }
  }
}
