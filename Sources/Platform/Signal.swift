#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A word from outside that interrupts a process.
package struct Signal: Equatable, Sendable {
  package let number: CInt

  package init(number: CInt) { self.number = number }

  // Computed, as handlers use them: what is initialised when it is first asked for must not be so
  // there.

  /// Ctrl-C.
  package static var interrupt: Signal { Signal(number: SIGINT) }
  /// What `kill` sends.
  package static var termination: Signal { Signal(number: SIGTERM) }
  /// The terminal has gone.
  package static var hangup: Signal { Signal(number: SIGHUP) }
  package static var quit: Signal { Signal(number: SIGQUIT) }
  /// A file became longer than this process may make one (`ulimit -f`).
  package static var fileSizeLimit: Signal { Signal(number: SIGXFSZ) }
  /// Nobody reads any more what is written.
  package static var brokenPipe: Signal { Signal(number: SIGPIPE) }
  /// Memory was touched that is not there.
  package static var segmentationFault: Signal { Signal(number: SIGSEGV) }
  package static var busError: Signal { Signal(number: SIGBUS) }

  /// Has a function called that does only what may be done in a handler. Reads and writes that the
  /// signal interrupts go on.
  package func handle(_ handler: @escaping @convention(c) (CInt) -> Void) {
    var action = sigaction()
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = handler
    #elseif canImport(Musl)
      action.__sa_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
    sigemptyset(&action.sa_mask)
    action.sa_flags = CInt(SA_RESTART)
    sigaction(number, &action, nil)
  }

  /// Whether the signal passes unheard, as a process that was started by `nohup` has it from its beginning.
  package var isIgnored: Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    // Compared as addresses: functions of C cannot be compared.
    #if canImport(Glibc)
      let handler = action.__sigaction_handler.sa_handler
    #elseif canImport(Musl)
      let handler = action.__sa_handler.sa_handler
    #else
      let handler = action.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Lets the signal pass unheard.
  package func ignore() { signal(number, SIG_IGN) }

  /// Lets the signal reach this thread, which may have been started with it held back.
  package func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Lets the signal do what it does where nobody has asked for anything else.
  package func restoreDefault() { signal(number, SIG_DFL) }

  /// Sends it to this process.
  package func send() { kill(getpid(), number) }

  /// Ends this process by the signal, as it does where nobody has asked for anything else.
  package func endProcess() -> Never {
    restoreDefault()
    raise(number)
    // It is blocked: the status that a shell shows for it.
    exit(128 + number)
  }
}
