import Testing

/// What a programming error inside a model says. Each runs in a process of its own.
@Suite struct ErrorTests {
  @Test(arguments: FailingCall.all.map(\.name))
  func `says what was given, what was expected, and where`(name: String) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [name] in
      FailingCall.named(name).call()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for sentence in FailingCall.named(name).sentences {
      #expect(message.contains(sentence), "\(name)")
    }
  }

  @Test func `each failing call has a name of its own`() {
    #expect(Set(FailingCall.all.map(\.name)).count == FailingCall.all.count)
  }
}
