public import Autograd

/// A recurrent network: a cell over sequences, in one or more layers, in one or both directions.
///
/// Any cell will do, one of your own too:
///
///     Recurrent(inputSize: 8, layers: 2, isBidirectional: true) { MyCell($0, using: &generator) }
public struct Recurrent<Cell: RecurrentCell>: Layer {
  /// The scalars of inputs and outputs.
  public typealias Scalar = Cell.Scalar

  /// The cells of one layer.
  public struct Directions: Layer {
    /// From the first step to the last.
    public let forward: Cell
    /// From the last step to the first, if the network has both directions.
    public let reverse: Cell?
  }

  /// The results of a network.
  public struct Result {
    /// Of the last layer, `[batch, time, hidden]`, or `[batch, time, 2 * hidden]` with the forward
    /// direction first; zero after a sequence's end.
    public let outputs: Tensor<Scalar>
    /// By layer: the state after each sequence's last step.
    public let finalStates: [Cell.State]
    /// By layer: the state of the reverse direction after each sequence's first step, which is its
    /// last; empty without that direction.
    public let reverseFinalStates: [Cell.State]
  }

  /// The cells, the layer next to the input first.
  public let layers: [Directions]
  /// Between layers, in training.
  public let dropout: Dropout<Scalar>

  /// A network of any cells.
  ///
  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - layers: number of layers.
  ///   - isBidirectional: whether each layer runs in both directions.
  ///   - dropout: rate of the dropout between layers.
  ///   - makeCell: makes a cell for the given input size, which in the upper layers is the
  ///     hidden size, twice that with both directions.
  public init(
    inputSize: Int, layers: Int = 1, isBidirectional: Bool = false, dropout: Double = 0,
    makeCell: (_ inputSize: Int) -> Cell
  ) {
    if layers < 1 { trap("Recurrent: \(layers) layers; there must be at least one") }
    var size = inputSize
    self.layers = (0..<layers).map { _ in
      let forward = makeCell(size)
      let reverse = isBidirectional ? makeCell(size) : nil
      size = forward.hiddenSize * (isBidirectional ? 2 : 1)
      return Directions(forward: forward, reverse: reverse)
    }
    self.dropout = Dropout(dropout)
  }

  /// Whether there is a reverse direction.
  public var isBidirectional: Bool { layers[0].reverse != nil }

  /// - Parameters:
  ///   - inputs: `[batch, time, in]`
  ///   - initialStates: by layer, the state to start from; nil for the cell's own initial state.
  ///   - reverseInitialStates: by layer, the state that the reverse direction starts from, at each
  ///     sequence's end; nil for the cell's own initial state.
  ///   - lengths: number of steps of each sequence; nil where all have all.
  @_specialize(where Cell == RNNCell<Float>)
  @_specialize(where Cell == RNNCell<Double>)
  @_specialize(where Cell == GRUCell<Float>)
  @_specialize(where Cell == GRUCell<Double>)
  @_specialize(where Cell == LSTMCell<Float>)
  @_specialize(where Cell == LSTMCell<Double>)
  public func callAsFunction(
    _ inputs: Tensor<Scalar>, initialStates: [Cell.State]? = nil,
    reverseInitialStates: [Cell.State]? = nil, lengths: [Int]? = nil
  ) -> Result {
    run(inputs, initialStates, reverseInitialStates, lengths)
  }

