import FoundationEssentials
import Interchange

/// Files that NumPy and PyTorch have written (`make_fixtures.py`).
enum Fixtures {
  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
  }

  static func file(_ name: String) throws -> TensorFile { try TensorFile(contentsOf: path(name)) }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path(name))))
  }

  /// What `values` of the script makes: 0, 1, 2, 3, 4, 0, ... row by row.
  static func values(_ count: Int) -> [Double] { (0..<count).map { Double($0 % 5) } }
}

/// A place in the system's folder for temporary files, which is removed afterwards.
func withTemporaryPath(_ name: String, _ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "interchange-\(UInt64.random(in: 0...UInt64.max))")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.appending(path: name).path)
}
