import Autograd
import Testing

/// Random numbers stay in the interval they are drawn from, however rounding falls.
@Suite struct UniformIntervalTests {
  private func check<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let most = Scalar.greatestFiniteMagnitude
    let intervals: [(Scalar, Scalar)] = [
      (1, Scalar(1).nextUp), (1, Scalar(1).nextUp.nextUp), (-1, 1), (0, .leastNonzeroMagnitude),
      (-.leastNonzeroMagnitude, .leastNonzeroMagnitude), (-most, most), (0, most),
      (most.nextDown, most), (-most, (-most).nextUp), (-1, Scalar(-1).nextUp), (1e6, 1e6 + 1),
      (Scalar(16_777_216), Scalar(16_777_218)), (-3, 1e-30),
    ]
    for (low, high) in intervals {
      var generator = Generator(seed: 5)
      let open = Tensor<Scalar>.uniform([3000], in: low..<high, using: &generator).scalars
      #expect(open.allSatisfy { $0 >= low && $0 < high }, "\(low)..<\(high)")
      let interval = UniformInterval(low...high)
      let closed = (0..<3000).map { _ in interval.number(using: &generator) }
      #expect(closed.allSatisfy { $0 >= low && $0 <= high }, "\(low)...\(high)")
      if high > low.nextUp.nextUp {
        let middle = low / 2 + high / 2
        #expect(open.contains { $0 < middle } && open.contains { $0 > middle })
      }
    }
  }

  @Test func `numbers are in their interval`() {
    check(Float.self)
    check(Double.self)
  }

  /// Generates the largest word, of which the largest share is made.
  struct Largest: RandomNumberGenerator {
    func next() -> UInt64 { .max }
  }

  @Test func `the largest random word is below an open bound, and a closed one itself`() {
    func check<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      var generator = Largest()
      for (low, high) in [(0, 1), (-1, 1), (5, 6), (-2, -1)] as [(Scalar, Scalar)] {
        let open = Tensor<Scalar>.uniform([5], in: low..<high, using: &generator).scalars
        #expect(open.allSatisfy { $0 < high && $0 >= high.nextDown.nextDown.nextDown })
        let interval = UniformInterval(low...high)
        #expect(interval.number(using: &generator) == high)
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func `a closed interval may be one number`() {
    var generator = Generator(seed: 1)
    #expect(UniformInterval(2.5...2.5).number(using: &generator) == 2.5)
  }

  @Test func `the mean of wide and of narrow intervals is their middle`() {
    var generator = Generator(seed: 2)
    for (low, high) in [(-1e308, 1e308), (3.0, 5), (-1e-300, 1e-300)] {
      let numbers = Tensor<Double>.uniform([20_000], in: low..<high, using: &generator).scalars
      let mean = numbers.reduce(0) { $0 + $1 / 20_000 }
      // The deviation of the mean is (high - low) / sqrt(12 n), 0.0041 of half the width.
      #expect((mean - (low / 2 + high / 2)).magnitude < 0.02 * (high / 2 - low / 2))
    }
  }
}
