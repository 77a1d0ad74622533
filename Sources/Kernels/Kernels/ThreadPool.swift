private import Glibc
private import Synchronization

/// Persistent threads that take numbered chunks of one job at a time.
///
/// A job is published as a *ticket*: one word that holds the job's serial number, its number of
/// chunks, and the next chunk to take. A thread takes a chunk by exchanging the word for its
/// successor, which fails if any other job has been published since; so a thread that is late can
/// neither take part in the wrong job nor hold up a job whose chunks others have taken.
///
/// Idle threads watch the ticket for a few microseconds, because the next job of a training step is
/// near, then sleep.
final class ThreadPool: @unchecked Sendable {
  /// What a job is, as it lies on the stack of the thread that runs it.
  private struct Job {
    let body: (Int) -> Void
    /// All threads compute as the calling one does, or results would depend on which takes a chunk.
    let environment: FloatingPointEnvironment
  }

  /// Serial number (32 bits), number of chunks (16), next chunk (16).
  private struct Ticket {
    static let mostChunks = 0xffff
    var bits: UInt64

    init(bits: UInt64) { self.bits = bits }
    init(after previous: Ticket, chunks: Int) {
      bits = (previous.bits >> 32 &+ 1) << 32 | UInt64(chunks) << 16
    }

    var chunks: Int { Int(bits >> 16 & 0xffff) }
    var next: Int { Int(bits & 0xffff) }
    var isOpen: Bool { next < chunks }
    var successor: Ticket { Ticket(bits: bits + 1) }
  }

  /// How long a thread watches before it sleeps.
  private static let watchingNanoseconds = 50_000
  /// How often a thread that waits for the last chunks looks before it offers its processor.
  private static let looksBeforeYielding = 20_000

  // Each on a cache line of its own (two, as processors fetch them in pairs).
  private let ticket = Atomic<UInt64>(0)
  private let padding0 = InlineArray<15, Int>(repeating: 0)
  private let unfinished = Atomic<Int>(0)
  private let padding1 = InlineArray<15, Int>(repeating: 0)
  /// The address of the `Job`; valid while one of its chunks is unfinished.
  private let job = Atomic<UInt>(0)
  /// The number of the job's chunk that the ticket counts as 0.
  private let first = Atomic<Int>(0)
  private let isBusy = Atomic<Bool>(false)
  /// Number of threads, the calling one included.
  private let size: Atomic<Int>
  private let sleepers = Atomic<Int>(0)

  /// Protects `started`, and the sleep of the threads.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  private var started = 0

  init(count: Int) {
    size = Atomic(count)
    mutex = .allocate(capacity: 1)
    wake = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
  }

  var count: Int {
    get { size.load(ordering: .relaxed) }
    set { size.store(newValue, ordering: .relaxed) }
  }

  /// Runs all chunks, or returns false at once if the pool is busy or has one thread only.
  func run(_ chunks: Int, _ body: (Int) -> Void) -> Bool {
    let count = count
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
          let part = min(chunks - first, Ticket.mostChunks)
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
    let previous = Ticket(bits: ticket.load(ordering: .relaxed))
    // Sequentially consistent, as is a sleeper's count: either the sleeper sees this ticket, or
    // this thread sees the sleeper.
    ticket.store(
      Ticket(after: previous, chunks: chunks).bits, ordering: .sequentiallyConsistent)
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
      pthread_mutex_lock(mutex)
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(mutex)
    }
    var environment: FloatingPointEnvironment?
    takeChunks(&environment)
    var looks = 0
    while unfinished.load(ordering: .acquiring) > 0 {
      looks += 1
      if looks > Self.looksBeforeYielding { sched_yield() }
    }
  }

  /// Runs chunks until every one has been taken.
  ///
  /// - Parameter environment: that of this thread, which may change; nil on the calling thread.
  private func takeChunks(_ environment: inout FloatingPointEnvironment?) {
    while true {
      let current = Ticket(bits: ticket.load(ordering: .acquiring))
      guard current.isOpen else { return }
      let job = job.load(ordering: .relaxed)
      let first = first.load(ordering: .relaxed)
      let taken = ticket.compareExchange(
        expected: current.bits, desired: current.successor.bits,
        successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
      guard taken.exchanged else { continue }
      Self.run(job, first + current.next, &environment)
      unfinished.subtract(1, ordering: .acquiringAndReleasing)
    }
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
    // Signals such as Ctrl-C stay with the program's own threads.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    while started < count {
      var thread = pthread_t()
      let worker = Unmanaged.passRetained(Worker(pool: self, index: started))
      let status = pthread_create(&thread, nil, { Worker.main($0) }, worker.toOpaque())
      guard status == 0 else {
        // The process may have no more threads: fewer do the same work.
        worker.release()
        size.store(started + 1, ordering: .relaxed)
        return
      }
      pthread_detach(thread)
      started += 1
    }
  }

  private final class Worker {
    let pool: ThreadPool
    let index: Int

    init(pool: ThreadPool, index: Int) {
      self.pool = pool
      self.index = index
    }

    static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
      let worker = Unmanaged<Worker>.fromOpaque(argument!).takeRetainedValue()
      var environment: FloatingPointEnvironment? = .current
      while true {
        worker.pool.awaitJob(worker.index)
        worker.pool.takeChunks(&environment)
      }
    }
  }

  /// Returns when there may be a chunk for worker `index`.
  private func awaitJob(_ index: Int) {
    while !watch(index) {
      pthread_mutex_lock(mutex)
      sleepers.add(1, ordering: .sequentiallyConsistent)
      // Woken once is awake, even if the job is over by now: the next one is near. A thread that
      // went back to sleep would be late for that one, too, and for all that follow.
      var isWoken = false
      while !isWoken || index >= count - 1 {
        if Ticket(bits: ticket.load(ordering: .sequentiallyConsistent)).isOpen, index < count - 1 {
          break
        }
        pthread_cond_wait(wake, mutex)
        isWoken = true
      }
      sleepers.subtract(1, ordering: .sequentiallyConsistent)
      pthread_mutex_unlock(mutex)
    }
  }

  /// Watches the ticket for a while; returns whether there may be a chunk for worker `index`.
  private func watch(_ index: Int) -> Bool {
    let start = Self.now()
    repeat {
      var looks = 0
      while looks < 64 {
        if Ticket(bits: ticket.load(ordering: .acquiring)).isOpen, index < count - 1 { return true }
        looks += 1
      }
    } while Self.now() - start < Self.watchingNanoseconds
    return false
  }

  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
