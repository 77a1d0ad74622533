/// The stretches in which a fused operation takes the steps of a sequence.
///
/// A stretch has as many rows (steps times batch) as make the products over them efficient, and as
/// many more as let the gates of all fit into a second-level cache of usual size. So memory for
/// what only a stretch needs does not grow with the length of the sequence. The stretches depend
/// on sizes only, not on the number of threads: sums over rows are the same bits on any machine.
struct StepStretches {
  /// From this many on, sums over rows are read and written so seldom that it costs nothing.
  static let leastRows = 256
  /// Numbers that the gates of a stretch may have where it has more rows than that.
  static let numbers = 1 << 18

  /// Ascending.
  let ranges: [Range<Int>]

  /// - Parameters:
  ///   - time: number of steps.
  ///   - batch: rows of a step.
  ///   - width: numbers that a row has in its gates.
  init(time: Int, batch: Int, width: Int) {
    let rows = Swift.max(Self.leastRows, Self.numbers / Swift.max(width, 1))
    let most = Swift.max(rows / Swift.max(batch, 1), 1)
    // Of nearly equal length.
    let count = (time + most - 1) / most
    ranges = (0..<count).map { $0 * time / count..<($0 + 1) * time / count }
  }

  /// Steps of the longest.
  var longest: Int { ranges.map(\.count).max() ?? 0 }
}
