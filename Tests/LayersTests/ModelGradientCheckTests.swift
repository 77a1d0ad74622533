import Autograd
import Layers
import Testing

/// Gradients of models beside finite differences: what is right passes, and what is wrong is found
/// and named.
@Suite struct ModelGradientCheckTests {
  /// A model of several kinds of layers.
  private struct Reader: Layer {
    let embedding: Embedding<Double>
    let rnn: GRU<Double>
    let dropout = Dropout<Double>(0.3)
    let attention: AttentionLayer<Double>
    let norm = LayerNorm<Double>([4])
    let output: Linear<Double>

    init(using generator: inout Generator) {
      embedding = Embedding(count: 5, size: 3, using: &generator)
      rnn = GRU(inputSize: 3, hiddenSize: 4, isBidirectional: false, using: &generator)
      attention = AttentionLayer(4, using: &generator)
      output = Linear(inputs: 4, outputs: 2, using: &generator)
    }

    func callAsFunction(_ words: Tensor<Int32>, lengths: [Int]) -> Tensor<Double> {
      let states = rnn(dropout(embedding(words)), lengths: lengths).outputs
      return output(norm(attention.context(states)))
    }
  }

  private static let words = Tensor<Int32>([[0, 3, 1], [4, 2, 2]])

  private static func loss(_ model: Reader) -> Tensor<Double> {
    crossEntropyLoss(model(words, lengths: [3, 2]), Tensor([1, 0]))
  }

  /// A linear layer whose derivative errs.
  private struct Wrong: Layer {
    @Parameter var weight: Tensor<Double>
    @Parameter var other: Tensor<Double>
    let shape: Shape
    /// What is added to the gradient, by what factor the second derivative is left out.
    let offset: Tensor<Double>
    let secondShare: Double

    init(_ shape: Shape, offset: Tensor<Double>, secondShare: Double = 1) {
      var generator = Generator(seed: 5)
      weight = .normal(shape, using: &generator)
      other = .normal([2], using: &generator)
      self.shape = shape
      self.offset = offset
      self.secondShare = secondShare
    }

    func callAsFunction() -> Tensor<Double> {
      let cube = customOperation("cube", [weight]) {
        $0[0] * $0[0] * $0[0]
      } pullback: { [offset, secondShare] g, x, _ in
        let slope = x[0] * x[0] * (3 * secondShare) + (x[0] * x[0]).detached * (3 - 3 * secondShare)
        return [g * (slope + offset)]
      }
      return cube.sum() + (other * other).sum()
    }
  }

  private static func reader() -> Reader {
    var generator = Generator(seed: 3)
    return Reader(using: &generator)
  }

  @Test func `a model's gradients agree, in second order and forward mode too`() {
    let model = Self.reader()
    let check = GradientCheck(at: model, order: 2, directions: 2) { Self.loss($0) }
    #expect(check.passes, "\(check)")
    // Each element at first order; each of them twice, and one product, along either direction.
    let count = model.parameterCount
    #expect(check.count == count + 2 * (2 * count + 1))
  }

  @Test func `what a model draws is the same in each call`() {
    let model = Self.reader()
    let check = GradientCheck(at: model, order: 2, directions: 1, using: Generator(seed: 9)) {
      Self.loss($0)
    }
    #expect(check.passes, "\(check)")
    // Dropout was active: the values are others.
    var generator = Generator(seed: 9)
    let training = valueWithGradient(at: model, using: &generator) { Self.loss($0) }.value
    #expect(training != Self.loss(model))
  }

  @Test func `large parameters are moved along random directions`() {
    let model = Self.reader()
    let check = GradientCheck(at: model, elements: 10, directions: 3) { Self.loss($0) }
    #expect(check.passes, "\(check)")
    let counts = model.parameters.map { $0.parameter.shape.elementCount }
    #expect(check.count == counts.reduce(0) { $0 + ($1 > 10 ? 3 : $1) })
  }

  @Test func `parameters have their bits again`() {
    let model = Self.reader()
    let before = model.parameters.map { $0.parameter.scalars }
    _ = GradientCheck(at: model, order: 2, elements: 10, directions: 1) { Self.loss($0) }
    #expect(model.parameters.map { $0.parameter.scalars } == before)
  }

  @Test func `one wrong element is named`() {
    var offset = Tensor<Double>.zeros([2, 3])
    offset.withUnsafeMutableScalars { $0[4] = 1e-5 }
    let check = GradientCheck(at: Wrong([2, 3], offset: offset)) { $0() }
    #expect(!check.passes)
    #expect(check.worst.hasPrefix("weight, element [1, 1]: "), "\(check)")
    #expect(GradientCheck(at: Wrong([2, 3], offset: .zeros([2, 3]))) { $0() }.passes)
  }

  @Test func `one wrong element of many is found along a direction`() {
    var offset = Tensor<Double>.zeros([40, 30])
    offset.withUnsafeMutableScalars { $0[777] = 1e-2 }
    let wrong = GradientCheck(at: Wrong([40, 30], offset: offset)) { $0() }
    #expect(!wrong.passes)
    #expect(wrong.worst.hasPrefix("weight, direction "), "\(wrong)")
    let right = GradientCheck(at: Wrong([40, 30], offset: .zeros([40, 30])), order: 2) { $0() }
    #expect(right.passes, "\(right)")
  }

  @Test func `a second derivative that is wrong by itself is named`() {
    let model = Wrong([2, 3], offset: .zeros([2, 3]), secondShare: 0.999)
    #expect(GradientCheck(at: model) { $0() }.passes)
    let check = GradientCheck(at: model, order: 2) { $0() }
    #expect(!check.passes)
    #expect(check.worst.contains("order, direction"), "\(check)")
    #expect(check.worst.contains("weight, element ["), "\(check)")
  }

  @Test func `a parameter that the function does not read has the derivative 0`() {
    let model = Wrong([2, 3], offset: .zeros([2, 3]))
    let check = GradientCheck(at: model, order: 2, directions: 1) { $0.other.sum() }
    #expect(check.passes, "\(check)")
    #expect(check.count == 8 + 2 * 8 + 1)
  }

  @Test func `frozen parameters are left out`() {
    let model = Wrong([2, 3], offset: .ones([2, 3]))
    model.$weight.isFrozen = true
    let check = GradientCheck(at: model, order: 2, directions: 1) { $0() }
    #expect(check.passes, "\(check)")
    #expect(check.count == 2 + 2 * 2 + 1)
  }

  @Test func `a number that is none is an error`() {
    let model = Wrong([2, 3], offset: .zeros([2, 3]))
    let check = GradientCheck(at: model) { $0() * .nan }
    #expect(!check.passes)
    #expect(check.error == .infinity)
  }
}
