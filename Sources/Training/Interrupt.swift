import Platform
import Synchronization

/// Ctrl-C (SIGINT), SIGTERM, and the end of the terminal (SIGHUP) as a request that a loop answers when it is
/// ready.
///
/// ```swift
/// Interrupt.install()
/// for batch in batches {
///   if Interrupt.isRequested { break }
///   // ... a training step ...
/// }
/// // save what there is
/// ```
///
/// The first signal only raises the flag; the second ends the process at once, as if nothing had
/// been installed, so a loop that hangs can still be stopped.
public enum Interrupt {
  /// Signals that ask for an end.
  private static let signals = [Signal.interrupt, .termination, .hangup]

  /// Starts to listen. Calling it again makes it listen again and keeps the flag.
  ///
  /// This overrides even a signal that the process inherited as ignored, as background jobs of a
  /// shell script do: a training in the background must be stoppable in order, too. Only an ignored
  /// SIGHUP stays ignored: that is what `nohup` is for. Signals that the process inherited as held back
  /// reach the thread that calls this.
  public static func install() {
    // Initialises the flag before a signal can come: a lazy initialiser must not run in a handler.
    _ = requested.load(ordering: .relaxed)
    for signal in signals where signal != .hangup || !signal.isIgnored {
      signal.handle(handler)
      signal.unblock()
    }
  }

  /// Whether a signal has come.
  public static var isRequested: Bool { requested.load(ordering: .acquiring) }

  /// Thrown where work is given up as a signal has come. An evaluation that throws it ends its training in
  /// order, and is made when the training goes on.
  public struct Raised: Error, Equatable, CustomStringConvertible {
    /// A new one.
    public init() {}

    /// `interrupted`
    public var description: String { "interrupted" }
  }

  /// Throws `Raised` if a signal has come.
  public static func check() throws(Raised) {
    if isRequested { throw Raised() }
  }

  /// Stops listening, so that the next signal ends the process, and lowers the flag.
  public static func uninstall() {
    for signal in signals where signal != .hangup || !signal.isIgnored { signal.restoreDefault() }
    requested.store(false, ordering: .releasing)
  }
}

private let requested = Atomic<Bool>(false)

/// Only what is allowed in a signal handler: an atomic store, and asking for what signals do otherwise.
private let handler: @convention(c) (CInt) -> Void = { _ in
  requested.store(true, ordering: .releasing)
  Signal.interrupt.restoreDefault()
  Signal.termination.restoreDefault()
}
