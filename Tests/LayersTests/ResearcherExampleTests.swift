import Autograd
import Layers
import Testing
import Training

/// Attention whose scores pass through a gate: what a researcher may write who has just come.
struct GatedAttention<Scalar: FloatingPointScalar>: Layer {
  let score: Linear<Scalar>
  let gate: Linear<Scalar>

  init(size: Int, using generator: inout some RandomNumberGenerator) {
    score = Linear(inputs: size, outputs: size, using: &generator)
    gate = Linear(inputs: size, outputs: size, using: &generator)
  }

  /// - Parameter states: `[batch, time, size]`
  func callAsFunction(_ states: Tensor<Scalar>) -> Tensor<Scalar> {
    let weights = softmax(tanh(score(states)), axis: 1)
    return weights * sigmoid(gate(states)) * states
  }
}

/// The new layer in a model: which of the sequence's features is largest on average.
private struct Classifier<Scalar: FloatingPointScalar>: Layer {
  let attention: GatedAttention<Scalar>
  let output: Linear<Scalar>

  init(size: Int, classes: Int, using generator: inout some RandomNumberGenerator) {
    attention = GatedAttention(size: size, using: &generator)
    output = Linear(inputs: size, outputs: classes, using: &generator)
  }

  func callAsFunction(_ states: Tensor<Scalar>) -> Tensor<Scalar> {
    output(attention(states).sum(axes: 1))
  }
}

private struct Example<Scalar: FloatingPointScalar> {
  let inputs: Tensor<Scalar>
  let labels: Tensor<Int32>

  init(using generator: inout some RandomNumberGenerator) {
    inputs = .normal([16, 5, 4], using: &generator)
    labels = inputs.mean(axes: 1).argmax(axis: 1)
  }
}

@Suite struct ResearcherExampleTests {
  private func losses<Scalar: FloatingPointScalar>(_: Scalar.Type) -> [Double] {
    var generator = Generator(seed: 1)
    let model = Classifier<Scalar>(size: 4, classes: 4, using: &generator)
    let batches = (0..<20).map { _ in Example<Scalar>(using: &generator) }
    var losses: [Double] = []
    var optimizer = Adam(learningRate: 1e-2)
    for batch in (0..<10).flatMap({ _ in batches }) {
      let (loss, gradients) = valueWithGradient(at: model) { model in
        crossEntropyLoss(model(batch.inputs), batch.labels)
      }
      optimizer.update(model, along: gradients.clipped(toNorm: 1))
      losses.append(Double(loss.scalar))
    }
    return losses
  }

  /// Guessing costs log 4 = 1.39; what is asked for is half of that, far from chance and far from
  /// what the seed decides.
  @Test func `a new layer trains in a loop of six lines`() {
    for losses in [losses(Float.self), losses(Double.self)] {
      #expect(losses[0] > 1.1)
      #expect(losses.suffix(20).reduce(0, +) / 20 < 0.7)
    }
  }

  @Test func `its parameters have names without being registered`() {
    var generator = Generator(seed: 1)
    let model = Classifier<Float>(size: 4, classes: 3, using: &generator)
    #expect(
      model.parameters.map(\.name) == [
        "attention.score.weight", "attention.score.bias", "attention.gate.weight",
        "attention.gate.bias", "output.weight", "output.bias",
      ])
    #expect(model.parameterCount == 2 * (16 + 4) + 12 + 3)
    #expect(model.description.contains("attention.gate.weight: Float [4, 4]"))
  }

  @Test func `its gradients agree with finite differences, in second order too`() {
    var generator = Generator(seed: 1)
    let layer = GatedAttention<Double>(size: 3, using: &generator)
    let states = Tensor<Double>.normal([2, 4, 3], using: &generator)
    let check = GradientCheck(at: [states], order: 2) { layer($0[0]) }
    #expect(check.passes, "\(check)")
  }
}
