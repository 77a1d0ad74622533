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

  /// The names of the tests that the statements of a page end with.
  private static func namesOfTests(on page: String) throws -> [String] {
    try Self.page(page).split(separator: "\n- ").dropFirst().compactMap { statement in
      let text = statement.split(separator: "\n\n")[0]
        .replacing("\n  ", with: " ").trimmingCharacters(in: .newlines)
      let name = text.firstMatch(of: /— `([^`]+)`$/)?.1
      #expect(name != nil, "no test at the end of: \(text)")
      return name.map(String.init)
    }
  }

  @Test func `every statement about semantics names a test that is there`() throws {
    let tests = try Self.swift(in: "Tests")
    let names = try Self.namesOfTests(on: "Semantics")
    #expect(names.count > 40)
    for name in names { #expect(tests.contains("func `\(name)`"), "\(name)") }
  }

  @Test func `every statement about bad input and faults names a test that is there`() throws {
    let faults = try String(
      contentsOf: Self.root.appendingPathComponent("Tests/faults.sh"), encoding: .utf8)
    let tests = try Self.swift(in: "Tests")
    let names = try Self.namesOfTests(on: "Trust")
    #expect(names.count > 20)
    for name in names {
      #expect(
        tests.contains("func `\(name)`") || tests.contains("func \(name)(")
          || faults.contains("case_ '\(name)'") || faults.contains(": \(name) ")
          || faults.contains(": \(name)\""), "\(name)")
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

  @Test(arguments: [
    "Sources/Platform", "Sources/Kernels", "Sources/Autograd", "Sources/Layers", "Sources/Training",
    "Sources/Interchange", "Sources/Zoo",
  ])
  func `a floor's page names files and types that are there`(floor: String) throws {
    try Self.checkNames(of: "\(floor)/README.md")
  }

  @Test(arguments: ["Architecture", "Performance"])
  func `a page about the house names files and types that are there`(page: String) throws {
    try Self.checkNames(of: "Documentation/\(page).md")
  }

  /// What there is: paths, their parts, and types.
  private static let house: (paths: Set<String>, parts: Set<Substring>, types: Set<Substring>) = {
    let folders = ["Sources", "Tests", "Benchmarks"]
    let files = FileManager.default.enumerator(atPath: root.path)?.allObjects as? [String] ?? []
    let paths = files.filter { path in folders.contains { path.hasPrefix($0) } } + ["Package.swift"]
    let parts = Set(paths.flatMap { $0.split(separator: "/") })
    let sources = folders.map { (try? swift(in: $0)) ?? "" }.joined()
    let declaration = /(?:struct|class|enum|protocol|typealias|extension) ([A-Z]\w*)/
    // Names of the language, and those of commands, which are their files'.
    let types = Set(sources.matches(of: declaration).map(\.1))
      .union([
        "Sendable", "Codable", "Builtin", "AnyObject", "Array", "InlineArray", "Mirror", "Optional",
      ])
      .union(parts.filter { $0.hasSuffix(".swift") }.map { $0.dropLast(6) })
    return (Set(paths), parts, types)
  }()

  private static func checkNames(of page: String) throws {
    let (paths, parts, types) = house
    let text = try String(contentsOf: root.appending(path: page), encoding: .utf8)
      .replacing(/```[\s\S]*?```/, with: "")
    let names = text.matches(of: /`([^`\n]+)`/).map(\.1)
    #expect(names.count > 10)
    for name in names {
      if name.hasPrefix("Sources/") || name.hasPrefix("Tests/") {
        #expect(paths.contains(String(name.hasSuffix("/") ? name.dropLast() : name)), "\(name)")
      } else if name.hasSuffix(".swift") {
        let file = name.split(separator: "/").last!.split(separator: "*")
        #expect(
          parts.contains { $0.hasPrefix(file[0]) && $0.hasSuffix(file.last!) }, "\(name)")
      } else if let type = name.firstMatch(of: /^([A-Z][A-Za-z]+)([.<(].*)?$/)?.1 {
        #expect(types.contains(type) || parts.contains(type), "\(name)")
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
