import Autograd
import FoundationEssentials
import Testing
import Training
import conformance

/// A wrong number, shape or type must not pass: each test breaks one thing of a right case.
@Suite struct ComparisonTests {
  /// The outcome of exp(0), exp(1) with the given answers.
  private func outcome(
    output: StoredTensor, gradient: StoredTensor, operation: String = "exp",
    metadata: String? = nil, scalar: ScalarType = .double
  ) throws -> Runner.Outcome {
    let path = TemporaryPath.fresh()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = SafeTensors(
      metadata: [
        "case": metadata ?? #"{"op": "\#(operation)", "attributes": {}, "inputs": ["input"]}"#
      ],
      tensors: [
        "input.0": .init([0, 1] as [Double], shape: [2]), "output.0": output,
        "cotangent.0": .init([1, 2] as [Double], shape: [2]), "gradient.0": gradient,
      ])
    try file.write(to: path)
    return try Runner(scalar: scalar).run(Case(path: path, family: "ops"))
  }

  private let e = 2.718281828459045
  private func entry(_ values: [Double]) -> StoredTensor { .init(values, shape: [2]) }

  @Test func `the right numbers pass, up to the tolerance`() throws {
    guard case .passed = try outcome(output: entry([1, e]), gradient: entry([1, 2 * e])) else {
      Issue.record("the case does not pass")
      return
    }
  }

  @Test func `a wrong output fails, and the message says where`() throws {
    let result = try outcome(output: entry([1, e + 1e-8]), gradient: entry([1, 2 * e]))
    guard case .failed(let difference) = result else {
      Issue.record("an output off by 1e-8 passes")
      return
    }
    #expect(difference.description.hasPrefix("output.0: element [1] is 2.718281828459045"))
  }

  @Test func `a wrong gradient, NaN, shape or type fails`() throws {
    for (output, gradient) in [
      (entry([1, e]), entry([1, e])), (entry([1, .nan]), entry([1, 2 * e])),
      (entry([1, .infinity]), entry([1, 2 * e])),
      (StoredTensor([1, e] as [Double], shape: [2, 1]), entry([1, 2 * e])),
      (StoredTensor([1, 2] as [Int64], shape: [2]), entry([1, 2 * e])),
    ] {
      guard case .failed = try outcome(output: output, gradient: gradient) else {
        Issue.record("a wrong answer passes")
        continue
      }
    }
  }

  @Test func `single precision has a bound of its own`() throws {
    // Near 3, 64 units of 2^-23 of the number and of the scale 1 each are 2.8e-5.
    for (error, passes) in [(1e-7, true), (2e-5, true), (1e-4, false)] {
      let result = try outcome(
        output: entry([1, e + error]), gradient: entry([1, 2 * e]), scalar: .float)
      if case .passed = result { #expect(passes) } else { #expect(!passes) }
    }
  }

  @Test func `an operation that is not there is skipped`() throws {
    let result = try outcome(
      output: entry([1, e]), gradient: entry([1, e]), operation: "no_such_operation")
    guard case .skipped = result else {
      Issue.record("an unknown operation is not skipped")
      return
    }
  }

  @Test func `a case without a description is an error that names the file`() {
    #expect {
      try outcome(output: entry([1, e]), gradient: entry([1, e]), metadata: "{")
    } throws: {
      "\($0)".contains("expected a JSON object with 'op'")
    }
  }
}

/// Files for a test.
enum TemporaryPath {
  static func fresh() -> String {
    FileManager.default.temporaryDirectory.path + "/tapestry-case-\(UUID().uuidString).safetensors"
  }
}
