import Autograd
import Layers
import Testing

/// A cell of a user, with a state of two tensors of different extents: a running mean of the input,
/// and a count that the output depends on.
private struct Counting: RecurrentCell {
  typealias Scalar = Double

  struct State: RecurrentState {
    var mean: Tensor<Double>  // [batch, hidden]
    var count: Tensor<Double>  // [batch, 1]
    var output: Tensor<Double> { tanh(mean * count) }

    func combined(
      with other: State, by body: (Tensor<Double>, Tensor<Double>) -> Tensor<Double>
    ) -> State {
      State(mean: body(mean, other.mean), count: body(count, other.count))
    }
  }

  let projection: Linear<Double>
  let hiddenSize: Int

  init(_ inputSize: Int, _ hiddenSize: Int, using generator: inout Generator) {
    projection = Linear(inputs: inputSize, outputs: hiddenSize, using: &generator)
    self.hiddenSize = hiddenSize
  }

  func initialState(batch: Int) -> State {
    State(mean: .zeros([batch, hiddenSize]), count: .zeros([batch, 1]))
  }

  func callAsFunction(_ x: Tensor<Double>, _ state: State) -> State {
    State(mean: state.mean * 0.5 + projection(x) * 0.5, count: state.count + 1)
  }
}

/// What `Recurrent` does for any cell.
@Suite struct RecurrentDriverTests {
  private let lengths = [4, 1, 0, 3]

  private func network(
    layers: Int = 2, dropout: Double = 0
  ) -> Recurrent<Counting> {
    var generator = Generator(seed: 1)
    return Recurrent(inputSize: 3, layers: layers, isBidirectional: true, dropout: dropout) {
      Counting($0, 2, using: &generator)
    }
  }

  private let x: Tensor<Double> = {
    var generator = Generator(seed: 2)
    return .normal([4, 4, 3], using: &generator)
  }()

  private func states(_ seed: UInt64) -> [Counting.State] {
    var generator = Generator(seed: seed)
    return (0..<2).map { _ in
      Counting.State(
        mean: .normal([4, 2], using: &generator), count: .normal([4, 1], using: &generator))
    }
  }

  /// Both layers in both directions, row by row and step by step, with nothing of `Recurrent`.
  private func byHand(
    _ network: Recurrent<Counting>, _ forward: [Counting.State], _ backward: [Counting.State]
  ) -> (outputs: [[Tensor<Double>]], forward: [[Counting.State]], backward: [[Counting.State]]) {
    var (outputs, ahead, back): ([[Tensor<Double>]], [[Counting.State]], [[Counting.State]])
    (outputs, ahead, back) = ([], [], [])
    for row in 0..<4 {
      var steps = (0..<lengths[row]).map {
        x.narrowed(axis: 0, to: row..<(row + 1)).narrowed(axis: 1, to: $0..<($0 + 1)).squeezed(
          axes: 1)
      }
      let own = Tensor<Int32>([Int32(row)])
      var (lastAhead, lastBack): ([Counting.State], [Counting.State]) = ([], [])
      for (index, layer) in network.layers.enumerated() {
        var state = forward[index].rows(own)
        var firsts: [Tensor<Double>] = []
        for step in steps {
          state = layer.forward(step, state)
          firsts.append(state.output)
        }
        lastAhead.append(state)
        state = backward[index].rows(own)
        var seconds: [Tensor<Double>] = []
        for step in steps.reversed() {
          state = layer.reverse!(step, state)
          seconds.insert(state.output, at: 0)
        }
        lastBack.append(state)
        steps = zip(firsts, seconds).map { .concatenated([$0, $1], axis: 1) }
      }
      outputs.append(steps)
      ahead.append(lastAhead)
      back.append(lastBack)
    }
    return (outputs, ahead, back)
  }

