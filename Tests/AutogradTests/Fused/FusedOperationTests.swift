import Autograd
import Foundation
import Kernels
import Testing

/// Each fused operation against its definition, for all that an operation's use can differ in. An
/// operation supplies cases alone (`FusedCase.all`).
@Suite struct FusedOperationTests {
  /// Rounding of sums in another order, of numbers of size 1 to 10.
  private static let tolerance = 1e-10

  @Test(arguments: FusedCase.all, OperandLayout.allCases)
  func `values, gradients, their gradients and tangents are the definition's`(
    example: FusedCase, layout: OperandLayout
  ) {
    let inputs = example.inputs(seed: 1)
    let fused = allDerivatives(inputs) { example.results(layout.lay($0)) { $0.run() } }
    let composed = allDerivatives(inputs) {
      example.results(layout.lay($0)) { $0.composed($0.operands) }
    }
    let difference = largestDifference(fused, composed)
    #expect(difference < Self.tolerance, "\(difference)")
  }

  /// What is not needed is not computed, and what is needed is the same without it.
  @Test(arguments: FusedCase.all)
  func `an operand may be a constant`(example: FusedCase) {
    let inputs = example.inputs(seed: 2)
    let all = valueWithGradient(at: inputs) { square(example.results($0) { $0.run() }).sum() }
    for place in inputs.indices {
      let alone = gradient(at: inputs[place]) { x in
        var operands = inputs
        operands[place] = x
        return square(example.results(operands) { $0.run() }).sum()
      }
      #expect(alone == all.gradients[place], "operand \(place)")
    }
  }

  /// A record that is kept is taken back once for each row.
  @Test(arguments: FusedCase.all)
  func `what is kept outlasts all passes but the last`(example: FusedCase) {
    let inputs = example.inputs(seed: 3)
    func results(_ x: [Tensor<Double>]) -> Tensor<Double> { example.results(x) { $0.run() } }
    let jacobians = jacobian(at: inputs) { results($0) }
    for row in 0..<min(results(inputs).count, 4) {
      let alone = valueWithGradient(at: inputs) { results($0).selected(axis: 0, at: row) }
      for (jacobian, gradient) in zip(jacobians, alone.gradients) {
        #expect(jacobian.selected(axis: 0, at: row) == gradient)
      }
    }
  }

  @Test(arguments: FusedCase.all)
  func `the number of threads changes no bit`(example: FusedCase) {
    let inputs = example.inputs(seed: 4)
    let before = Threads.count
    defer { Threads.count = before }
    let found = [1, 2, 5].map { threads in
      Threads.count = threads
      return allDerivatives(inputs) { example.results($0) { $0.run() } }
    }
    #expect(found[0] == found[1] && found[0] == found[2])
  }

  @Test(arguments: FusedCase.all)
  func `Float is Double but for rounding`(example: FusedCase) {
    let inputs = example.inputs(seed: 5)
    let exact = valueWithGradient(at: inputs) { square(example.results($0) { $0.run() }).sum() }
    let found = valueWithGradient(at: inputs.map { $0.converted(to: Float.self) }) {
      square(example.results($0) { $0.run() }).sum()
    }
    let difference = largestDifference(
      found.gradients.map { $0.converted(to: Double.self) }, exact.gradients)
    #expect(difference < 1e-4, "\(difference)")
  }

  /// Whoever adds an operation adds its cases.
  @Test func `each fused operation has a case`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/Autograd/Fused")
    let paths = try #require(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var names: Set<String> = []
    for case let path as URL in paths where path.pathExtension == "swift" {
      let text = try String(contentsOf: path, encoding: .utf8)
      let found = text.matches(of: /(?:struct|class|extension) (\w+): FusedOperation/)
      names.formUnion(found.map { String($0.1) })
    }
    let tried = Set(
      FusedCase.all.map { String(describing: type(of: $0.operation($0.inputs(seed: 1)))) })
    #expect(!names.isEmpty && names == tried)
  }
}

/// How an operand lies in memory.
enum OperandLayout: CaseIterable {
  /// Element after element.
  case contiguous
  /// With the last two axes in the other order.
  case transposed
  /// As a part of something larger.
  case part
  /// With one row for all of the first axis.
  case broadcast

  func lay<Scalar: FloatingPointScalar>(_ operands: [Tensor<Scalar>]) -> [Tensor<Scalar>] {
    operands.map { lay($0) }
  }

  private func lay<Scalar: FloatingPointScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .contiguous: return x
    case .transposed:
      if x.rank < 2 { return x }
      // A sum with zeros lies in the order in which it is computed.
      let turned = x.transposed(axes: x.rank - 2, x.rank - 1)
      return (turned + Tensor.zeros(turned.shape)).transposed(axes: x.rank - 2, x.rank - 1)
    case .part:
      let wide = Tensor<Scalar>.concatenated([x, x, x], axis: x.rank - 1)
      let width = x.shape[x.rank - 1]
      return wide.narrowed(axis: x.rank - 1, to: width..<(2 * width))
    case .broadcast:
      return x.narrowed(axis: 0, to: 0..<1).expanded(to: x.shape)
    }
  }
}
