/// The stretches in which a fused operation takes the steps of a sequence, in ascending order.
///
/// A stretch has as many rows (steps times batch) as make the products over them efficient, and as
/// many more as let the gates of all fit into a second-level cache of usual size. So memory for
/// what only a stretch needs does not grow with the length of the sequence. The stretches depend
/// on sizes only, not on the number of threads: sums over rows are the same bits on any machine.
package struct StepStretches: RandomAccessCollection {
  /// From this many on, sums over rows are read and written so seldom that it costs nothing.
  static let leastRows = 256
  /// Numbers that the gates of a stretch may have where it has more rows than that.
  static let numbers = 1 << 18

  private let time: Int
  package let endIndex: Int

  /// - Parameters:
  ///   - time: number of steps.
  ///   - batch: rows of a step.
  ///   - width: numbers that a row has in its gates.
  package init(time: Int, batch: Int, width: Int) {
    let rows = Swift.max(Self.leastRows, Self.numbers / Swift.max(width, 1))
    let most = Swift.max(rows / Swift.max(batch, 1), 1)
    self.time = time
    endIndex = (time + most - 1) / most
  }

  package var startIndex: Int { 0 }

  /// Of nearly equal length.
  package subscript(_ index: Int) -> Range<Int> {
    index * time / endIndex..<(index + 1) * time / endIndex
  }

  /// Steps of the longest.
  var longest: Int { isEmpty ? 0 : (time + endIndex - 1) / endIndex }

  /// Calls `body` with each, the last first if so asked.
  func forEach(isReverse: Bool, _ body: (Range<Int>) -> Void) {
    for index in indices { body(self[isReverse ? endIndex - 1 - index : index]) }
  }
}
