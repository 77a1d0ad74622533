import Autograd
import Testing

/// Powers, whose derivatives at the base 0 are products of 0 and an infinity if taken as they stand.
@Suite struct PowersTests {
  /// The derivative of an order with respect to a number.
  private func derivative<Scalar: FloatingPointScalar>(
    _ order: Int, at x: Scalar, _ function: @escaping (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> Scalar {
    func derive(_ order: Int, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
      order == 0 ? function(x).sum() : gradient(at: x) { derive(order - 1, $0) }.sum()
    }
    return derive(order, Tensor([x])).scalar
  }

  /// n (n - 1) ... (n - k + 1) x^(n - k)
  private func exact(_ n: Int, _ order: Int, _ x: Double) -> Double {
    if order > n { return 0 }
    let factor = (0..<order).reduce(1.0) { $0 * Double(n - $1) }
    return factor * (0..<(n - order)).reduce(1.0) { power, _ in power * x }
  }

  private func check<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    for n in 0...6 {
      for order in 0...6 {
        for x in [0.0, 2, -2, -1] {
          let wanted = Scalar(exact(n, order, x))
          let byTensor = derivative(order, at: Scalar(x)) { pow($0, Tensor([Scalar(n)])) }
          let byNumber = derivative(order, at: Scalar(x)) { pow($0, Scalar(n)) }
          #expect(byTensor == wanted, "x^\(n) at \(x), order \(order), exponent in a tensor")
          #expect(byNumber == wanted, "x^\(n) at \(x), order \(order), exponent a number")
        }
      }
    }
  }

  @Test func `whole exponents, orders 0 to 6`() {
    check(Float.self)
    check(Double.self)
  }

  @Test func `powers of 0 by their exponents, orders 1 to 6`() {
    for order in 1...6 {
      for y in [0.0, 0.5, 1, 2, 3.5] {
        let found = derivative(order, at: y) { pow(Tensor([0]), $0) }
        #expect(found == 0, "0^\(y), order \(order)")
        #expect(derivative(order, at: Float(y)) { pow(Tensor([0]), $0) } == 0)
      }
    }
  }

  @Test func `powers of infinity that are 0 have no slope`() {
    for order in 1...4 {
      #expect(derivative(order, at: -1.5) { pow(Tensor([.infinity]), $0) } == 0)
      #expect(derivative(order, at: Double.infinity) { pow($0, Tensor([-1.5])) } == 0)
    }
  }

  /// log(x)^k x^y
  @Test func `powers of other numbers by their exponents`() {
    for x in [0.5, 2, 3] {
      for order in 1...4 {
        let found = derivative(order, at: 1.5) { pow(Tensor([x]), $0) }
        let logarithm = log(Tensor<Double>(x)).scalar
        let wanted = (0..<order).reduce(pow(Tensor<Double>(x), 1.5).scalar) { p, _ in p * logarithm
        }
        #expect((found - wanted).magnitude <= 1e-14 * wanted.magnitude)
      }
    }
  }

  @Test func `the mixed derivative where the exponent is 0 is PyTorch's`() {
    let mixed = gradient(at: Tensor<Double>([0])) { n in
      gradient(at: Tensor<Double>([2])) { x in pow(x, n).sum() }.sum()
    }
    #expect(mixed.scalars == [0])
  }

  @Test func `mixed derivatives at a base of 0 are not numbers`() {
    for exponent in [0.0, 1, 2] {
      let mixed = gradient(at: Tensor<Double>([exponent])) { n in
        gradient(at: Tensor<Double>([0])) { x in pow(x, n).sum() }.sum()
      }
      #expect(mixed.scalars[0].isNaN)
      let other = gradient(at: Tensor<Double>([0])) { x in
        gradient(at: Tensor<Double>([exponent])) { n in pow(x, n).sum() }.sum()
      }
      #expect(other.scalars[0].isNaN)
    }
  }

  @Test func `squares and products with factors 0 in higher orders`() {
    for order in 0...4 {
      #expect(derivative(order, at: 0.0) { square($0) } == exact(2, order, 0))
      let product = derivative(order, at: 0.0) { x in
        Tensor.stacked([x, x * 2, x, Tensor([3])], axis: 0).product()
      }
      #expect(product == 6 * exact(3, order, 0))
    }
  }

  @Test func `roots at 0 are infinitely steep`() {
    #expect(derivative(1, at: 0.0) { pow($0, 0.5) } == .infinity)
    #expect(derivative(1, at: 0.0) { pow($0, Tensor([0.5])) } == .infinity)
    #expect(derivative(2, at: 0.0) { pow($0, 1.5) } == .infinity)
    #expect(derivative(1, at: 0.0) { pow($0, Tensor([-1])) } == -.infinity)
  }

  @Test func `tangents at the base 0`() {
    let zero = Tensor<Double>([0, 0, 0])
    let exponents = Tensor<Double>([1, 2, 3])
    let tangents = jacobianVectorProduct(at: [zero, exponents], along: [.ones([3]), .ones([3])]) {
      [pow($0[0], $0[1])]
    }.tangents[0]
    #expect(tangents.scalars == [1, 0, 0])
  }
}
