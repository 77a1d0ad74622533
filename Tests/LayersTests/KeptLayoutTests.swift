import Autograd
import Foundation
import Layers
import Testing
import Training

/// Outside of a gradient a weight is laid out for products once, and for good until it changes. Nobody is to
/// see that.
@Suite struct KeptLayoutTests {
  /// More columns than one range of panels, and an edge.
  private func layer(_ seed: UInt64 = 1) -> Linear<Float> {
    var generator = Generator(seed: seed)
    let layer = Linear<Float>(inputs: 70, outputs: 103, using: &generator)
    layer.$bias!.tensor = .normal([103], using: &generator)
    // A parameter that has been looked at is known as one.
    #expect(layer.parameters.count == 2)
    return layer
  }

  private func input(_ rows: Int) -> Tensor<Float> {
    var generator = Generator(seed: 2)
    return .normal([rows, 70], using: &generator)
  }

  /// What a layer says that has never been called before.
  private func fresh(_ layer: Linear<Float>, _ x: Tensor<Float>) -> [Float] {
    linear(x, Tensor(layer.weight.scalars, shape: [103, 70]), layer.bias).scalars
  }

  @Test(arguments: [1, 4, 5, 17, 64, 300, 512, 513])
  func `a weight that is used again gives the same bits`(rows: Int) {
    let (layer, x) = (layer(), input(rows))
    let first = fresh(layer, x)
    for _ in 0..<4 { #expect(layer(x).scalars == first) }
    // Of another number of rows, and within a gradient.
    #expect(layer(x[0..<1]).scalars == fresh(layer, x[0..<1]))
    let (inside, _) = valueWithGradient(at: layer) { layer in (layer(x) * layer(x)).sum() }
    let outside = (layer(x) * layer(x)).sum()
    #expect(inside.scalar == outside.scalar)
  }

  @Test func `a weight that changes is laid out anew`() {
    let (layer, x) = (layer(), input(64))
    func check() {
      for _ in 0..<4 { #expect(layer(x).scalars == fresh(layer, x)) }
    }
    check()
    layer.$weight.update { for index in $0.indices { $0[index] *= 2 } }
    check()
    layer.$weight.tensor = layer.weight * 3
    check()
    layer.$weight.scalars = layer.$weight.scalars.map { $0 - 1 }
    check()
    var optimizer = SGD(learningRate: 0.1)
    for _ in 0..<3 {
      let (_, gradients) = valueWithGradient(at: layer) { $0(x).sum() }
      optimizer.update(layer, along: gradients)
      check()
    }
    // A copy has elements of its own.
    let copy = layer.copy()
    let before = copy(x).scalars
    layer.$weight.update { for index in $0.indices { $0[index] = 0 } }
    check()
    #expect(copy(x).scalars == before && copy(x).scalars == fresh(copy, x))
  }

  @Test func `a weight that is read in two ways gives each its own`() {
    let (layer, x) = (layer(), input(64))
    var generator = Generator(seed: 3)
    let y = Tensor<Float>.normal([64, 103], using: &generator)
    let constant = Tensor(layer.weight.scalars, shape: [103, 70])
    for _ in 0..<3 {
      #expect(layer(x).scalars == fresh(layer, x))
      #expect(matmul(y, layer.weight).scalars == matmul(y, constant).scalars)
      // A part of it is another matrix.
      #expect(
        linear(x, layer.weight[0..<50]).scalars == linear(x, constant[0..<50]).scalars)
      #expect(
        linear(y[0..<64, 0..<70], layer.weight[33...]).scalars
          == linear(y[0..<64, 0..<70], constant[33...]).scalars)
    }
  }

  @Test func `several threads use one weight at once`() async {
    let (layer, x) = (layer(), input(64))
    let expected = fresh(layer, x)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask { (0..<50).allSatisfy { _ in layer(x).scalars == expected } }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test func `layers that are fused are served as well`() {
    var generator = Generator(seed: 4)
    let encoder = TransformerEncoderLayer<Float>(
      32, heads: 4, innerSize: 100, activation: .gelu, using: &generator)
    let x = Tensor<Float>.normal([2, 20, 32], using: &generator)
    let mask = sequenceMask(lengths: [20, 11], time: 20)
    let first = encoder.copy()(x, keyMask: mask).scalars
    #expect(encoder.parameters.count == 16)
    for _ in 0..<4 { #expect(encoder(x, keyMask: mask).scalars == first) }
  }
}
