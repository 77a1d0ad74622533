private import Synchronization

/// The chunks of a job that one thread of the pool is to run, on cache lines of its own (two, as
/// processors fetch them in pairs).
///
/// They are one word: the job's serial number and the range of chunks that nobody has taken. A
/// chunk is taken by exchanging the word for one without it, which fails if another job has been
/// published since; so a thread that is late can neither take part in the wrong job nor hold up one
/// whose chunks others have taken.
struct ThreadShare: ~Copyable {
  /// Chunks of a job that can be counted.
  static let mostChunks = 0xffff

  private let word = Atomic<UInt64>(0)
  private let padding = InlineArray<15, Int>(repeating: 0)

  /// Serial number (32 bits), end of the range (16), its start (16).
  struct Range {
    fileprivate let bits: UInt64

    fileprivate init(bits: UInt64) { self.bits = bits }

    fileprivate init(_ chunks: Swift.Range<Int>, serial: UInt32) {
      bits = UInt64(serial) << 32 | UInt64(chunks.upperBound) << 16 | UInt64(chunks.lowerBound)
    }

    var serial: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) }
    var first: Int { Int(bits & 0xffff) }
    var last: Int { Int(bits >> 16 & 0xffff) - 1 }
    var isEmpty: Bool { first > last }
    fileprivate var withoutFirst: Range { Range(bits: bits + 1) }
    fileprivate var withoutLast: Range { Range(bits: bits - 1 << 16) }
  }

  /// Chunks that nobody has taken.
  var rest: Range { Range(bits: word.load(ordering: .acquiring)) }

  /// Chunks that nobody has taken, read in one order with `publish` and the pool's count of sleepers: either a thread about
  /// to sleep sees the job, or who publishes it sees the sleeper.
  var restBeforeSleep: Range { Range(bits: word.load(ordering: .sequentiallyConsistent)) }

  func publish(_ chunks: Swift.Range<Int>, serial: UInt32) {
    word.store(Range(chunks, serial: serial).bits, ordering: .sequentiallyConsistent)
  }

  /// Takes the first chunk of `rest`, or the last; false if the share is not the same any more.
  func take(_ end: End, of rest: Range) -> Bool {
    let desired = end == .first ? rest.withoutFirst : rest.withoutLast
    return word.compareExchange(
      expected: rest.bits, desired: desired.bits,
      successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed
    ).exchanged
  }

  /// Where chunks are taken: a thread's own at the start, another's at the end.
  enum End { case first, last }
}
