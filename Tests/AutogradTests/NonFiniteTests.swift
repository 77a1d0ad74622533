import Autograd
import Foundation
import Testing

/// What the search for the first value that is not finite says. Each runs in a process of its own.
@Suite struct NonFiniteTests {
  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  private static let logarithm = #line + 4
  @inline(never)
  private static func logarithms(_ x: Tensor<Double>) -> Tensor<Double> {
    let shifted = x - 2
    return log(shifted + 1) * 0
  }

  private static let root = #line + 3
  @inline(never)
  private static func roots(_ x: Tensor<Double>) -> Tensor<Double> {
    let roots = sqrt(x)
    return roots + 1
  }

  @Test func `the operation, the line and the layer are named`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = stoppingAtNonFinite {
        gradient(at: Tensor([1.0, 2.0])) { Self.logarithms($0).sum() }
      }
    }
    let text = message(result)
    #expect(text.contains("log, called at "))
    #expect(
      text.contains("NonFiniteTests.swift:\(Self.logarithm), of [2] gives -inf at [0]"), "\(text)")
  }

  @Test func `a gradient that is not finite is laid to its operation`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = stoppingAtNonFinite {
        gradient(at: Tensor([4.0, 0.0])) { Self.roots($0).sum() }
      }
    }
    let text = message(result)
    #expect(text.contains("the gradient that sqrt, called at "))
    #expect(
      text.contains("NonFiniteTests.swift:\(Self.root), sends to an operand has inf at [1]"),
      "\(text)")
  }

  @Test func `so is one of a gradient of a gradient, and of forward mode`() async {
    let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      // x^1.5 has a finite slope at 0, and an infinite second derivative.
      _ = stoppingAtNonFinite {
        gradient(at: Tensor(0.0)) { gradient(at: $0) { pow($0, 1.5) } }
      }
    }
    #expect(message(second).contains("the gradient that pow"))
    let forward = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = stoppingAtNonFinite {
        jacobianVectorProduct(at: Tensor(0.0), along: Tensor(1.0)) { 1 / $0 }
      }
    }
    #expect(message(forward).contains("divide, called at "))
  }

  @Test func `a constant operand that was not finite before is told`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let constant = Tensor([1.0, .nan])
      _ = gradient(at: Tensor([1.0, 2.0])) { x in
        // Within a gradient it may be as well.
        stoppingAtNonFinite { (x * constant).sum() }
      }
    }
    #expect(message(result).contains("of [2], [2] gives nan at [1]"))
    #expect(message(result).contains("its operand 1, a constant, is not finite either"))
  }

  @Test func `what is finite passes, and infinity may`() {
    let x = Tensor([1.0, 2.0])
    let plain = valueWithGradient(at: x) { exp($0).sum() }
    let watched = stoppingAtNonFinite { valueWithGradient(at: x) { exp($0).sum() } }
    #expect(watched.value == plain.value)
    #expect(watched.gradient == plain.gradient)
    let masked = stoppingAtNonFinite(allowsInfinity: true) {
      gradient(at: x) { x in
        exp(logSoftmax(x, axis: 0, mask: Tensor([true, false]))).sum()
      }
    }
    #expect(masked == Tensor([0, 0]))
    // Outside of the body nothing is looked at.
    #expect(gradient(at: Tensor(0.0)) { sqrt($0) }.scalar == .infinity)
  }
}
