import Autograd
import Layers
import Testing

@Suite struct PositionsTests {
  private var generator = Generator(seed: 1)

  @Test func `waves are sines and cosines of position over wavelength`() {
    let table = SinusoidalPositions<Double>(limit: 3, size: 5, base: 16).table
    // Wavelengths 16^0, 16^(2/5), 16^(4/5); of an odd number of features the last cosine is missing.
    for p in 0..<3 {
      let angles = [1, 0.32987697769322355, 0.10881882041201553].map { Double(p) * $0 }
      let expected = [
        sine(angles[0]), cosine(angles[0]), sine(angles[1]), cosine(angles[1]), sine(angles[2]),
      ]
      for i in 0..<5 { #expect(abs(table[p, i].scalar - expected[i]) < 1e-15) }
    }
  }

  private func sine(_ x: Double) -> Double { sin(Tensor(x)).scalar }
  private func cosine(_ x: Double) -> Double { cos(Tensor(x)).scalar }

  @Test(arguments: [RotaryPositions<Double>.Pairing.neighbours, .halves])
  func `turned products depend on the distance alone, and lengths stay`(
    pairing: RotaryPositions<Double>.Pairing
  ) {
    var generator = generator
    let rotary = RotaryPositions<Double>(limit: 100, size: 6, pairing: pairing)
    let (q, k) = (
      Tensor<Double>.normal([1, 6], using: &generator),
      Tensor<Double>.normal([1, 6], using: &generator)
    )
    func product(_ p: Int, _ s: Int) -> Double {
      (rotary(q, from: p) * rotary(k, from: s)).sum().scalar
    }
    for shift in [1, 17, 90] {
      #expect(abs(product(5, 2) - product(5 + shift, 2 + shift)) < 1e-12)
    }
    #expect(abs(product(5, 2) - product(6, 2)) > 1e-3)
    #expect(abs((square(rotary(q, from: 31)) - square(q)).sum().scalar) < 1e-13)
    #expect(rotary(q, from: 0) == q)
  }

  @Test mutating func `learned positions get the gradients of their steps`() {
    let layer = LearnedPositions<Double>(limit: 5, size: 2, using: &generator)
    let x = Tensor<Double>.normal([3, 2, 2], using: &generator)
    #expect(layer(x, from: 1) == x + layer.weight.narrowed(axis: 0, to: 1..<3))
    let gradients = valueWithGradient(at: layer) { $0(x, from: 1).sum() }.gradients
    #expect(gradients[layer.$weight]! == Tensor([[0, 0], [3, 3], [3, 3], [0, 0], [0, 0]]))
  }

  @Test mutating func `derivatives agree with finite differences`() {
    let x = Tensor<Double>.normal([2, 3, 4], using: &generator)
    let layers: [(Tensor<Double>) -> Tensor<Double>] = [
      { SinusoidalPositions<Double>(limit: 9, size: 4)($0, from: 2) * $0 },
      { RotaryPositions<Double>(limit: 9, size: 4)($0, from: 2) * $0 },
      { RotaryPositions<Double>(limit: 9, size: 4, pairing: .halves)($0) * $0 },
    ]
    for layer in layers {
      let check = GradientCheck(at: [x], order: 2) { layer($0[0]) }
      #expect(check.passes, "\(check)")
    }
  }

  @Test func `a constant table is no parameter, and costs no second look at the model`() {
    let rotary = RotaryPositions<Float>(limit: 4, size: 2)
    let waves = SinusoidalPositions<Float>(limit: 4, size: 2)
    #expect(rotary.parameters.isEmpty && waves.parameters.isEmpty)
  }

  @Test func `a position after the table says which`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = SinusoidalPositions<Float>(limit: 4, size: 2)(.zeros([1, 3, 2]), from: 2)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("SinusoidalPositions: positions 2 ..< 5 of a table of 4"))
  }
}
