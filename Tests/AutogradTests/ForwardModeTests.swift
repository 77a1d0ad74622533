import Autograd
import Testing

/// Forward mode, alone and nested with reverse mode, of every operation that the module lists.
@Suite struct ForwardModeTests {
  /// An operation with the point at which it is looked at, and directions there.
  private struct Case {
    let function: ([Tensor<Double>]) -> Tensor<Double>
    let inputs: [Tensor<Double>]
    let directions: [[Tensor<Double>]]
    private let weights: Tensor<Double>

    init(_ operation: DerivativeCase) {
      var generator = Generator(seed: 5)
      func draw(_ domain: ClosedRange<Double>) -> [Tensor<Double>] {
        operation.shapes.map {
          .uniform($0, in: domain.lowerBound...domain.upperBound, using: &generator)
        }
      }
      function = operation.function
      inputs = draw(operation.domain)
      directions = [draw(-1...1), draw(-1...1)]
      let shape = operation.function(inputs).shape
      weights = .uniform(shape, in: 0.5...1.5, using: &generator)
    }

    /// The elements summed with fixed weights; the square makes the Hessian see every operand.
    func number(_ x: [Tensor<Double>]) -> Tensor<Double> {
      let y = function(x)
      return (weights * y + square(y) * 0.5).sum()
    }

    func tangent(
      _ x: [Tensor<Double>], _ v: [Tensor<Double>],
      _ function: ([Tensor<Double>]) -> [Tensor<Double>]
    ) -> [Tensor<Double>] {
      jacobianVectorProduct(at: x, along: v, of: function).tangents
    }

    func gradients(
      _ x: [Tensor<Double>], _ function: ([Tensor<Double>]) -> Tensor<Double>
    ) -> [Tensor<Double>] {
      valueWithGradient(at: x, of: function).gradients
    }

    func moved(_ step: Double) -> [Tensor<Double>] {
      zip(inputs, directions[0]).map { $0 + $1 * step }
    }
  }

  private static func dot(_ a: [Tensor<Double>], _ b: [Tensor<Double>]) -> Tensor<Double> {
    zip(a, b).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
  }

  /// The largest difference of elements, relative to those above 1.
  private static func distance(_ a: [Tensor<Double>], _ b: [Tensor<Double>]) -> Double {
    zip(a, b).reduce(0) { worst, pair in
      zip(pair.0.scalars, pair.1.scalars).reduce(worst) { worst, numbers in
        let error = abs(numbers.0 - numbers.1) / max(1, abs(numbers.0), abs(numbers.1))
        return error.isNaN ? .infinity : max(worst, error)
      }
    }
  }

