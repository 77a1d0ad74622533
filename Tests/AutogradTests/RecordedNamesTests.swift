import Autograd
import Foundation
import Testing

/// Each operation that the module records is taken through the checks of derivatives by some case.
@Suite struct RecordedNamesTests {
  /// Names that no case can have, and why.
  private static let exceptions = [
    "variance": "of no more numbers than the correction, which is not a number, and so its gradient"
  ]

  @Test func `every name that is recorded has a case`() throws {
    let (written, recorded) = (try Self.written(), Self.recorded())
    #expect(written.count > 60)
    #expect(written.subtracting(recorded).subtracting(Self.exceptions.keys).sorted() == [])
    // Otherwise a record is written in some way that `written` does not see.
    #expect(recorded.subtracting(written).sorted() == [])
    #expect(Set(Self.exceptions.keys).subtracting(written).sorted() == [])
    #expect(recorded.intersection(Self.exceptions.keys).sorted() == [])
  }

  /// The names in the sources: in calls of `record`, and of fused operations.
  private static func written() throws -> Set<String> {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/Autograd")
    let files = FileManager.default.enumerator(atPath: root.path)?.allObjects as? [String] ?? []
    var names: Set<String> = []
    for file in files where file.hasSuffix(".swift") {
      let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
      let places =
        text.matches(of: /\.record\(\s*([^,]*),/).map(\.1)
        + text.matches(of: /var name: StaticString \{ ([^}]*)\}/).map(\.1)
        + text.matches(of: /(?s)var name: StaticString \{\n(.*?)\n  \}/).map(\.1)
      for place in places {
        for name in place.matches(of: /"([^"]+)"/) { names.insert(String(name.1)) }
      }
    }
    return names
  }

  /// The names that the cases record, with those of their gradients where these are differentiated.
  private static func recorded() -> Set<String> {
    let names = Names()
    Observers.with(names) {
      for operation in DerivativeCase.all {
        let domain = operation.domain
        var generator = Generator(seed: 3)
        let inputs: [Tensor<Double>] = operation.shapes.map {
          .uniform($0, in: domain.lowerBound...domain.upperBound, using: &generator)
        }
        _ = allDerivatives(inputs, operation.function)
      }
      for example in FusedCase.all {
        _ = valueWithGradient(at: example.inputs(seed: 3)) {
          example.results($0) { $0.run() }.sum()
        }
      }
    }
    return names.all
  }

  /// Notes the names of records.
  private final class Names: TapeObserver {
    var all: Set<String> = []

    func computed(
      _ name: StaticString, _ results: [UntypedTensor], _ operands: [UntypedTensor], on tape: Tape,
      at index: Int?
    ) {
      if index != nil { all.insert("\(name)") }
    }

    func passBegins(on tape: Tape) {}
    func tookBack(_ name: StaticString, _ gradients: [UntypedTensor], on tape: Tape, at index: Int)
    {}
  }
}
