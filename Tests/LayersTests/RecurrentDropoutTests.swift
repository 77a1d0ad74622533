import Autograd
import Layers
import Testing

/// Zoneout and variational dropout.
@Suite struct RecurrentDropoutTests {
  private let x: Tensor<Double> = {
    var generator = Generator(seed: 2)
    return .normal([3, 5, 4], using: &generator)
  }()

  private func cell() -> LSTMCell<Double> {
    var generator = Generator(seed: 1)
    return LSTMCell(inputSize: 4, hiddenSize: 6, using: &generator)
  }

  /// Calls the body in training.
  private func training(
    _ model: some Layer, seed: UInt64, _ body: () -> Void
  ) {
    var generator = Generator(seed: seed)
    _ = valueWithGradient(at: model, using: &generator) { _ in
      withoutGradient { body() }
      return Tensor<Double>(0)
    }
  }

  // MARK: Zoneout

  @Test func `units stay or move, each by itself, as often as the rates say`() {
    let zoneout = Zoneout(cell(), rates: 0.25, 0.75)
    var generator = Generator(seed: 3)
    let batch = 400
    let state = LSTMState<Double>(
      hidden: .normal([batch, 6], using: &generator), cell: .normal([batch, 6], using: &generator))
    let input = Tensor<Double>.normal([batch, 4], using: &generator)
    let moved = cell()(input, state)
    training(zoneout, seed: 4) {
      let next = zoneout(input, state)
      for (ours, old, new, rate) in [
        (next.hidden, state.hidden, moved.hidden, 0.25), (next.cell, state.cell, moved.cell, 0.75),
      ] {
        let stays = zip(ours.scalars, old.scalars).count { $0 == $1 }
        let moves = zip(ours.scalars, new.scalars).count { $0 == $1 }
        #expect(stays + moves == batch * 6)
        // Five deviations of a binomial distribution of 2400.
        #expect(abs(Double(stays) - rate * 2400) < 5 * (2400 * 0.1875).squareRoot())
      }
    }
  }

  @Test func `in evaluation it is the expectation, and a rate of 0 is the cell`() {
    let state = cell()(x.selected(axis: 1, at: 0), cell().initialState(batch: 3))
    let input = x.selected(axis: 1, at: 1)
    let next = Zoneout(cell(), rates: 0.3)(input, state)
    let moved = cell()(input, state)
    let expected = state.cell * 0.3 + moved.cell * 0.7
    #expect(next.cell.isClose(to: expected, within: 1e-15))
    #expect(next.hidden.isClose(to: state.hidden * 0.3 + moved.hidden * 0.7, within: 1e-15))
    training(cell(), seed: 5) {
      let same = Zoneout(self.cell(), rates: 0)(input, state)
      #expect(same.hidden.detached.isClose(to: moved.hidden, within: 1e-15))
    }
  }

  @Test func `zoneout runs over sequences of any cell, and is differentiated`() {
    var generator = Generator(seed: 6)
    let network = Recurrent(inputSize: 4, layers: 2, isBidirectional: true) {
      Zoneout(GRUCell<Double>(inputSize: $0, hiddenSize: 3, using: &generator), rates: 0.2)
    }
    var draws = Generator(seed: 7)
    let (value, gradients) = valueWithGradient(at: network, using: &draws) {
      $0(x, lengths: [5, 2, 0]).outputs.sum()
    }
    #expect(value.scalar.isFinite && gradients.count == network.parameters.count)
    let check = GradientCheck(at: [x]) { inputs in
      // The expectation; the nested call takes over that this is an evaluation.
      valueWithGradient(evaluating: network) { _ in
        network(inputs[0], lengths: [5, 2, 0]).outputs.sum()
      }.value
    }
    #expect(check.passes, "\(check)")
  }

