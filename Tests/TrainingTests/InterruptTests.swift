import Foundation
import Testing
import Training

/// Signals belong to a whole process, so each test has its own.
@Suite struct InterruptTests {
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func theFirstSignalRaisesTheFlag(signal: CInt) async {
    await #expect(processExitsWith: .success) { [signal] in
      Interrupt.install()
      precondition(!Interrupt.isRequested)
      deliver(signal)
      precondition(Interrupt.isRequested)
    }
  }

  @Test func theSecondSignalEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      Interrupt.install()
      deliver(SIGINT)
      deliver(SIGINT)
    }
    await #expect(processExitsWith: .signal(SIGTERM)) {
      Interrupt.install()
      deliver(SIGINT)
      deliver(SIGTERM)
    }
  }

  @Test func aSignalThatWasIgnoredIsHeard() async {
    await #expect(processExitsWith: .success) {
      signal(SIGINT, SIG_IGN)
      Interrupt.install()
      deliver(SIGINT)
      precondition(Interrupt.isRequested)
    }
  }

  @Test func anEndOfTheTerminalThatWasIgnoredStaysIgnored() async {
    await #expect(processExitsWith: .success) {
      signal(SIGHUP, SIG_IGN)
      Interrupt.install()
      deliver(SIGHUP)
      precondition(!Interrupt.isRequested)
      Interrupt.uninstall()
      deliver(SIGHUP)
    }
  }

  @Test func afterUninstallTheFirstSignalEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      Interrupt.install()
      deliver(SIGINT)
      Interrupt.uninstall()
      precondition(!Interrupt.isRequested)
      deliver(SIGINT)
    }
  }
}

/// Sends a signal to this thread, and returns when it has been handled.
///
/// The threads that tests run on block all signals.
private func deliver(_ signal: CInt) {
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, signal)
  pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  raise(signal)
}
