import Foundation
import Training
import zoo

/// What tests of commands share: a folder of each test's own, which goes with it, and the program.
class FolderTests {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "zoo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// Writes a file of the folder.
  ///
  /// - Returns: its path.
  @discardableResult
  func file(_ name: String, _ content: String) throws -> String {
    try file(name, Array(content.utf8))
  }

  /// Writes a file of the folder.
  ///
  /// - Returns: its path.
  @discardableResult
  func file(_ name: String, _ content: [UInt8]) throws -> String {
    try Data(content).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }

  /// Four words with all their letters in any three of them: one is held out in training.
  let words = "cat\tK AE T\nact\tAE K T\ntact\tT AE K T\ncatta\tK AE T AH\n"

  /// Runs a command as it is typed after `zoo`.
  func run(_ line: String...) -> (status: Int32, printed: String, complaint: String) { run(line) }

  func run(_ line: [String]) -> (status: Int32, printed: String, complaint: String) {
    var (printed, complaint) = ("", "")
    let status = Program(allCommands).run(
      line, output: Output { printed += $0 }, complain: { complaint += $0 })
    return (status, printed, complaint)
  }
}
