import Foundation

/// The program, which is built beside the tests.
private let program: String = {
  let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let folder = (tests ?? CommandLine.arguments[0]).split(separator: "/").dropLast()
  return folder.reduce("") { "\($0)/\($1)" } + "/zoo"
}()

/// Runs a line of a shell in which `zoo` is the program.
func shell(
  _ line: String, environment: [String: String] = [:]
) throws -> (status: Int32, output: String, errors: String) {
  let process = Process()
  let (output, errors) = (Pipe(), Pipe())
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", "program=\"\(program)\"; zoo() { \"$program\" \"$@\"; }\n" + line]
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  let printed = output.fileHandleForReading.readDataToEndOfFile()
  let complaint = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (
    process.terminationStatus, String(decoding: printed, as: UTF8.self),
    String(decoding: complaint, as: UTF8.self)
  )
}
