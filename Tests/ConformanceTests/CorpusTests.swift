import FoundationEssentials
import Testing
import conformance

/// The cases that the project keeps of the corpus: one or two of each operation.
@Suite struct CorpusTests {
  private static let directory =
    #filePath.split(separator: "/").dropLast(2)
    .reduce("") { "\($0)/\($1)" } + "/Conformance"

  /// `family/name` of each folder.
  private static let names: [String] = {
    let paths = try! Case.paths(in: directory).map(\.path)
    return Set(paths.map { $0.split(separator: "/").dropLast().suffix(2).joined(separator: "/") })
      .sorted()
  }()

  @Test(arguments: names) func `outputs and gradients are PyTorch's`(name: String) throws {
    let runner = Runner()
    let family = String(name.split(separator: "/")[0])
    for (path, _) in try Case.paths(in: Self.directory) where path.contains("/\(name)/") {
      switch try runner.run(Case(path: path, family: family)) {
      case .passed: break
      case .failed(let difference): Issue.record("\(path): \(difference)")
      case .skipped: Issue.record("\(path) was skipped")
      }
    }
  }

  @Test func `every operation of the corpus has a case here`() {
    #expect(Self.names.count { $0.hasPrefix("ops/") } == 112)
    #expect(Self.names.count { $0.hasPrefix("gradgrad/") } == 32)
  }
}
