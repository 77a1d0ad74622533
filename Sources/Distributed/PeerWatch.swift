import Platform
import Synchronization
import Training

/// Ends this process, with a sentence, where it would wait forever for a rank that is gone.
///
/// MPI says nothing to a rank that waits for one that was killed, and a rank that waits cannot answer
/// a signal. A thread beside looks, while this rank waits: whether the ranks on the same machine still
/// live, and, as those on others cannot be seen, whether a launcher asked for an end long ago.
final class PeerWatch: Sendable {
  /// Another rank that can be seen from here.
  struct Peer: Sendable {
    let rank: Int
    let process: Int
  }

  private let rank: Int
  private let size: Int
  /// When this rank began to wait; 0 while it does not.
  private let waitsSince = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)

  private static let interval = 0.05
  /// Seconds that a rank that is gone may have been so: it may have had its part in what is waited
  /// for, and have ended in order.
  private static let patienceWithTheGone = 0.3
  /// Seconds of a wait after the launcher has asked all for an end, which they come to when their
  /// step is over.
  private static let patienceAfterRequest = 10.0

  init(rank: Int, size: Int) {
    self.rank = rank
    self.size = size
  }

  func enter() { waitsSince.store(MonotonicClock.nanoseconds, ordering: .releasing) }
  func leave() { waitsSince.store(0, ordering: .releasing) }
  func stop() { isStopped.store(true, ordering: .releasing) }

  /// Begins to look.
  func start(peers: [Peer]) {
    if size == 1 { return }
    _ = BackgroundThread.start { [self] in
      var gone: (rank: Int, since: Int)?
      var requestedSince: Int?
      while true {
        CurrentThread.sleep(seconds: Self.interval)
        if isStopped.load(ordering: .acquiring) { return }
        let now = MonotonicClock.nanoseconds
        if requestedSince == nil, Interrupt.isRequested { requestedSince = now }
        let since = waitsSince.load(ordering: .acquiring)
        if since == 0 { continue }
        if gone == nil, let peer = peers.first(where: { !CurrentProcess.isAlive($0.process) }) {
          gone = (peer.rank, now)
        }
        if let gone, now - max(since, gone.since) > Int(Self.patienceWithTheGone * 1e9) {
          end("rank \(gone.rank) is gone")
        }
        if let requestedSince,
          now - max(since, requestedSince) > Int(Self.patienceAfterRequest * 1e9)
        {
          end("an end was asked for, and another rank does not answer")
        }
      }
    }
  }

  private func end(_ reason: String) -> Never {
    CurrentProcess.endAtOnce(
      status: 2, saying: "rank \(rank) of \(size): \(reason); this one ends, too")
  }
}
