import Autograd
import Layers
import Testing

/// Forward mode of what the layers run as one operation, and of models.
@Suite struct ForwardModeTests {
  private static func draw(_ shape: Shape, _ seed: UInt64) -> Tensor<Double> {
    var generator = Generator(seed: seed)
    return .uniform(shape, in: -1...1, using: &generator)
  }

  /// Tangents against finite differences and gradients, and the Hessian times a vector in every
  /// order of both modes.
  private func check(
    _ inputs: [Tensor<Double>], _ comment: Comment,
    _ function: ([Tensor<Double>]) -> [Tensor<Double>]
  ) {
    let v = inputs.enumerated().map { Self.draw($1.shape, UInt64($0) + 20) }
    func dot(_ a: [Tensor<Double>], _ b: [Tensor<Double>]) -> Tensor<Double> {
      zip(a, b).reduce(Tensor(0)) { $0 + ($1.0 * $1.1).sum() }
    }
    func expectClose(_ a: [Tensor<Double>], _ b: [Tensor<Double>], _ tolerance: Double) {
      for (a, b) in zip(a, b) { #expect(a.isClose(to: b, within: tolerance), comment) }
    }
    func number(_ x: [Tensor<Double>]) -> Tensor<Double> {
      function(x).reduce(Tensor(0)) { $0 + (square($1) + $1).sum() }
    }
    let (outputs, tangents) = jacobianVectorProduct(at: inputs, along: v, of: function)
    #expect(outputs == function(inputs), comment)
    func moved(_ step: Double) -> [Tensor<Double>] {
      function(zip(inputs, v).map { $0 + $1 * step })
    }
    // Central differences with step 1e-5 of functions of size 1 to 10.
    expectClose(tangents, zip(moved(1e-5), moved(-1e-5)).map { ($0 - $1) / 2e-5 }, 1e-7)
    let gradients = valueWithGradient(at: inputs) { x in
      dot(function(x), function(x).map { .ones($0.shape) })
    }.gradients
    expectClose([dot(tangents, tangents.map { .ones($0.shape) })], [dot(gradients, v)], 1e-11)
    let reverse = valueWithGradient(at: inputs) { x in
      dot(valueWithGradient(at: x, of: number).gradients, v)
    }.gradients
    let forwardReverse = jacobianVectorProduct(at: inputs, along: v) {
      valueWithGradient(at: $0, of: number).gradients
    }.tangents
    expectClose(forwardReverse, reverse, 1e-10)
    let reverseForward = valueWithGradient(at: inputs) { x in
      jacobianVectorProduct(at: x, along: v) { [number($0)] }.tangents[0]
    }.gradients
    expectClose(reverseForward, reverse, 1e-10)
  }

  @Test(arguments: [nil, [3, 1, 0]] as [[Int]?], [false, true])
  func `recurrent sequences`(lengths: [Int]?, isReverse: Bool) {
    var generator = Generator(seed: 1)
    let x = Self.draw([3, 3, 2], 2)
    let (h, c) = (Self.draw([3, 2], 3), Self.draw([3, 2], 4))
    let rnn = RNNCell<Double>(inputSize: 2, hiddenSize: 2, using: &generator)
    let gru = GRUCell<Double>(inputSize: 2, hiddenSize: 2, using: &generator)
    let lstm = LSTMCell<Double>(inputSize: 2, hiddenSize: 2, using: &generator)
    check([x, h], "rnn") {
      let result = rnn.sequence($0[0], initialState: $0[1], lengths: lengths, isReverse: isReverse)
      return [result.outputs, result.finalState]
    }
    check([x, h], "gru") {
      let result = gru.sequence($0[0], initialState: $0[1], lengths: lengths, isReverse: isReverse)
      return [result.outputs, result.finalState]
    }
    check([x, h, c], "lstm") {
      let state = LSTMState(hidden: $0[1], cell: $0[2])
      let result = lstm.sequence($0[0], initialState: state, lengths: lengths, isReverse: isReverse)
      return [result.outputs, result.finalState.hidden, result.finalState.cell]
    }
  }

  @Test func attention() {
    var generator = Generator(seed: 1)
    let (queries, keys) = (Self.draw([2, 2, 4], 2), Self.draw([2, 3, 4], 3))
    let mask = Tensor<Bool>([true, true, false, true, true, true], shape: [2, 1, 3])
    let additive = Attention(
      AdditiveScore<Double>(querySize: 4, keySize: 4, hiddenSize: 3, using: &generator))
    check([queries, keys], "additive") {
      [additive(queries: $0[0], keys: $0[1], mask: mask).context]
    }
    let many = MultiHeadAttention<Double>(4, heads: 2, using: &generator)
    check([queries, keys], "multi-head") { [many(queries: $0[0], keys: $0[1]).output] }
  }

  @Test func losses() {
    let logits = Self.draw([4, 2, 3], 5)
    check([logits], "CTC") {
      [ctcLoss(logSoftmax($0[0], axis: -1), [[1, 2], [2]], lengths: [4, 3])]
    }
    check([logits], "cross-entropy") {
      [crossEntropyLoss($0[0], Tensor([0, 1, 2, 2, 1, 0, 7, 1], shape: [4, 2]), ignoring: 7)]
    }
  }

  private struct Model: Layer {
    let first: Linear<Double>
    let rnn: GRU<Double>
    let second: Linear<Double>

    init(using generator: inout some RandomNumberGenerator) {
      first = Linear(inputs: 3, outputs: 4, using: &generator)
      rnn = GRU(inputSize: 4, hiddenSize: 3, layers: 2, isBidirectional: true, using: &generator)
      second = Linear(inputs: 6, outputs: 2, using: &generator)
    }

    func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> {
      second(rnn(tanh(first(x))).outputs)
    }
  }

  @Test func `a model moves along a direction`() throws {
    var generator = Generator(seed: 3)
    let model = Model(using: &generator)
    model.second.$bias?.isFrozen = true
    let x = Self.draw([2, 3, 3], 6)
    let direction = Gradients(for: model) { (parameter: Parameter<Double>) in
      .normal(parameter.shape, using: &generator)
    }
    #expect(direction.count == model.parameters.count - 1)
    func loss(_ model: Model) -> Tensor<Double> { square(model(x)).mean() }
    func move(_ step: Double) {
      for case (_, let box as Parameter<Double>) in model.parameters {
        if let tensor = direction[box] { box.tensor = box.tensor + tensor * step }
      }
    }
    func around<Result>(_ body: () -> Result) -> (up: Result, down: Result) {
      move(1e-5)
      let up = body()
      move(-2e-5)
      let down = body()
      move(1e-5)
      return (up, down)
    }
    let (outputs, tangents) = jacobianVectorProduct(at: model, along: direction) { [loss($0)] }
    #expect(outputs[0] == loss(model))
    let values = around { loss(model).scalar }
    let slope = (values.up - values.down) / 2e-5
    // Central differences with step 1e-5 err by about 1e-10 times third derivatives of size 10.
    #expect(abs(tangents[0].scalar - slope) < 1e-8)
    let gradients = valueWithGradient(at: model, of: loss).gradients
    #expect(abs(gradients.dot(direction) - tangents[0].scalar) < 1e-13)
    let product = hessianVectorProduct(at: model, along: direction, of: loss)
    let forward = jacobianVectorProduct(at: model, along: direction) { model in
      [valueWithGradient(at: model, of: loss).gradients[model.first.$weight]!]
    }.tangents[0]
    #expect(try #require(product[model.first.$weight]).isClose(to: forward, within: 1e-13))
    let moved = around { valueWithGradient(at: model, of: loss).gradients }
    #expect(product.count == gradients.count)
    for case (let name, let box as Parameter<Double>) in model.parameters where !box.isFrozen {
      let difference = (try #require(moved.up[box]) - #require(moved.down[box])) / 2e-5
      #expect(try #require(product[box]).isClose(to: difference, within: 1e-8), "\(name)")
    }
  }
}
