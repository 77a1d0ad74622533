import Foundation
import Training

/// A small seeded generator (SplitMix64, Steele et al. 2014), so that failures repeat.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Calls `body` with an empty directory and removes it afterwards.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("tapestry-tests-\(UUID().uuidString)").path
  try createDirectory(directory)
  defer { try? FileManager.default.removeItem(atPath: directory) }
  return try body(directory)
}

/// The names in a directory, hidden ones too.
func names(in directory: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}

/// A file's content as text.
func text(of path: String) throws -> String {
  String(decoding: try readFile(path), as: UTF8.self)
}

/// The files of a family of conformance cases that the project carries.
func conformanceCases(_ family: String) throws -> [String] {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Conformance/\(family)").path
  return try FileManager.default.subpathsOfDirectory(atPath: folder)
    .filter { $0.hasSuffix(".safetensors") }.sorted().map { "\(folder)/\($0)" }
}
