private import Platform
private import Synchronization

/// Persistent threads that take numbered chunks of one job at a time.
///
/// Each thread has a *share* of a job: chunks that follow one another. Shares depend on the numbers
/// of chunks and of threads alone, so in job after job over the same rows a thread finds in its own
/// caches what it wrote before; where processors do not share a cache, that is most of the time of a
/// small job. A thread whose share is done takes from the ends of the others', so one that is late
/// holds nothing up.
///
/// Idle threads watch their shares for some tens of microseconds after the last job, because the next
/// one of a training step is near, then sleep.
final class ThreadPool: @unchecked Sendable {
  /// What a job is, as it lies on the stack of the thread that runs it.
  private struct Job {
    let body: (Int) -> Void
    /// All threads compute as the calling one does, or results would depend on which takes a chunk.
    let environment: FloatingPointEnvironment
  }

  /// Threads that a pool may have at most, the calling one included.
  static let mostThreads = 1024

  /// Threads that run at the same time, whatever the number asked for: more than a few on each processor wait for
  /// each other, and a thousand on two took fifteen times as long as two.
  private static let mostRunning = max(4 * Processors.count, 8)

  /// How long a thread watches before it sleeps.
  private static let watchingNanoseconds = 50_000
  /// How often a thread that waits for the last chunks looks before it offers its processor.
  private static let looksBeforeYielding = 20_000

  // Each on a cache line of its own (two, as processors fetch them in pairs).
  private let unfinished = Atomic<Int>(0)
  private let padding = InlineArray<15, Int>(repeating: 0)
  /// The address of the `Job`; valid while one of its chunks is unfinished.
  private let job = Atomic<UInt>(0)
  /// The number of the job's chunk that the shares count as 0.
  private let first = Atomic<Int>(0)
  /// Number of shares of the job.
  private let threads = Atomic<Int>(1)
  private let isBusy = Atomic<Bool>(false)
  /// Number of threads, the calling one included.
  private let size: Atomic<Int>
  private let sleepers = Atomic<Int>(0)
  /// Of the calling thread first, then of the workers; those of workers not yet started are memory
  /// that nobody has touched.
  private let shares: UnsafeMutablePointer<ThreadShare>

  /// Where threads sleep.
  private let waiting = WaitingRoom()
  private var started = 0
  /// Of the last job. Only who holds `isBusy` uses it.
  private var serial: UInt32 = 0

  init(count: Int) {
    size = Atomic(min(count, Self.mostThreads))
    shares = .allocate(capacity: Self.mostThreads)
    shares.initialize(to: ThreadShare())
  }

  var count: Int {
    get { size.load(ordering: .relaxed) }
    set { size.store(min(newValue, Self.mostThreads), ordering: .relaxed) }
  }

