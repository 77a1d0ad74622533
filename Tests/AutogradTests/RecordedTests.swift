import Testing

import Autograd

/// What may be asked for of a tensor that is being recorded; what may not stands in `FailingCall`.
@Suite struct RecordedTests {
  @Test func `what is no number of a gradient may be asked for within it`() {
    let x = Tensor<Double>([1, -2, 3])
    let gradient = gradient(at: x) { x in
      let y = x * x
      #expect(y == Tensor([1, 4, 9]))
      #expect((y .> 2).scalars == [false, true, true])
      #expect(y.argmax().scalar == 2)
      #expect(y.sorted(descending: true).indices.scalars == [2, 1, 0])
      #expect(y.converted(to: Int32.self).scalars == [1, 4, 9])
      #expect("\(y)" == "[1.0, 4.0, 9.0]")
      #expect(y.detached.scalars == [1, 4, 9])
      #expect(withoutGradient { y.scalars } == [1, 4, 9])
      return (y * y[.last].detached.scalar).sum()
    }
    #expect(gradient.scalars == [18, -36, 54])
  }

  @Test func `what a call hands out is plain, unless another differentiates it`() {
    let x = Tensor<Double>([1, 2])
    let (value, gradient) = valueWithGradient(at: x) { x in
      let inner = valueWithGradient(at: x) { ($0 * $0 * $0).sum() }
      return inner.gradient.sum() * inner.value.detached.scalar
    }
    #expect(value.scalar == 15 * 9)
    #expect(gradient.scalars == [6 * 9, 12 * 9])
    let forward = jacobianVectorProduct(at: [x], along: [.ones([2])]) { [$0[0] * $0[0]] }
    #expect(forward.outputs[0].scalars == [1, 4])
    #expect(forward.tangents[0].scalars == [2, 4])
    let second = hessian(at: x) { x in (x * x * x).sum() }
    #expect(second.scalars == [6, 0, 0, 12])
  }

  @Test func `a function of one's own may do anything with its inputs' numbers`() {
    let gradient = gradient(at: Tensor<Double>([2, 3])) { x in
      customOperation(
        "cube", [x], forward: { x in Tensor(x[0].scalars.map { $0 * $0 * $0 }) },
        pullback: { gradient, x, _ in [gradient * x[0] * x[0] * 3] }
      ).sum()
    }
    #expect(gradient.scalars == [12, 27])
  }
}
