import Foundation

// `fuzz TARGET [FLAGS OF LIBFUZZER] [CORPUS ...]`, or, compiled without it, `fuzz TARGET SECONDS [CORPUS ...]`;
// `fuzz --list` names the targets.

let names = Target.all.map(\.name)
let name = CommandLine.arguments.dropFirst().first ?? ""
if name == "--list" {
  print(names.joined(separator: "\n"))
  exit(0)
}
guard let chosen = Target.all.first(where: { $0.name == name }) else {
  fatalError("fuzz: a target is expected first: \(names.joined(separator: ", "))")
}
let target = chosen

#if FUZZER
  @_extern(c, "LLVMFuzzerRunDriver")
  private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
  ) -> CInt

  /// What libFuzzer's own main calls, which is linked though this program has another.
  @c(LLVMFuzzerTestOneInput)
  public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
  }

  // libFuzzer gets all arguments but the target's name.
  var arguments = CommandLine.unsafeArgv
  arguments[1] = arguments[0]
  arguments += 1
  var count = CommandLine.argc - 1
  exit(
    runFuzzer(&count, &arguments) { start, count in fuzzOneInput(start, count) })
#else
  guard CommandLine.arguments.count > 2, let seconds = Double(CommandLine.arguments[2]) else {
    fatalError("fuzz: seconds are expected after the target")
  }
  var fuzzer = BlindFuzzer(target, corpus: CommandLine.arguments.dropFirst(3))
  fuzzer.run(seconds: seconds)
#endif
