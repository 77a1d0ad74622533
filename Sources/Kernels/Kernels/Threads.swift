private import Platform

/// The threads that share the work of large kernels.
///
/// One pool serves the process. Work is cut into chunks whose borders depend on sizes alone, and a
/// chunk computes the same numbers on any thread, so results never depend on timing. Set the number
/// of threads with `count`, or with the environment variable `TAPESTRY_THREADS`.
public enum Threads {
  static let pool = ThreadPool(count: defaultCount())

  /// The environment variable with the number of threads to begin with.
  package static let environmentVariable = "TAPESTRY_THREADS"

  /// Number of threads that work together, the calling one included: 1 to 1024, more count as 1024.
  ///
  /// At first it is what `TAPESTRY_THREADS` says, or else the number of processors that this
  /// process may use. A change applies to calls of `parallel` that begin after it.
  public static var count: Int {
    get { pool.count }
    set {
      guard newValue >= 1 else {
        fatalError("Threads.count: there must be at least 1 thread, not \(newValue)")
      }
      pool.count = newValue
    }
  }

  /// Runs `body(0)`, `body(1)`, ... `body(chunks - 1)`, several at a time, and returns when all are
  /// done.
  ///
  /// The calling thread takes part. Each thread begins with chunks of its own, which are the same in
  /// every job of as many chunks: what a thread wrote in one job lies in its caches in the next. Then
  /// it takes what others have left. While the pool is busy, because of another thread or because
  /// `body` itself calls this function, the chunks run one after the other on the calling thread:
  /// nothing waits for anything but its own chunks, so calls may be nested and may come from several
  /// threads at once.
  ///
  /// `body` need not be `@Sendable` because kernels write through pointers that it captures; but it
  /// does run on several threads at once. Whatever one chunk writes, no other may read or write.
  public static func parallel(_ chunks: Int, _ body: (Int) -> Void) {
    if chunks > 1, pool.run(chunks, body) { return }
    var chunk = 0
    while chunk < chunks {
      body(chunk)
      chunk += 1
    }
  }

  /// Runs `body` over ranges that together are `0..<count`, several at a time.
  ///
  /// Ranges begin at multiples of 64, whole cache lines of any scalar, and are about as long as
  /// `grain` at least; `body` must give the same results wherever the borders are.
  ///
  /// - Parameter grain: The number of elements that is worth a thread: some ten microseconds' work.
  public static func split(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    guard count > 0 else { return }
    let pieces = min(count / max(grain, 1), self.count * 4)
    guard pieces > 1, self.count > 1 else { return body(0..<count) }
    let length = ((count + pieces - 1) / pieces + 63) & ~63
    parallel((count + length - 1) / length) { piece in
      body(piece * length..<min((piece + 1) * length, count))
    }
  }

  private static func defaultCount() -> Int {
    if let problem = environmentProblem { CurrentProcess.end(saying: "tapestry: \(problem).") }
    return wantedCount.flatMap { Int($0) } ?? Processors.count
  }

  /// What is wrong with the environment variable: a sentence without its full stop; nil if it is not
  /// set, or is a number of threads.
  package static var environmentProblem: String? {
    guard let wanted = wantedCount, Int(wanted).map({ $0 < 1 }) ?? true else { return nil }
    return "\(environmentVariable) must be a whole number of at least 1, not \"\(wanted)\""
  }

  private static var wantedCount: String? {
    EnvironmentVariables[environmentVariable].flatMap { $0.isEmpty ? nil : $0 }
  }
}