  /// A function of its own: what stands in the public one looks up types before it gets to the
  /// specialised code.
  @inline(never)
  private func run(
    _ inputs: Tensor<Scalar>, _ forward: [Cell.State]?, _ reverse: [Cell.State]?,
    _ lengths: [Int]?
  ) -> Result {
    func check(_ states: [Cell.State]?) {
      if let states, states.count != layers.count {
        trap("Recurrent: \(states.count) initial states for \(layers.count) layers\(layerPath)")
      }
    }
    check(forward)
    check(reverse)
    if reverse != nil && !isBidirectional {
      trap("Recurrent: initial states of a reverse direction that is not there\(layerPath)")
    }
    _ = checkSequence(inputs, lengths, in: self)
    var finalStates: [Cell.State] = []
    var reverseFinalStates: [Cell.State] = []
    finalStates.reserveCapacity(layers.count)
    func run(_ layer: Int, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
      let (ahead, aheadState) = layers[layer].forward.sequence(
        x, initialState: forward?[layer], lengths: lengths, isReverse: false)
      finalStates.append(consume aheadState)
      guard let cell = layers[layer].reverse else { return ahead }
      let (back, backState) = cell.sequence(
        x, initialState: reverse?[layer], lengths: lengths, isReverse: true)
      reverseFinalStates.append(consume backState)
      return .concatenated([ahead, back], axis: 2)
    }
    var x = run(0, inputs)
    for layer in layers.indices.dropFirst() { x = run(layer, dropout(x)) }
    return Result(outputs: x, finalStates: finalStates, reverseFinalStates: reverseFinalStates)
  }
}

/// A recurrent network of simple cells.
public typealias RNN<Scalar: FloatingPointScalar> = Recurrent<RNNCell<Scalar>>
/// A recurrent network of gated recurrent units.
public typealias GRU<Scalar: FloatingPointScalar> = Recurrent<GRUCell<Scalar>>
/// A recurrent network of LSTM cells.
public typealias LSTM<Scalar: FloatingPointScalar> = Recurrent<LSTMCell<Scalar>>

extension Recurrent {
  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - hiddenSize: extent of a state's last axis.
  ///   - layers: number of layers.
  ///   - isBidirectional: whether each layer runs in both directions.
  ///   - activation: the function that makes the state.
  ///   - dropout: rate of the dropout between layers.
  ///   - bias: whether vectors are added.
  ///   - generator: all start uniform in ±1/sqrt(hiddenSize).
  public init<S>(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, isBidirectional: Bool = false,
    activation: RNNCell<S>.Activation = .tanh, dropout: Double = 0, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) where Cell == RNNCell<S> {
    self.init(
      inputSize: inputSize, layers: layers, isBidirectional: isBidirectional, dropout: dropout
    ) {
      RNNCell(
        inputSize: $0, hiddenSize: hiddenSize, activation: activation, bias: bias, using: &generator
      )
    }
  }

  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - hiddenSize: extent of a state's last axis.
  ///   - layers: number of layers.
  ///   - isBidirectional: whether each layer runs in both directions.
  ///   - reset: where the reset gate works.
  ///   - dropout: rate of the dropout between layers.
  ///   - bias: whether vectors are added.
  ///   - generator: all start uniform in ±1/sqrt(hiddenSize).
  public init<S>(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, isBidirectional: Bool = false,
    reset: GRUCell<S>.Reset = .afterProduct, dropout: Double = 0, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) where Cell == GRUCell<S> {
    self.init(
      inputSize: inputSize, layers: layers, isBidirectional: isBidirectional, dropout: dropout
    ) {
      GRUCell(inputSize: $0, hiddenSize: hiddenSize, reset: reset, bias: bias, using: &generator)
    }
  }

  /// - Parameters:
  ///   - inputSize: extent of the input's last axis.
  ///   - hiddenSize: extent of a state's last axis.
  ///   - layers: number of layers.
  ///   - isBidirectional: whether each layer runs in both directions.
  ///   - projectionSize: extent that outputs are projected to; nil for none.
  ///   - dropout: rate of the dropout between layers.
  ///   - bias: whether vectors are added.
  ///   - generator: all start uniform in ±1/sqrt(hiddenSize).
  public init<S>(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, isBidirectional: Bool = false,
    projectionSize: Int? = nil, dropout: Double = 0, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) where Cell == LSTMCell<S> {
    self.init(
      inputSize: inputSize, layers: layers, isBidirectional: isBidirectional, dropout: dropout
    ) {
      LSTMCell(
        inputSize: $0, hiddenSize: hiddenSize, projectionSize: projectionSize, bias: bias,
        using: &generator)
    }
  }
}

extension Recurrent: Sendable where Cell: Sendable {}
extension Recurrent.Directions: Sendable where Cell: Sendable {}
