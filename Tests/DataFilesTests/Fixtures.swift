import DataFiles
import Foundation

/// Files that other programs have written (`make_fixtures.py`).
enum Fixtures {
  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path(name))))
  }

  static var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path("")).sorted() }
  }

  /// The samples of the script's pictures, of so many channels and bits, `[3, 5, channels]`.
  static func samples(_ channels: Int, bits: Int = 8) -> [Int] {
    (0..<3).flatMap { y in
      (0..<5).flatMap { x in
        (0..<channels).map { c in (67 * y + 29 * x + 101 * c) % (1 << bits) }
      }
    }
  }
}

/// What is wrong with a file, as a sentence; nil where nothing is.
func complaint(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch { return "\(error)" }
}
