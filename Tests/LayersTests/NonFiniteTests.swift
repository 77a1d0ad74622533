import Autograd
import Layers
import Testing

@Suite struct NonFiniteTests {
  private struct Model: Layer {
    struct Encoder: Layer { let first: Linear<Float> }
    let encoder: Encoder
  }

  private static let line = #line + 3
  @inline(never)
  private static func loss(_ model: Model) -> Tensor<Float> {
    let states = model.encoder.first(Tensor([[1, 2, .infinity]]))
    return states.sum()
  }

  @Test func `an operation on a parameter is named with the layer's path`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      let model = Model(encoder: .init(first: Linear(inputs: 3, outputs: 4, using: &generator)))
      _ = stoppingAtNonFinite {
        valueWithGradient(at: model) { Self.loss($0) }
      }
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("linear (in encoder.first), called at "))
    #expect(
      message.contains(
        "LayersTests/NonFiniteTests.swift:\(Self.line), of [1, 3], [4, 3], [4] gives "))
  }
}
