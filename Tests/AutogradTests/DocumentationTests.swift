import Foundation
import Testing

/// The pages of `Documentation` say what is there: tests that hold statements, and names.
@Suite struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func page(_ name: String) throws -> String {
    try String(contentsOf: root.appending(path: "Documentation/\(name).md"), encoding: .utf8)
  }

  /// All Swift files of a folder, one after the other.
  private static func swift(in folder: String) throws -> String {
    let files = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
    let paths = (files?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }
    return try paths.map {
      try String(contentsOf: root.appending(path: "\(folder)/\($0)"), encoding: .utf8)
    }.joined(separator: "\n")
  }

  @Test func `every statement about semantics names a test that is there`() throws {
    let tests = try Self.swift(in: "Tests")
    let statements = try Self.page("Semantics").split(separator: "\n- ").dropFirst()
    #expect(statements.count > 40)
    for statement in statements {
      let text = statement.split(separator: "\n\n")[0]
        .replacing("\n  ", with: " ").trimmingCharacters(in: .newlines)
      guard let name = text.firstMatch(of: /— `([^`]+)`$/)?.1 else {
        Issue.record("no test at the end of: \(text)")
        continue
      }
      #expect(tests.contains("func `\(name)`"), "\(name)")
    }
  }

  @Test func `every name for a reader from PyTorch is public`() throws {
    let surface = try Self.publicNames()
    let rows = try Self.page("ComingFromPyTorch").split(separator: "\n")
      .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| PyTorch") }
    #expect(rows.count > 90)
    // Names that stand for a reader's own values.
    let own: Set<Substring> = [
      "alpha", "model", "gradients", "generator", "weight", "weights", "bias", "indices", "index",
      "source", "labels", "targets", "lengths", "mask", "condition", "path", "optimizer", "shape",
      "using", "self", "true", "var", "ij", "jk", "ik",
    ]
    for row in rows {
      let columns = row.replacing("\\|", with: "").split(separator: "|")
      for snippet in columns[1].matches(of: /`([^`]+)`/) {
        for name in snippet.1.matches(of: /[A-Za-z][A-Za-z0-9]*/).map(\.0) where name.count > 1 {
          #expect(surface.contains(name) || own.contains(name), "\(name) in \(snippet.1)")
        }
      }
    }
  }

  /// The identifiers in public declarations, and the cases of enumerations.
  private static func publicNames() throws -> Set<Substring> {
    var names: Set<Substring> = ["Float", "Double", "Int32", "Bool"]
    let sources = try swift(in: "Sources")
    // A declaration reaches to its body, or to the next one.
    for declaration in sources.matches(of: /public [^{]*?({|\n\n)|\n +case [a-z][^\n{]*/) {
      for name in declaration.0.matches(of: /[A-Za-z][A-Za-z0-9]*/) { names.insert(name.0) }
    }
    return names
  }
}
