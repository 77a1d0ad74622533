import CInterface
import Foundation
import Testing

/// The header says what the library exports.
@Suite struct HeaderTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Without comments.
  private var header: String {
    get throws {
      try text("Python/tapestry.h").replacing(#/\/\*.*?\*\//#.dotMatchesNewlines(), with: "")
    }
  }

  @Test func headerAndExportedFunctionsAgree() throws {
    let declared = try header.matches(of: #/(tapestry_\w+)\(\s*(.*?)\);/#.dotMatchesNewlines())
    var defined: [String: Int] = [:]
    for file in [
      "Sources/Interchange/CInterface/C/Functions.swift", "Sources/Zoo/ZooLibrary/Library.swift",
    ] {
      for match in try text(file).matches(
        of: #/@c\((\w+)\)\s*public func \w+\(\s*(.*?)\)\s*->/#.dotMatchesNewlines())
      {
        defined[String(match.1)] = match.2.split(separator: ",").count
      }
    }
    let counts = declared.map { (String($0.1), $0.2.split(separator: ",").count) }
    #expect(Dictionary(uniqueKeysWithValues: counts) == defined)
    #expect(defined.count == 12)
    let python = try text("Python/tapestry.py")
    for name in defined.keys {
      #expect(python.contains("\"\(name.dropFirst("tapestry_".count))\","), "\(name)")
    }
  }

  @Test func typesOfElementsAreThoseOfTheHeader() throws {
    let numbers = try header.matches(of: #/TAPESTRY_(\w+) = (\d+)/#).map {
      ($0.1.lowercased(), Int32($0.2))
    }
    #expect(
      Dictionary(uniqueKeysWithValues: numbers)
        == Dictionary(
          uniqueKeysWithValues: ElementType.allCases.map { ($0.description, $0.rawValue) }))
  }

  @Test func aTensorLiesInMemoryAsCLaysItOut() {
    // Two pointers around two numbers of 32 bits, and one more.
    let pointer = MemoryLayout<Int>.size
    #expect(MemoryLayout<CTensor>.offset(of: \.name) == 0)
    #expect(MemoryLayout<CTensor>.offset(of: \.type) == pointer)
    #expect(MemoryLayout<CTensor>.offset(of: \.rank) == pointer + 4)
    #expect(MemoryLayout<CTensor>.offset(of: \.shape) == pointer + 8)
    #expect(MemoryLayout<CTensor>.offset(of: \.data) == 2 * pointer + 8)
    #expect(MemoryLayout<CTensor>.stride == 3 * pointer + 8)
  }
}
