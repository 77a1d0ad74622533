import Autograd
import Foundation
import Testing

/// The derivative of a function of one number.
private func derivative(
  _ function: @escaping (Tensor<Double>) -> Tensor<Double>
) -> (Tensor<Double>) -> Tensor<Double> {
  { x in gradient(at: x, of: function) }
}

@Suite struct TapeTests {
  /// Runs the body on a thread of its own with the given stack.
  private func onThread<Result: Sendable>(
    stack: Int, _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      let thread = Thread { continuation.resume(returning: body()) }
      thread.stackSize = stack
      thread.start()
    }
  }

  /// `x = sin(x * y + 0.5)` over and over: three operations a round.
  private static func chain(_ y: Tensor<Double>, rounds: Int) -> Tensor<Double> {
    var x = Tensor<Double>(0.1)
    for _ in 0..<rounds { x = sin(x * y + 0.5) }
    return x
  }

  @Test func `a chain of a million operations needs no more than a small stack`() async {
    let rounds = 333_334
    let (value, gradient) = await onThread(stack: 512 << 10) {
      valueWithGradient(at: Tensor(0.9)) { Self.chain($0, rounds: rounds) }
    }
    // The same forward and by hand: x and its derivative with respect to y.
    var (x, slope) = (0.1, 0.0)
    for _ in 0..<rounds {
      let inner = x * 0.9 + 0.5
      slope = Foundation.cos(inner) * (slope * 0.9 + x)
      x = Foundation.sin(inner)
    }
    // The iteration contracts, so that only the last few roundings count.
    #expect(abs(value.scalar - x) < 1e-14)
    #expect(abs(gradient.scalar - slope) < 1e-13)
  }

  @Test func `a long chain that nothing depends on is freed as easily`() async {
    let slope = await onThread(stack: 512 << 10) { () -> Tensor<Double> in
      gradient(at: Tensor(0.9)) { y in
        _ = Self.chain(y, rounds: 100_000)
        return y * 2
      }
    }
    #expect(slope.scalar == 2)
  }

  @Test func `nested gradients are those of higher order`() {
    let power = { (x: Tensor<Double>) in x * x * x * x * x }
    // Whole numbers, so all exact: 5 x^4, 20 x^3, 60 x^2, 120 x at 2.
    #expect(derivative(power)(Tensor(2)).scalar == 80)
    #expect(derivative(derivative(power))(Tensor(2)).scalar == 160)
    #expect(derivative(derivative(derivative(power)))(Tensor(2)).scalar == 240)
    #expect(derivative(derivative(derivative(derivative(power))))(Tensor(2)).scalar == 240)
  }

  @Test func `the third derivative of tanh is right`() {
    let third = derivative(derivative(derivative { tanh($0) }))(Tensor(0.3)).scalar
    let t = Foundation.tanh(0.3)
    let slope = 1 - t * t
    // A dozen roundings of numbers of size 1.
    #expect(abs(third - (-2 * slope * slope + 4 * t * t * slope)) < 1e-14)
  }

  @Test func `an outer variable is seen through an inner gradient`() {
    // d/dy of d/dx (x^2 y) = d/dy (2 x y) = 2 x.
    let outer = gradient(at: Tensor(7.0)) { y in
      gradient(at: Tensor(3.0)) { x in x * x * y }
    }
    #expect(outer.scalar == 6)
  }

  @Test func `gradients of a function of several inputs come in their order`() {
    let inputs = [Tensor<Double>([1, 2]), Tensor<Double>([3, 4]), Tensor<Double>(5)]
    let (value, gradients) = valueWithGradient(at: inputs) { ($0[0] * $0[1] * $0[2]).sum() }
    #expect(value.scalar == 55)
    #expect(gradients == [Tensor([15, 20]), Tensor([5, 10]), Tensor(11)])
  }

  @Test func `an input on which the result does not depend has a zero gradient`() {
    let inputs = [Tensor<Double>([1, 2]), Tensor<Double>([[3, 4]])]
    let (_, gradients) = valueWithGradient(at: inputs) { $0[0].sum() }
    #expect(gradients == [Tensor([1, 1]), Tensor([[0, 0]])])
    #expect(gradient(at: inputs[1]) { _ in Tensor(1) } == Tensor([[0, 0]]))
  }

  @Test func `what is detached, or computed without gradient, is a constant`() {
    let x = Tensor(3.0)
    #expect(gradient(at: x) { $0 * $0.detached }.scalar == 3)
    #expect(gradient(at: x) { x in x * withoutGradient { x * x } }.scalar == 9)
    #expect(gradient(at: x) { x in withoutGradient { x * x } }.scalar == 0)
  }

  @Test func `mappingGradient looks at a gradient on its way, and changes it`() {
    var seen: [Double] = []
    let result = gradient(at: Tensor(3.0)) { x in
      let y = (x * x).mappingGradient { gradient in
        seen.append(gradient.scalar)
        return gradient * 10
      }
      return y * 4
    }
    #expect(seen == [4])
    #expect(result.scalar == 240)
  }

  @Test func `the value and its gradients are on no tape`() {
    let (value, gradient) = valueWithGradient(at: Tensor(3.0)) { $0 * $0 }
    #expect(value.untyped.tape == nil)
    #expect(gradient.untyped.tape == nil)
  }

  // MARK: A user's own operations

  /// The cube, by a loop that the tape knows nothing of.
  private func cube(_ x: Tensor<Double>) -> Tensor<Double> {
    customOperation("cube", [x]) { x in
      Tensor(x[0].scalars.map { $0 * $0 * $0 }, shape: x[0].shape)
    } pullback: { gradient, x, _ in
      [gradient * 3 * x[0] * x[0]]
    }
  }

  @Test func `a user's own operation can be checked, in second order too`() {
    let x = Tensor<Double>([-1.5, 0.5, 2])
    #expect(cube(x) == Tensor([-3.375, 0.125, 8]))
    // A central difference with step 1e-5 of numbers of size 10.
    let check = GradientCheck(at: [x], order: 2, tolerance: 1e-8) { cube($0[0]) }
    #expect(check.passes, "\(check)")
  }

  @Test func `the check finds a wrong pullback`() {
    let check = GradientCheck(at: [Tensor([1.0, 2.0])]) { x in
      customOperation("wrong", x) {
        $0[0] * $0[0]
      } pullback: { gradient, x, _ in
        [gradient * x[0]]
      }
    }
    #expect(!check.passes)
    #expect(check.error > 0.4)
  }

  @Test func `an operation may give no gradient for an input, and may return an input`() {
    let (value, gradients) = valueWithGradient(at: [Tensor(2.0), Tensor(3.0)]) { inputs in
      customOperation("first", inputs) {
        $0[0]
      } pullback: { gradient, _, output in
        [gradient * output, nil]
      }
    }
    #expect(value.scalar == 2)
    #expect(gradients.map(\.scalar) == [2, 0])
  }

  // MARK: Threads

  @Test func `threads that differentiate at the same tensors do not disturb each other`() async {
    var generator = Generator(seed: 1)
    let x = Tensor<Double>.normal([17, 9], using: &generator)
    @Sendable func run() -> Tensor<Double> {
      gradient(at: x) { x in
        (0..<20).reduce(x) { y, _ in tanh(matmul(matmul(y, x.transposed()), y)) }.sum()
      }
    }
    let alone = run()
    let together = await withTaskGroup(of: Tensor<Double>.self) { group in
      for _ in 0..<4 { group.addTask { await self.onThread(stack: 1 << 20, run) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(together == [alone, alone, alone, alone])
  }
}
