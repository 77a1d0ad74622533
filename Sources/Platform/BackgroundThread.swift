#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Threads that run beside those of the program until it ends.
package enum BackgroundThread {
  /// Starts a thread; returns false where the system gives no more.
  ///
  /// Signals such as Ctrl-C stay with the program's own threads.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let main = Unmanaged.passRetained(Body(body))
    guard pthread_create(&thread, nil, { Body.run($0) }, main.toOpaque()) == 0 else {
      main.release()
      return false
    }
    #if canImport(Glibc)
      pthread_detach(thread)
    #else
      pthread_detach(thread!)
    #endif
    return true
  }

  private final class Body {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// The systems differ in whether the argument may be nil: it never is.
    static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
      Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }
  }
}
