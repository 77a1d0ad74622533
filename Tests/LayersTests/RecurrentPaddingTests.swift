import Autograd
import Layers
import Testing

/// Random recurrent networks: what stands after a sequence's end, and how much of it there is,
/// changes nothing, in values and gradients.
@Suite struct RecurrentPaddingTests {
  @Test(arguments: 0..<60)
  func `padding changes no result`(seed: UInt64) {
    check(RandomNetwork<Float>(seed: seed), seed: seed)
    check(RandomNetwork<Double>(seed: seed), seed: seed)
  }

  @Test(arguments: 0..<30)
  func `a sequence alone gives what it gives in a batch`(seed: UInt64) {
    let network = RandomNetwork<Double>(seed: seed)
    var generator = Generator(seed: seed)
    let batch = Example(network, &generator)
    let whole = network.run([batch.x] + batch.states, batch.lengths)
    for (row, length) in batch.lengths.enumerated() {
      let range = row..<(row + 1)
      let alone = network.run(
        [batch.x.narrowed(axis: 0, to: range).narrowed(axis: 1, to: 0..<length)]
          + batch.states.map { $0.narrowed(axis: 0, to: range) }, nil)
      let place = Comment(rawValue: "\(network.name), row \(row)")
      // The product of one row may add up in another order than that of several.
      #expect(
        whole[0].narrowed(axis: 0, to: range).narrowed(axis: 1, to: 0..<length)
          .isSame(as: alone[0], roundings: 8), place)
      for (a, b) in zip(whole, alone).dropFirst() {
        #expect(a.narrowed(axis: 0, to: range).isSame(as: b, roundings: 8), place)
      }
    }
  }

  /// One batch of sequences for a network.
  private struct Example<Scalar: FloatingPointScalar> {
    let x: Tensor<Scalar>
    let states: [Tensor<Scalar>]
    let lengths: [Int]

    init(_ network: RandomNetwork<Scalar>, _ generator: inout Generator) {
      let batch = Int.random(in: 1...6, using: &generator)
      let time = Int.random(in: 1...7, using: &generator)
      lengths = (0..<batch).map { _ in Int.random(in: 1...time, using: &generator) }
      x = .normal([batch, time, network.inputSize], using: &generator)
      let given = Bool.random(using: &generator)
      states = given ? network.stateSizes.map { .normal([batch, $0], using: &generator) } : []
    }

    var time: Int { x.shape[1] }

    /// The input with a number after each sequence's end, and `extra` more steps of it.
    func padded(with junk: Scalar, extra: Int) -> Tensor<Scalar> {
      x.filled(where: !sequenceMask(lengths: lengths, time: time).unsqueezed(axis: 2), with: junk)
        .extended(1, by: extra, with: junk)
    }
  }

  private func check<Scalar>(_ network: RandomNetwork<Scalar>, seed: UInt64) {
    var generator = Generator(seed: seed)
    let example = Example(network, &generator)
    func run(_ junk: Double, extra: Int) -> Run<Scalar> {
      Run(
        network.layer,
        at: [example.padded(with: Scalar(junk), extra: extra)] + example.states
      ) { outputs in
        var generator = Generator(seed: seed + 1)
        let time = example.time
        let ofOutputs = Tensor<Scalar>.normal(
          outputs[0].shape.replacing(1, with: time), using: &generator)
        return [ofOutputs.extended(1, by: outputs[0].shape[1] - time, with: 3)]
          + outputs.dropFirst().map { .normal($0.shape, using: &generator) }
      } of: {
        network.run($0, example.lengths)
      }
    }
    let clean = run(0, extra: 0)
    let time = example.time
    let isAfterEnd = !sequenceMask(lengths: example.lengths, time: time).unsqueezed(axis: 2)
    for junk in Junk.all {
      for extra in [0, 1, 4] {
        let padded = run(junk, extra: extra)
        let place = Comment(rawValue: "\(network.name), \(Scalar.self), \(junk), \(extra) more")
        #expect(
          padded.outputs[0].narrowed(axis: 1, to: 0..<time).isSame(as: clean.outputs[0]), place)
        #expect(
          padded.outputs[0].narrowed(axis: 1, to: time..<(time + extra)).scalars.allSatisfy {
            $0 == 0
          })
        for (a, b) in zip(padded.outputs, clean.outputs).dropFirst() {
          #expect(a.isSame(as: b), place)
        }
        let gradient = padded.inputGradients[0]
        #expect(gradient.narrowed(axis: 1, to: 0..<time).isSame(as: clean.inputGradients[0]), place)
        #expect(
          gradient.narrowed(axis: 1, to: 0..<time).scalars
            == gradient.narrowed(axis: 1, to: 0..<time).filled(where: isAfterEnd, with: 0).scalars,
          place)
        for (a, b) in zip(padded.inputGradients, clean.inputGradients).dropFirst() {
          #expect(a.isSame(as: b), place)
        }
        for (a, b) in zip(padded.parameterGradients, clean.parameterGradients) {
          // More steps are more terms of the sums over time, be they 0: another order.
          #expect(extra == 0 ? a.isSame(as: b) : a.isSame(as: b, roundings: 16), place)
        }
      }
    }
  }
}