  @Test func `any cell runs in layers, directions, lengths and from any state`() {
    let network = network()
    let (forward, backward) = (states(3), states(4))
    let result = network(
      x, initialStates: forward, reverseInitialStates: backward, lengths: lengths)
    let expected = byHand(network, forward, backward)
    for row in 0..<4 {
      for step in 0..<4 {
        let ours = result.outputs.selected(axis: 0, at: row).selected(axis: 0, at: step)
        let theirs =
          step < lengths[row] ? expected.outputs[row][step].squeezed(axes: 0) : .zeros([4])
        // Products of one row or of four: a rounding or two.
        #expect(ours.isClose(to: theirs, within: 1e-14))
      }
      for layer in 0..<2 {
        for (ours, theirs) in [
          (result.finalStates[layer], expected.forward[row][layer]),
          (result.reverseFinalStates[layer], expected.backward[row][layer]),
        ] {
          let own = ours.rows(Tensor<Int32>([Int32(row)]))
          #expect(own.mean.isClose(to: theirs.mean, within: 1e-14))
          #expect(own.count.isClose(to: theirs.count, within: 1e-14))
        }
      }
    }
    // An empty sequence keeps its state.
    #expect(
      result.finalStates[1].mean.selected(axis: 0, at: 2)
        == forward[1].mean.selected(axis: 0, at: 2))
  }

  @Test func `its derivatives agree with finite differences, initial states' too`() {
    let network = network()
    let inputs = [x] + (states(3) + states(4)).flatMap { [$0.mean, $0.count] }
    let check = GradientCheck(at: inputs, order: 2) { inputs in
      func state(_ index: Int) -> Counting.State {
        Counting.State(mean: inputs[2 * index + 1], count: inputs[2 * index + 2])
      }
      return network(
        inputs[0], initialStates: [state(0), state(1)], reverseInitialStates: [state(2), state(3)],
        lengths: lengths
      ).outputs
    }
    #expect(check.passes, "\(check)")
  }

  @Test func `without initial states it starts from the cell's own`() {
    let network = network()
    let zeros = (0..<2).map { _ in network.layers[0].forward.initialState(batch: 4) }
    #expect(
      network(x, lengths: lengths).outputs
        == network(x, initialStates: zeros, reverseInitialStates: zeros, lengths: lengths).outputs)
  }

  @Test func `dropout works between layers, in training alone`() {
    let (plain, network) = (network(), network(dropout: 0.5))
    #expect(network(x).outputs == plain(x).outputs)
    var generator = Generator(seed: 7)
    var outputs: [Tensor<Double>] = []
    for _ in 0..<2 {
      _ = valueWithGradient(at: network, using: &generator) { network in
        let result = network(x)
        outputs.append(result.outputs.detached)
        // The first layer sees the input whole.
        #expect(result.finalStates[0].mean.detached == plain(x).finalStates[0].mean)
        return result.outputs.sum()
      }
    }
    #expect(outputs[0] != outputs[1] && outputs[0] != plain(x).outputs)
    // One layer has nothing between layers.
    let single = self.network(layers: 1, dropout: 0.5)
    _ = valueWithGradient(at: single, using: &generator) { single in
      #expect(single(x).outputs.detached == self.network(layers: 1)(x).outputs)
      return single(x).outputs.sum()
    }
  }

  @Test func `a GRU with the reset gate in front runs in layers and both directions`() {
    var generator = Generator(seed: 5)
    let network = GRU<Double>(
      inputSize: 3, hiddenSize: 2, layers: 2, isBidirectional: true, reset: .beforeProduct,
      using: &generator)
    let check = GradientCheck(at: [x], order: 2) { network($0[0], lengths: lengths).outputs }
    #expect(check.passes, "\(check)")
    #expect(network.layers[1].reverse?.reset == .beforeProduct)
  }

  @Test func `a layer-normalised LSTM's derivatives agree with finite differences`() {
    var generator = Generator(seed: 6)
    let network = Recurrent(inputSize: 3, layers: 2, isBidirectional: true) {
      LayerNormLSTMCell<Double>(inputSize: $0, hiddenSize: 3, using: &generator)
    }
    // Norms of small vectors have large third derivatives.
    let check = GradientCheck(at: [x], order: 2, tolerance: 1e-6) {
      network($0[0], lengths: lengths).outputs
    }
    #expect(check.passes, "\(check)")
  }
}