  @Test func `rates that do not fit the state are told`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var generator = Generator(seed: 1)
      let zoneout = Zoneout(
        GRUCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator), rates: 0.1, 0.2)
      _ = zoneout(.zeros([1, 2]), zoneout.initialState(batch: 1))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("Zoneout: 2 rates for a state of 1 tensors"))
  }

  // MARK: Variational dropout

  @Test func `outside of training it is the cell`() {
    let dropout = VariationalDropout(cell(), inputSize: 4, input: 0.5, recurrent: 0.5, output: 0.5)
    let ours = dropout.sequence(
      x, initialState: dropout.initialState(batch: 3), lengths: [5, 3, 0], isReverse: true)
    let theirs = cell().sequence(
      x, initialState: cell().initialState(batch: 3), lengths: [5, 3, 0], isReverse: true)
    #expect(ours.outputs == theirs.outputs && ours.finalState.cell.cell == theirs.finalState.cell)
  }

  @Test func `one mask holds for all steps of a sequence`() {
    // With a recurrent weight and an input weight of ones, and relu, each unit adds up what it sees.
    var generator = Generator(seed: 1)
    let cell = RNNCell<Double>(
      inputSize: 8, hiddenSize: 8, activation: .relu, bias: false, using: &generator)
    let identity = Tensor<Double>((0..<64).map { $0 / 8 == $0 % 8 ? 1 : 0 }, shape: [8, 8])
    cell.$weightInput.tensor = identity
    cell.$weightHidden.tensor = identity
    let ones = Tensor<Double>.ones([4, 3, 8])
    let dropout = VariationalDropout(cell, inputSize: 8, input: 0.5, recurrent: 0.5, output: 0.25)
    training(dropout, seed: 3) {
      let start = dropout.initialState(batch: 4)
      let (outputs, _) = dropout.sequence(ones, initialState: start, lengths: nil, isReverse: false)
      var seen: Set<[Double]> = []
      for row in 0..<4 {
        for unit in 0..<8 {
          // The input counts 0 or 2, the past 0 or 2 times, the output 0 or 4/3.
          let steps = (0..<3).map { outputs[row, $0, unit].scalar * 0.75 }
          seen.insert(steps.map { ($0 * 1e6).rounded() / 1e6 })
        }
      }
      // Without input 0 throughout; else 2 each time, or 2, 6, 14; without output 0 throughout.
      #expect(seen == [[0, 0, 0], [2, 2, 2], [2, 6, 14]])
      // Step by step with the state's masks it is the same.
      var state = start
      for t in 0..<3 {
        state = dropout(ones.selected(axis: 1, at: t), state)
        #expect(state.output.detached == outputs.selected(axis: 1, at: t).detached)
      }
    }
  }

  @Test func `sequences have masks of their own, drawn anew for each call`() {
    let dropout = VariationalDropout(cell(), inputSize: 4, input: 0.5)
    let same = x.narrowed(axis: 0, to: 0..<1).expanded(to: [3, 5, 4])
    training(dropout, seed: 3) {
      func run() -> Tensor<Double> {
        dropout.sequence(
          same, initialState: dropout.initialState(batch: 3), lengths: nil, isReverse: false
        ).outputs.detached
      }
      let (first, second) = (run(), run())
      #expect(first != second)
      #expect(first.selected(axis: 0, at: 0) != first.selected(axis: 0, at: 1))
    }
  }

  @Test func `it runs in layers, directions and lengths, and NaN after the ends stays there`() {
    var generator = Generator(seed: 6)
    let network = Recurrent(inputSize: 4, layers: 2, isBidirectional: true) {
      VariationalDropout(
        LayerNormLSTMCell<Double>(inputSize: $0, hiddenSize: 3, using: &generator), inputSize: $0,
        input: 0.3, recurrent: 0.3,
        output: 0.3)
    }
    let lengths = [5, 2, 0]
    let after = !sequenceMask(lengths: lengths, time: 5).unsqueezed(axis: 2)
    func run(_ junk: Double) -> (Tensor<Double>, Gradients) {
      var draws = Generator(seed: 7)
      let input = x.filled(where: after, with: junk)
      return valueWithGradient(at: network, using: &draws) {
        $0(input, lengths: lengths).outputs.sum()
      }
    }
    let (clean, broken) = (run(0), run(.nan))
    #expect(clean.0 == broken.0)
    #expect(broken.1.firstNonFinite == nil && broken.1.count == network.parameters.count)
  }

  @Test func `it goes around zoneout`() {
    let inner = Zoneout(cell(), rates: 0.5)
    let dropout = VariationalDropout(inner, inputSize: 4, recurrent: 0.5)
    let ones = LSTMState<Double>(hidden: .ones([3, 6]), cell: .ones([3, 6]))
    training(dropout, seed: 3) {
      let next = dropout(x.selected(axis: 1, at: 0), dropout.state(from: ones)).cell
      // Half of the units have stayed, on average: of 36 some, but not all.
      let stays = (next.hidden.scalars + next.cell.scalars).count { $0 == 1 }
      #expect(stays > 0 && stays < 36)
    }
  }

  @Test func `initial states get masks by name`() {
    let dropout = VariationalDropout(cell(), inputSize: 4, recurrent: 0.5)
    var generator = Generator(seed: 4)
    let state = LSTMState<Double>(
      hidden: .normal([3, 6], using: &generator), cell: .normal([3, 6], using: &generator))
    let ours = dropout.sequence(
      x, initialState: dropout.state(from: state), lengths: nil, isReverse: false)
    let theirs = cell().sequence(x, initialState: state, lengths: nil, isReverse: false)
    #expect(ours.outputs == theirs.outputs)
  }
}
