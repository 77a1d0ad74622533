import Testing

/// What a programming error says before it ends the program, in optimized builds too. Each runs in
/// a process of its own.
@Suite struct ErrorTests {
  @Test(arguments: FailingCall.all.map(\.name))
  func `says what was given and what was expected`(name: String) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [name] in
      FailingCall.named(name).call()
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let sentence = FailingCall.named(name).sentence
    #expect(message.contains(sentence), "\(name)")
  }

  @Test func `each failing call has a name of its own`() {
    #expect(Set(FailingCall.all.map(\.name)).count == FailingCall.all.count)
  }
}
