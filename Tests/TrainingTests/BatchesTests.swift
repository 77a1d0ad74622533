import Testing
import Training

@Suite struct BatchesTests {
  static let lengths: [Int] = {
    var generator = SplitMix64(state: 1)
    return (0..<1003).map { _ in Int.random(in: 1...30, using: &generator) }
  }()

  static func bucketed(seed: UInt64, poolSize: Int = 50) -> [[Int]] {
    var generator = SplitMix64(state: seed)
    return Batches.bucketed(
      lengths: lengths, batchSize: 16, poolSize: poolSize, using: &generator)
  }

  /// Elements of the rectangles that are not padding, as a share.
  static func filled(_ batches: [[Int]]) -> Double {
    let cells = batches.map { batch in batch.count * batch.map { lengths[$0] }.max()! }
    return Double(lengths.reduce(0, +)) / Double(cells.reduce(0, +))
  }

  @Test(arguments: [0, 1, 5, 1003], [1, 7, 16, 5000, .max])
  func everyExampleIsSeenOnceAnEpoch(count: Int, batchSize: Int) {
    var generator = SplitMix64(state: 9)
    let lengths = Array(Self.lengths.prefix(count))
    for batches in [
      Batches.bucketed(lengths: lengths, batchSize: batchSize, using: &generator),
      Batches.sorted(lengths: lengths, batchSize: batchSize),
      Batches.shuffled(count: count, batchSize: batchSize, using: &generator),
    ] {
      #expect(batches.flatMap { $0 }.sorted() == Array(0..<count))
      #expect(batches.allSatisfy { !$0.isEmpty && $0.count <= batchSize })
    }
  }

  @Test func theSeedDecidesAndEpochsDiffer() {
    #expect(Self.bucketed(seed: 3) == Self.bucketed(seed: 3))
    #expect(Self.bucketed(seed: 3) != Self.bucketed(seed: 4))
    var generator = SplitMix64(state: 3)
    let first = Batches.bucketed(lengths: Self.lengths, batchSize: 16, using: &generator)
    let second = Batches.bucketed(lengths: Self.lengths, batchSize: 16, using: &generator)
    #expect(Set(first) != Set(second))
  }

  @Test func bucketsSavePadding() {
    // Lengths from 1 to 30 in random batches of 16 fill little more than half; sorted over 50
    // batches, a batch has about one length.
    #expect(Self.filled(Self.bucketed(seed: 1, poolSize: 1)) < 0.65)
    #expect(Self.filled(Self.bucketed(seed: 1)) > 0.95)
    #expect(Self.filled(Batches.sorted(lengths: Self.lengths, batchSize: 16)) > 0.95)
  }

  @Test func batchesAreNotInOrderOfLength() {
    // One pool, whose batches would be in order if they were not shuffled.
    let longest = Self.bucketed(seed: 1, poolSize: 100).map { batch in
      batch.map { Self.lengths[$0] }.max()!
    }
    #expect(longest != longest.sorted())
  }

  @Test func pairsAreSortedByTheSecondLengthToo() {
    let batches = Batches.sorted(
      lengths: [2, 1, 2, 1], otherLengths: [9, 8, 3, 4], batchSize: 2)
    #expect(batches == [[3, 1], [2, 0]])
  }

  @Test func rowsArePaddedAtTheirEnds() {
    let rows = PaddedRows([[1, 2, 3], [], [4]], padding: -1)
    #expect(rows.values == [1, 2, 3, -1, -1, -1, 4, -1, -1])
    #expect(rows.lengths == [3, 0, 1])
    #expect(rows.width == 3)
    #expect(rows.mask == [true, true, true, false, false, false, true, false, false])
    #expect(PaddedRows([[5]], padding: 0, width: 3).values == [5, 0, 0])
    #expect(PaddedRows([], padding: 0).values.isEmpty)
  }
}
