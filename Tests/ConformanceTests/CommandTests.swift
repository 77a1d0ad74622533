import Testing
import conformance

@Suite struct CommandTests {
  private func run(_ arguments: String...) -> (status: Int32, output: String, errors: String) {
    var output = ""
    var errors = ""
    let status = Command().run(
      arguments, print: { output += $0 }, complain: { errors += $0 })
    return (status, output, errors)
  }

  @Test func `a missing directory is told in one sentence, with status 2`() {
    let result = run("/no/such/directory")
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("conformance: /no/such/directory: expected a directory"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func `wrong arguments are told, with status 2`() {
    #expect(run().status == 2)
    #expect(run("--fliter", "x").errors.contains("--fliter"))
    #expect(run("a", "b").errors.contains("\"b\""))
    #expect(run("a", "--filter").errors.contains("--filter"))
    #expect(run("a", "--scalar", "half").errors.contains("--scalar needs double or float"))
  }

  private static let corpus =
    #filePath.split(separator: "/").dropLast(2)
    .reduce("") { "\($0)/\($1)" } + "/Conformance"

  @Test func `all cases pass in double and in single precision`() {
    let both = run(Self.corpus)
    #expect(both.status == 0)
    #expect(both.output.contains("\nDouble: ") && both.output.contains("\nFloat: "))
    let last = both.output.split(separator: "\n").last ?? ""
    #expect(last.hasSuffix(" passed, 0 failed, 0 skipped"))
    let single = run(Self.corpus, "--scalar", "float", "--filter", "ops/exp")
    #expect(single.status == 0)
    #expect(!single.output.contains("Double"))
  }
}
