import Autograd
import Layers
import Testing

@Suite struct SimultaneousGradientsTests {
  private struct Model: Layer, Sendable {
    let first: Linear<Double>
    let dropout = Dropout<Double>(0.3)
    let second: Linear<Double>
  }

  @Test func `threads that differentiate one model at once give what one alone gives`() async {
    var generator = Generator(seed: 1)
    let model = Model(
      first: Linear(inputs: 6, outputs: 20, using: &generator),
      second: Linear(inputs: 20, outputs: 3, using: &generator))
    let x = Tensor<Double>.normal([8, 6], using: &generator)
    @Sendable func run(_ seed: UInt64) -> [Tensor<Double>] {
      var generator = Generator(seed: seed)
      let (loss, gradients) = valueWithGradient(at: model, using: &generator) { model in
        square(model.second(model.dropout(tanh(model.first(x))))).mean()
      }
      return [
        loss, gradients[model.first.$weight]!, gradients[model.first.$bias!]!,
        gradients[model.second.$weight]!, gradients[model.second.$bias!]!,
      ]
    }
    let seeds: [UInt64] = [1, 2, 3, 4, 5, 6]
    let alone = seeds.map { run($0) }
    let together = await withTaskGroup(of: (Int, [[Tensor<Double>]]).self) { group in
      for (position, seed) in seeds.enumerated() {
        group.addTask { (position, (0..<20).map { _ in run(seed) }) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for position in seeds.indices {
      #expect(together[position]!.allSatisfy { $0 == alone[position] })
    }
    #expect(alone[0] != alone[1])
  }
}