  private func find(_ name: String) throws -> Case {
    Case(try #require(DerivativeCase.all.first { $0.name == name }))
  }

  @Test(arguments: DerivativeCase.all.map(\.name))
  func `tangents agree with finite differences and with gradients`(name: String) throws {
    let test = try find(name)
    let (v, u) = (test.directions[0], Tensor<Double>.ones(test.function(test.inputs).shape))
    let (outputs, tangents) = jacobianVectorProduct(at: test.inputs, along: v) {
      [test.function($0)]
    }
    #expect(outputs[0] == test.function(test.inputs))
    let step = 1e-5
    let difference =
      (test.function(test.moved(step)) - test.function(test.moved(-step))) / (2 * step)
    // Differences with step 1e-5 of functions whose third derivatives are of size 1 to 10.
    #expect(Self.distance(tangents, [difference]) < 1e-7)
    // The same sums of products in another order: a few roundings.
    let gradients = test.gradients(test.inputs) { (test.function($0) * u).sum() }
    #expect(Self.distance([Self.dot(tangents, [u])], [Self.dot(gradients, v)]) < 1e-12)
  }

  @Test(arguments: DerivativeCase.all.map(\.name))
  func `forward and reverse mode nest in any order`(name: String) throws {
    let test = try find(name)
    let (x, v, w) = (test.inputs, test.directions[0], test.directions[1])
    // All four are the Hessian times v.
    let reverseReverse = test.gradients(x) { x in
      Self.dot(test.gradients(x, test.number), v)
    }
    let forwardReverse = test.tangent(x, v) { test.gradients($0, test.number) }
    let reverseForward = test.gradients(x) { x in
      test.tangent(x, v) { [test.number($0)] }[0]
    }
    #expect(Self.distance(forwardReverse, reverseReverse) < 1e-11)
    #expect(Self.distance(reverseForward, reverseReverse) < 1e-11)
    let forwardForward = test.tangent(x, w) { x in
      test.tangent(x, v) { [test.number($0)] }
    }
    #expect(Self.distance(forwardForward, [Self.dot(reverseReverse, w)]) < 1e-11)
  }

  @Test(arguments: [
    "tanh", "divide", "pow", "matmul, batch", "linear", "softmax", "layerNorm",
    "overlapping parts", "unstack", "additiveScores", "scaledDotProductAttention, masked",
  ])
  func `so they do three deep`(name: String) throws {
    let test = try find(name)
    let (x, v, w) = (test.inputs, test.directions[0], test.directions[1])
    let reverse = test.gradients(x) { x in
      Self.dot(test.gradients(x) { Self.dot(test.gradients($0, test.number), v) }, w)
    }
    let forwardReverseForward = test.tangent(x, w) { x in
      test.gradients(x) { x in test.tangent(x, v) { [test.number($0)] }[0] }
    }
    let reverseForwardReverse = test.gradients(x) { x in
      Self.dot(test.tangent(x, w) { test.gradients($0, test.number) }, v)
    }
    let forwardForwardReverse = test.tangent(x, w) { x in
      test.tangent(x, v) { test.gradients($0, test.number) }
    }
    #expect(Self.distance(forwardReverseForward, reverse) < 1e-10)
    #expect(Self.distance(reverseForwardReverse, reverse) < 1e-10)
    #expect(Self.distance(forwardForwardReverse, reverse) < 1e-10)
  }

  @Test func `a direction does not leak into another call's`() {
    // d/dx (x d/dy (x + y)) = 1 and not 2.
    let one = Tensor(1.0)
    let outer = jacobianVectorProduct(at: Tensor(3.0), along: one) { x in
      x * jacobianVectorProduct(at: Tensor(5.0), along: one) { y in x + y }.tangent
    }
    #expect(outer.tangent.scalar == 1)
    // The same with a gradient outside, and inside.
    let reverse = gradient(at: Tensor(3.0)) { x in
      x * jacobianVectorProduct(at: Tensor(5.0), along: one) { y in x * y }.tangent
    }
    #expect(reverse.scalar == 6)
    let forward = jacobianVectorProduct(at: Tensor(3.0), along: one) { x in
      x * gradient(at: Tensor(5.0)) { y in x * y }
    }
    #expect(forward.tangent.scalar == 6)
  }

  @Test func `what a call leaves behind means nothing to the next`() {
    var kept: Tensor<Double>?
    let one = Tensor(1.0)
    _ = jacobianVectorProduct(at: Tensor(3.0), along: one) { x in
      kept = x * x
      return x
    }
    let later = jacobianVectorProduct(at: Tensor(2.0), along: one) { $0 * kept! }
    #expect(later.tangent.scalar == 9)
    #expect(gradient(at: Tensor(2.0)) { $0 * kept! }.scalar == 9)
  }

  @Test func `what is detached, or computed without gradient, has no tangent`() {
    let (x, one) = (Tensor(3.0), Tensor(1.0))
    func slope(_ function: (Tensor<Double>) -> Tensor<Double>) -> Double {
      jacobianVectorProduct(at: x, along: one, of: function).tangent.scalar
    }
    #expect(slope { $0 * $0.detached } == 3)
    #expect(slope { x in x * withoutGradient { x * x } } == 9)
    #expect(slope { x in withoutGradient { x * x } } == 0)
    #expect(slope { x in withoutGradient { gradient(at: x) { $0 * $0 } } } == 0)
    #expect(slope { _ in Tensor(7) } == 0)
    #expect(slope { $0 } == 1)
  }

  @Test func `an input without a tangent stays where it is`() {
    let (outputs, tangents) = jacobianVectorProduct(
      at: [Tensor(3.0), Tensor(5.0)], along: [nil, Tensor(1)]
    ) { [$0[0] * $0[1], $0[0]] }
    #expect(outputs.map(\.scalar) == [15, 3])
    #expect(tangents.map(\.scalar) == [3, 0])
  }

  @Test func `results are on no tape`() {
    let (output, tangent) = jacobianVectorProduct(at: Tensor(3.0), along: Tensor(1)) { $0 * $0 }
    #expect(output.untyped.tape == nil)
    #expect(tangent.untyped.tape == nil)
    #expect(tangent.scalar == 6)
  }

  @Test func `nothing is kept of a long computation`() {
    weak var middle: UntypedTensor?
    let (output, tangent) = jacobianVectorProduct(at: Tensor(0.9), along: Tensor(1)) { y in
      var x = Tensor<Double>(0.1)
      for round in 0..<10_000 {
        x = sin(x * y + 0.5)
        if round == 5000 { middle = x.untyped }
      }
      #expect(Tape.current?.records.isEmpty == true)
      #expect(middle == nil)
      return x
    }
    let reverse = valueWithGradient(at: Tensor(0.9)) { y in
      (0..<10_000).reduce(Tensor(0.1)) { x, _ in sin(x * y + 0.5) }
    }
    #expect(output == reverse.value)
    // The iteration contracts, so that only the last few roundings count.
    #expect(abs(tangent.scalar - reverse.gradient.scalar) < 1e-14)
  }

  // MARK: A user's own operations

  private func cube(
    _ x: Tensor<Double>,
    pushforward: (([Tensor<Double>?], [Tensor<Double>], Tensor<Double>) -> Tensor<Double>)? = nil
  ) -> Tensor<Double> {
    customOperation("cube", [x]) { x in
      Tensor(x[0].scalars.map { $0 * $0 * $0 }, shape: x[0].shape)
    } pullback: { gradient, x, _ in
      [gradient * 3 * x[0] * x[0]]
    } pushforward: { tangents, x, y in
      pushforward?(tangents, x, y) ?? tangents[0]! * 3 * x[0] * x[0]
    }
  }

  @Test func `the tangent of a user's operation follows from its pullback`() {
    let (x, v) = (Tensor<Double>([-1.5, 0.5, 2]), Tensor<Double>([1, 2, 3]))
    func cube(_ x: Tensor<Double>) -> Tensor<Double> {
      customOperation("cube", [x]) { x in
        Tensor(x[0].scalars.map { $0 * $0 * $0 }, shape: x[0].shape)
      } pullback: { gradient, x, _ in
        [gradient * 3 * x[0] * x[0]]
      }
    }
    let first = jacobianVectorProduct(at: x, along: v, of: cube).tangent
    #expect(first == Tensor([6.75, 1.5, 36]))
    let second = jacobianVectorProduct(at: x, along: v) { x in
      jacobianVectorProduct(at: x, along: v, of: cube).tangent
    }
    // 6 x v².
    #expect(second.tangent == Tensor([-9, 12, 108]))
    #expect(
      gradient(at: x) { jacobianVectorProduct(at: $0, along: v, of: cube).tangent.sum() }
        == Tensor([-9, 6, 36]))
  }

