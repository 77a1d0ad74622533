import FoundationEssentials
import Testing
import Training
import conformance

@Suite struct CommandTests {
  private func run(_ arguments: String...) -> (status: Int32, output: String, errors: String) {
    var output = ""
    var errors = ""
    let status = Command(executable: Self.program).run(
      arguments, output: Output { output += $0 }, complain: { errors += $0 })
    return (status, output, errors)
  }

  /// The program, which is built beside the tests.
  private static let program: String = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = (tests ?? CommandLine.arguments[0]).split(separator: "/").dropLast()
    return folder.reduce("") { "\($0)/\($1)" } + "/conformance"
  }()

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
    #expect(run("a", "--answering", "-1").errors.contains("--answering needs the number"))
  }

  @Test func `a report that cannot be written is told, with status 2`() {
    struct Full: Error, CustomStringConvertible { let description = "the disk is full" }
    var errors = ""
    let status = Command(executable: Self.program).run(
      [Self.corpus, "--filter", "ops/exp/", "--scalar", "float"],
      output: Output { _ in throw Full() }, complain: { errors += $0 })
    #expect(status == 2)
    #expect(errors == "conformance: the disk is full\n")
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
    #expect(both.errors.isEmpty)
    let single = run(Self.corpus, "--scalar", "float", "--filter", "ops/exp")
    #expect(single.status == 0)
    #expect(!single.output.contains("Double"))
  }

  /// Runs the cases `ops/matmul/NNN`, given as their metadata and the shape of the right factor;
  /// the left one is a vector of two ones, as is the answer.
  private func run(
    matrixProducts cases: [(metadata: String, right: [Int])], _ arguments: [String] = []
  ) throws -> (status: Int32, output: String, errors: String) {
    let directory = FileManager.default.temporaryDirectory.path + "/cases-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(
      atPath: directory + "/ops/matmul", withIntermediateDirectories: true)
    for (number, item) in cases.enumerated() {
      func ones(_ shape: [Int]) -> StoredTensor {
        .init([Double](repeating: 1, count: shape.reduce(1, *)), shape: shape)
      }
      try SafeTensors(
        metadata: ["case": item.metadata],
        tensors: [
          "input.0": ones([1]), "input.1": ones(item.right), "output.0": ones([2]),
        ]
      ).write(to: "\(directory)/ops/matmul/00\(number).safetensors")
    }
    var output = ""
    var errors = ""
    let status = Command(executable: Self.program).run(
      [directory] + arguments, output: Output { output += $0 }, complain: { errors += $0 })
    return (status, output, errors)
  }

  private static let product = #"{"op": "matmul", "inputs": ["input", "other"]}"#

  @Test func `a case that ends the process has failed, and the others run`() throws {
    let good = (metadata: Self.product, right: [1, 2])
    let result = try run(
      matrixProducts: [good, (Self.product, [3, 2]), good], ["--scalar", "double"])
    #expect(result.status == 1)
    #expect(result.output.hasSuffix("\n2 passed, 1 failed, 0 skipped\n"))
    #expect(
      result.output.contains(
        "ops/matmul/001.safetensors: trapped: matmul: [1] x [3, 2]: inner sizes 1 and 3 differ\n"))
    #expect(result.errors.isEmpty)
  }

  @Test func `the last case and the first of the other precision may end the process`() throws {
    let result = try run(matrixProducts: [(Self.product, [3, 2])], ["--verbose"])
    #expect(result.status == 1)
    #expect(result.output.hasSuffix("\n0 passed, 2 failed, 0 skipped\n"))
    for scalar in ["Double", "Float"] {
      #expect(result.output.contains("\(scalar) ops/matmul/000.safetensors\n"))
      #expect(result.output.contains("\n\(scalar): 0 passed, 1 failed, 0 skipped\n"))
    }
  }

  @Test func `a malformed file is told, with status 2, and the others run`() throws {
    let good = (metadata: Self.product, right: [1, 2])
    let result = try run(matrixProducts: [good, ("{\n", [1, 2]), good], ["--scalar", "float"])
    #expect(result.status == 2)
    #expect(result.output.hasSuffix("\n2 passed, 1 failed, 0 skipped\n"))
    #expect(result.errors.contains("001.safetensors: expected a JSON object with 'op'"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }
}
