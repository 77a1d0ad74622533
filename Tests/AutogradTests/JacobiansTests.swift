import Autograd
import Testing

@Suite struct JacobiansTests {
  private static func draw(_ shape: Shape, _ seed: UInt64) -> Tensor<Double> {
    var generator = Generator(seed: seed)
    return .uniform(shape, in: -1...1, using: &generator)
  }

  private func difference(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double {
    zip(a.scalars, b.scalars).map { abs($0 - $1) }.max() ?? 0
  }

  @Test func `the Jacobian of a linear function is its matrix, whichever side is longer`() {
    // Three numbers from two goes column by column, two from three row by row.
    for shape in [[3, 2], [2, 3], [2, 2]] as [Shape] {
      let matrix = Self.draw(shape, 1)
      #expect(jacobian(at: Self.draw([shape[1]], 2)) { matmul(matrix, $0) } == matrix)
    }
  }

  @Test func `shapes are those of the result and of the input after it`() {
    let (a, b) = (Self.draw([2, 3], 1), Self.draw([3], 2))
    let wide = jacobian(at: [a, b]) { ($0[0] * $0[1]).sum(axes: 0) }
    #expect(wide.map(\.shape) == [[3, 2, 3], [3, 3]])
    let long = jacobian(at: [b, Tensor(2)]) { b in a * b[0] * b[1] }
    #expect(long.map(\.shape) == [[2, 3, 3], [2, 3]])
    for i in 0..<2 {
      for j in 0..<3 {
        for k in 0..<3 {
          #expect(long[0][i, j, k].scalar == (j == k ? 2 * a[i, j].scalar : 0))
          #expect(wide[0][k, i, j].scalar == (j == k ? b[k].scalar : 0))
        }
        #expect(long[1][i, j] == a[i, j] * b[j])
      }
    }
    #expect(jacobian(at: b) { _ in Tensor<Double>([1, 2]) } == .zeros([2, 3]))
    #expect(
      jacobian(at: Tensor<Double>.zeros([0])) { _ in Tensor<Double>([1, 2]) }.shape == [2, 0])
  }

  @Test func `the Hessian of a quadratic form is the symmetric part of its matrix`() {
    let matrix = Self.draw([4, 4], 3)
    func form(_ x: Tensor<Double>) -> Tensor<Double> { (x * matmul(matrix, x)).sum() }
    let x = Self.draw([4], 4)
    let expected = matrix + matrix.transposed()
    // A few roundings of numbers of size 1.
    #expect(difference(hessian(at: x, of: form), expected) < 1e-15)
    let v = Self.draw([4], 5)
    let product = hessianVectorProduct(at: x, along: v, of: form)
    #expect(difference(product, matmul(expected, v)) < 1e-15)
  }

  @Test func `the Hessian of several tensors comes in blocks`() {
    let (a, b) = (Self.draw([2, 2], 6), Self.draw([3], 7))
    func function(_ x: [Tensor<Double>]) -> Tensor<Double> {
      (tanh(x[0].reshaped([4, 1])) * square(x[1])).sum()
    }
    let blocks = hessian(at: [a, b], of: function)
    #expect(blocks[0].map(\.shape) == [[2, 2, 2, 2], [2, 2, 3]])
    #expect(blocks[1].map(\.shape) == [[3, 2, 2], [3, 3]])
    #expect(
      difference(blocks[0][1].reshaped([4, 3]), blocks[1][0].reshaped([3, 4]).transposed()) < 1e-15)
    // The second derivative with respect to b is 2 sum(tanh(a)) on the diagonal.
    let total = tanh(a).sum().scalar * 2
    for i in 0..<3 {
      for j in 0..<3 { #expect(abs(blocks[1][1][i, j].scalar - (i == j ? total : 0)) < 1e-15) }
    }
    // Central differences of the gradient with step 1e-5 err by about 1e-10.
    let v = [Self.draw([2, 2], 8), Self.draw([3], 9)]
    func gradients(_ step: Double) -> [Tensor<Double>] {
      valueWithGradient(at: [a + v[0] * step, b + v[1] * step], of: function).gradients
    }
    let products = hessianVectorProduct(at: [a, b], along: v, of: function)
    for (product, (up, down)) in zip(products, zip(gradients(1e-5), gradients(-1e-5))) {
      #expect(difference(product, (up - down) / 2e-5) < 1e-8)
    }
    for i in 0..<2 {
      let row = zip(blocks[i], v).reduce(Tensor<Double>.zeros([products[i].count])) {
        $0 + matmul($1.0.reshaped([products[i].count, $1.1.count]), $1.1.reshaped([-1]))
      }
      #expect(difference(row, products[i].reshaped([-1])) < 1e-14)
    }
  }

  @Test func `they can be differentiated`() {
    let x = Self.draw([3], 10)
    // trace of the Hessian of sum(x^4) is 12 sum(x²), whose gradient is 24 x.
    let slope = gradient(at: x) { x in
      hessian(at: x) { square(square($0)).sum() }.diagonal().sum()
    }
    #expect(difference(slope, x * 24) < 1e-13)
    let forward = jacobianVectorProduct(at: x, along: .ones([3])) { x in
      jacobian(at: x) { ($0 * $0).sum() }
    }
    #expect(difference(forward.tangent, .ones([3]) * 2) == 0)
  }
}
