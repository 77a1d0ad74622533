import Foundation
import Testing
import Training

/// Signals belong to a whole process, so each test has its own.
@Suite struct InterruptTests {
  @Test(arguments: [SIGINT, SIGTERM])
  func theFirstSignalRaisesTheFlag(signal: CInt) async {
    await #expect(processExitsWith: .success) { [signal] in
      Interrupt.install()
      precondition(!Interrupt.isRequested)
      raise(signal)
      precondition(Interrupt.isRequested)
    }
  }

  @Test func theSecondSignalEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      Interrupt.install()
      raise(SIGINT)
      raise(SIGINT)
    }
    await #expect(processExitsWith: .signal(SIGTERM)) {
      Interrupt.install()
      raise(SIGINT)
      raise(SIGTERM)
    }
  }

  @Test func aSignalThatWasIgnoredIsHeard() async {
    await #expect(processExitsWith: .success) {
      signal(SIGINT, SIG_IGN)
      Interrupt.install()
      raise(SIGINT)
      precondition(Interrupt.isRequested)
    }
  }

  @Test func afterUninstallTheFirstSignalEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      Interrupt.install()
      raise(SIGINT)
      Interrupt.uninstall()
      precondition(!Interrupt.isRequested)
      raise(SIGINT)
    }
  }
}