  @Test func `a pushforward is used where it is given`() {
    let (x, v) = (Tensor<Double>([-1.5, 0.5, 2]), Tensor<Double>([1, 2, 3]))
    #expect(jacobianVectorProduct(at: x, along: v) { cube($0) }.tangent == Tensor([6.75, 1.5, 36]))
    let changed = jacobianVectorProduct(at: x, along: v) {
      cube($0) { tangents, _, _ in tangents[0]! * 7 }
    }
    #expect(changed.tangent == v * 7)
    #expect(gradient(at: x) { cube($0).sum() } == Tensor([6.75, 0.75, 12]))
  }

  @Test func `the check of gradients finds a wrong pushforward`() {
    let x = Tensor<Double>([-1.5, 0.5, 2])
    #expect(GradientCheck(at: [x], order: 2) { cube($0[0]) }.passes)
    let wrong = GradientCheck(at: [x], order: 2) { x in
      cube(x[0]) { tangents, x, _ in tangents[0]! * 3.01 * x[0] * x[0] }
    }
    #expect(!wrong.passes)
    #expect(wrong.worst.contains("forward mode"))
  }

  @Test func `a pullback that leaves the tape is found out`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = jacobianVectorProduct(at: Tensor(2.0), along: Tensor(1.0)) { x in
        customOperation("mine", [x]) {
          $0[0] * 3
        } pullback: { gradient, _, _ in
          [Tensor(gradient.scalar * 3)]
        }
      }
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("forward mode needs a pullback written in tensor operations"))
  }

  @Test func `a pullback may take gradients itself`() {
    // d/dx of g(x) = x³ by a pullback that differentiates x³.
    func cube(_ x: Tensor<Double>) -> Tensor<Double> {
      customOperation("cube", [x]) {
        $0[0] * $0[0] * $0[0]
      } pullback: { g, x, _ in
        [g * gradient(at: x[0]) { $0 * $0 * $0 }]
      }
    }
    let x = Tensor(2.0)
    #expect(jacobianVectorProduct(at: x, along: Tensor(1), of: cube).tangent.scalar == 12)
    let second = jacobianVectorProduct(at: x, along: Tensor(1)) { gradient(at: $0, of: cube) }
    #expect(second.tangent.scalar == 12)
  }

  @Test func `mappingGradient lets tangents through`() {
    let result = jacobianVectorProduct(at: Tensor(3.0), along: Tensor(1)) {
      ($0 * $0).mappingGradient { $0 * 10 } * 4
    }
    #expect(result.tangent.scalar == 24)
  }

  @Test func `a tangent of another shape is refused`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = jacobianVectorProduct(at: Tensor([1.0, 2.0]), along: Tensor(1.0)) { $0 * 2 }
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("a tangent of shape [] for an input of shape [2]"))
  }
}
