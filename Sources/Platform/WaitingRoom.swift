#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where threads sleep until another one calls: a lock, and those who wait.
///
/// Sendable, as all that it holds is made for several threads.
package struct WaitingRoom: ~Copyable, @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let call: UnsafeMutablePointer<pthread_cond_t>

  package init() {
    mutex = .allocate(capacity: 1)
    call = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(call, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(call)
    mutex.deallocate()
    call.deallocate()
  }

  /// Runs the body while no other thread runs one.
  package func withLock(_ body: () -> Void) {
    pthread_mutex_lock(mutex)
    body()
    pthread_mutex_unlock(mutex)
  }

  /// Sleeps until somebody calls, or for no reason. To be used in `withLock`, which others may
  /// enter meanwhile.
  package func wait() { pthread_cond_wait(call, mutex) }

  /// Wakes all who sleep.
  package func wakeAll() { withLock { pthread_cond_broadcast(call) } }
}