  /// Runs all chunks, or returns false at once if the pool is busy or has one thread only.
  func run(_ chunks: Int, _ body: (Int) -> Void) -> Bool {
    let count = min(count, Self.mostRunning)
    guard count > 1,
      isBusy.compareExchange(
        expected: false, desired: true, successOrdering: .acquiring, failureOrdering: .relaxed
      ).exchanged
    else { return false }
    defer { isBusy.store(false, ordering: .releasing) }
    if started < count - 1 { start(count - 1) }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: Job(body: body, environment: .current)) { job in
        self.job.store(UInt(bitPattern: job), ordering: .relaxed)
        var first = 0
        while first < chunks {
          let part = min(chunks - first, ThreadShare.mostChunks)
          runPart(part, from: first)
          first += part
        }
      }
    }
    return true
  }

  private func runPart(_ chunks: Int, from first: Int) {
    self.first.store(first, ordering: .relaxed)
    unfinished.store(chunks, ordering: .relaxed)
    let threads = min(count, started + 1, chunks, Self.mostRunning)
    self.threads.store(threads, ordering: .relaxed)
    serial &+= 1
    for index in (0..<threads).reversed() {
      shares[index].publish(
        index * chunks / threads..<(index + 1) * chunks / threads, serial: serial)
    }
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { waiting.wakeAll() }
    var environment: FloatingPointEnvironment?
    takeChunks(0, &environment)
    var looks = 0
    while unfinished.load(ordering: .acquiring) > 0 {
      looks += 1
      if looks > Self.looksBeforeYielding { CurrentThread.yield() }
    }
  }

  /// Runs the chunks of a thread's own share, then what is left of the others'.
  ///
  /// - Parameter environment: that of this thread, which may change; nil on the calling thread.
  private func takeChunks(_ thread: Int, _ environment: inout FloatingPointEnvironment?) {
    let threads = threads.load(ordering: .relaxed)
    var turn = 0
    while turn < threads {
      let share = (thread + turn) % threads
      take(turn == 0 ? .first : .last, ofShare: share, &environment)
      turn += 1
    }
  }

  private func take(
    _ end: ThreadShare.End, ofShare share: Int, _ environment: inout FloatingPointEnvironment?
  ) {
    var finished = 0
    while true {
      let rest = shares[share].rest
      guard !rest.isEmpty else { break }
      let job = job.load(ordering: .relaxed)
      let first = first.load(ordering: .relaxed)
      guard shares[share].take(end, of: rest) else { continue }
      Self.run(job, first + (end == .first ? rest.first : rest.last), &environment)
      finished += 1
    }
    if finished > 0 { unfinished.subtract(finished, ordering: .acquiringAndReleasing) }
  }

  /// A function of its own: no reference to the closure is left when it returns.
  @inline(never)
  private static func run(
    _ job: UInt, _ chunk: Int, _ environment: inout FloatingPointEnvironment?
  ) {
    let job = UnsafePointer<Job>(bitPattern: job)!
    if let own = environment, own != job.pointee.environment {
      FloatingPointEnvironment.current = job.pointee.environment
      environment = job.pointee.environment
    }
    job.pointee.body(chunk)
  }

  /// Starts threads until there are `count` besides the calling ones. Only who holds `isBusy`
  /// calls this.
  private func start(_ count: Int) {
    while started < count {
      let index = started + 1
      (shares + index).initialize(to: ThreadShare())
      // The process may have no more threads: fewer do the same work.
      guard BackgroundThread.start({ self.work(index) }) else {
        size.store(index, ordering: .relaxed)
        return
      }
      started += 1
    }
  }

  /// What a thread of the pool does all its life.
  private func work(_ index: Int) -> Never {
    var environment: FloatingPointEnvironment? = .current
    while true {
      awaitJob(index)
      takeChunks(index, &environment)
    }
  }

  /// Returns when there may be a chunk in the share of thread `index`.
  private func awaitJob(_ index: Int) {
    while !watch(index) {
      waiting.withLock {
        sleepers.add(1, ordering: .sequentiallyConsistent)
        // Woken once is awake, even if the job is over by now: the next one is near.
        var isWoken = false
        while !isWoken || index >= count {
          if !shares[index].restBeforeSleep.isEmpty { break }
          waiting.wait()
          isWoken = true
        }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
      }
    }
  }

  /// Watches a share until there has been no job for a while; returns whether there may be a chunk in
  /// it.
  ///
  /// The while counts from the end of the last job, also of one whose chunks others have taken: who
  /// was late for one job, and slept because of that, would be late for all that follow.
  private func watch(_ index: Int) -> Bool {
    var last = shares[index].rest.serial
    var start = MonotonicClock.nanoseconds
    while true {
      var looks = 0
      while looks < 64 {
        if !shares[index].rest.isEmpty { return true }
        looks += 1
      }
      let now = MonotonicClock.nanoseconds
      let serial = shares[index].rest.serial
      if serial != last {
        (last, start) = (serial, now)
      } else if now - start >= Self.watchingNanoseconds {
        guard isBusy.load(ordering: .relaxed) else { return false }
        start = now
      }
    }
  }
}