/// A recurrent network of random kind and sizes.
struct RandomNetwork<Scalar: FloatingPointScalar> {
  let name: String
  let layer: any Layer
  let inputSize: Int
  /// Extents of the states: of each layer and direction, forward ones first.
  let stateSizes: [Int]
  /// Inputs and, perhaps, states; the outputs and the last states.
  let run: (_ inputs: [Tensor<Scalar>], _ lengths: [Int]?) -> [Tensor<Scalar>]

  init(seed: UInt64) {
    var generator = Generator(seed: seed &+ 1000)
    let input = Int.random(in: 1...9, using: &generator)
    let hidden = Int.random(in: 1...17, using: &generator)
    let layers = Int.random(in: 1...3, using: &generator)
    let both = Bool.random(using: &generator)
    let bias = Bool.random(using: &generator)
    let kind = ["tanh", "relu", "gru", "lstm", "projected lstm", "own cell"][Int(seed % 6)]
    let name = "\(kind) \(input)-\(hidden), \(layers) layers\(both ? ", both ways" : "")"
    switch kind {
    case "tanh", "relu":
      let network = RNN<Scalar>(
        inputSize: input, hiddenSize: hidden, layers: layers, isBidirectional: both,
        activation: kind == "relu" ? .relu : .tanh, bias: bias, using: &generator)
      self.init(name, network, input, [hidden], { $0[0] }, { [$0] })
    case "gru":
      let network = GRU<Scalar>(
        inputSize: input, hiddenSize: hidden, layers: layers, isBidirectional: both, bias: bias,
        using: &generator)
      self.init(name, network, input, [hidden], { $0[0] }, { [$0] })
    case "own cell":
      let network = Recurrent<Leaky<Scalar>>(
        inputSize: input, layers: layers, isBidirectional: both
      ) {
        Leaky($0, hidden, using: &generator)
      }
      self.init(name, network, input, [hidden], { $0[0] }, { [$0] })
    default:
      let projection = kind == "lstm" ? nil : Int.random(in: 1...5, using: &generator)
      let network = LSTM<Scalar>(
        inputSize: input, hiddenSize: hidden, layers: layers, isBidirectional: both,
        projectionSize: projection,
        bias: bias, using: &generator)
      self.init(
        name, network, input, [projection ?? hidden, hidden],
        { LSTMState(hidden: $0[0], cell: $0[1]) }, { [$0.hidden, $0.cell] })
    }
  }

  private init<Cell: RecurrentCell<Scalar>>(
    _ name: String, _ network: Recurrent<Cell>, _ inputSize: Int, _ sizes: [Int],
    _ join: @escaping ([Tensor<Scalar>]) -> Cell.State,
    _ parts: @escaping (Cell.State) -> [Tensor<Scalar>]
  ) {
    self.name = name
    self.inputSize = inputSize
    layer = network
    let count = network.layers.count
    let directions = network.isBidirectional ? 2 : 1
    stateSizes = (0..<(count * directions)).flatMap { _ in sizes }
    run = { inputs, lengths in
      var rest = inputs.dropFirst()
      func states() -> [Cell.State]? {
        if inputs.count == 1 { return nil }
        return (0..<count).map { _ in
          defer { rest = rest.dropFirst(sizes.count) }
          return join(Array(rest.prefix(sizes.count)))
        }
      }
      let forward = states()
      let backward = directions == 2 ? states() : nil
      let result = network(
        inputs[0], initialStates: forward, reverseInitialStates: backward, lengths: lengths)
      return [result.outputs] + (result.finalStates + result.reverseFinalStates).flatMap(parts)
    }
  }
}

/// A cell as a user may write it, in ordinary operations.
struct Leaky<Scalar: FloatingPointScalar>: RecurrentCell {
  let hiddenSize: Int
  let input: Linear<Scalar>

  init(_ inputSize: Int, _ hiddenSize: Int, using generator: inout some RandomNumberGenerator) {
    self.hiddenSize = hiddenSize
    input = Linear(inputs: inputSize, outputs: hiddenSize, using: &generator)
  }

  func initialState(batch: Int) -> Tensor<Scalar> { .ones([batch, hiddenSize]) }

  func callAsFunction(_ x: Tensor<Scalar>, _ state: Tensor<Scalar>) -> Tensor<Scalar> {
    state * 0.5 + tanh(input(x) + state)
  }
}
