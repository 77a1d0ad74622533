import Autograd
public import Layers

/// A recurrent cell that says what a step is in ONNX's operators. It then runs over sequences, in
/// several layers and both directions, in a `Recurrent` that is exported.
public protocol ONNXRecurrentCell<Scalar>: RecurrentCell {
  /// One step.
  ///
  /// - Parameters:
  ///   - x: `[batch, in]`
  ///   - state: the state's tensors in the order of `RecurrentState.combined`, `[batch, size]` each;
  ///     the first is what the cell gives to the outside.
  /// - Returns: the state's tensors after the step.
  func step(_ x: ONNXValue, _ state: [ONNXValue]) throws -> [ONNXValue]

  /// All steps; what is there is a loop.
  ///
  /// - Parameters:
  ///   - inputs: `[batch, time, in]`
  ///   - initialState: before the first step; nil for the cell's own.
  ///   - lengths: number of steps of each row, `[batch]`; nil where all rows have all.
  ///   - isReverse: from each row's own last step to the first.
  /// - Returns: outputs `[batch, time, hidden]`, zero after a row's end, and the state after each
  ///   row's last step taken.
  func sequence(
    _ inputs: ONNXValue, initialState: [ONNXValue]?, lengths: ONNXValue?, isReverse: Bool
  ) throws -> (outputs: ONNXValue, finalState: [ONNXValue])
}

extension ONNXRecurrentCell {
  /// A loop over steps.
  public func sequence(
    _ inputs: ONNXValue, initialState: [ONNXValue]?, lengths: ONNXValue?, isReverse: Bool
  ) throws -> (outputs: ONNXValue, finalState: [ONNXValue]) {
    try stepwise(inputs, initialState, lengths, isReverse)
  }

  /// The cell's state before the first step.
  ///
  /// - Parameter x: of as many rows.
  public func initialState(like x: ONNXValue) -> [ONNXValue] {
    initialTensors.map { tensor in
      x.graph.initializer("constant/initial state \(tensor.shape)", tensor)
        .expanded(to: [.axis(0, of: x), .size(tensor.shape[1])])
    }
  }

  /// The tensors of one row's state before the first step, `[1, size]` each.
  var initialTensors: [Tensor<Scalar>] {
    let one = initialState(batch: 1)
    var tensors: [Tensor<Scalar>] = []
    _ = one.combined(with: one) { tensor, _ in
      tensors.append(tensor)
      return tensor
    }
    return tensors
  }

  func stepwise(
    _ inputs: ONNXValue, _ initialState: [ONNXValue]?, _ lengths: ONNXValue?, _ isReverse: Bool
  ) throws -> (outputs: ONNXValue, finalState: [ONNXValue]) {
    let graph = inputs.graph
    var steps = [inputs.transposed([1, 0, 2])]  // [time, batch, in]
    if let lengths {
      let mask = ONNXValue.sequenceMask(lengths: lengths, time: inputs.count(1))
      steps.append(mask.transposed([1, 0]).unsqueezed([2]))  // [time, batch, 1]
    }
    let made = try graph.scan(
      initialState ?? self.initialState(like: inputs), over: steps, isReverse: isReverse
    ) { state, inputs in
      var next = try step(inputs[0], state)
      var output = next[0]
      if inputs.count > 1 {
        output = select(inputs[1], output, output.like(0))
        next = zip(next, state).map { select(inputs[1], $0, $1) }
      }
      return (next, [output])
    }
    return (made.outputs[0].transposed([1, 0, 2]), made.states)
  }
}

/// A cell that ONNX has an operator of.
private struct RecurrentOperator<Scalar: FloatingPointScalar> {
  let name: String
  /// Which of our blocks of rows is each of ONNX's.
  let gateOrder: [Int]
  let hiddenSize: Int
  let weightInput: Parameter<Scalar>
  let weightHidden: Parameter<Scalar>
  let biasInput: Parameter<Scalar>?
  let biasHidden: Parameter<Scalar>?
  /// What one cell has of its own, such as an activation.
  var attribute: (key: String, value: ONNXAttribute) = ("activations", .absent)

  /// The operator over all steps, which stand on the first axis there.
  ///
  /// - Parameters:
  ///   - inputs: `[time, batch, in]`
  ///   - state: `[batch, hidden]` each; nil for zeros.
  ///   - lengths: `[batch]`, or nil.
  /// - Returns: outputs `[time, batch, hidden]`, and the state after each row's last step.
  func callAsFunction(
    _ inputs: ONNXValue, _ state: [ONNXValue]?, _ lengths: ONNXValue?, isReverse: Bool
  ) -> (outputs: ONNXValue, state: [ONNXValue]) {
    let graph = inputs.graph
    let first = state?.map { $0.unsqueezed([0]) }
    let isLSTM = name == "LSTM"
    let results = graph.nodes(
      name,
      [
        inputs, weight(weightInput, graph), weight(weightHidden, graph), bias(graph),
        lengths?.converted(to: .int32), first?[0], isLSTM ? first?[1] : nil,
      ],
      [
        "hidden_size": .integer(hiddenSize),
        "direction": .text(isReverse ? "reverse" : "forward"), attribute.key: attribute.value,
      ], types: Array(repeating: inputs.type, count: isLSTM ? 3 : 2)
    ).map { $0! }
    return (results[0].squeezed([1]), results.dropFirst().map { $0.squeezed([0]) })
  }

  /// `[1, gates * hidden, in]`, the blocks in ONNX's order.
  private func weight(_ box: Parameter<Scalar>, _ graph: ONNXGraph) -> ONNXValue {
    graph.initializer(box.name ?? "weight", reordered(box.stored).unsqueezed(axis: 0))
  }

  /// `[1, 2 * gates * hidden]`: those of the input's products, then those of the state's.
  private func bias(_ graph: ONNXGraph) -> ONNXValue? {
    if biasInput == nil && biasHidden == nil { return nil }
    let zeros = Tensor<Scalar>.zeros([gateOrder.count * hiddenSize])
    let both = [biasInput, biasHidden].map { $0.map { reordered($0.stored) } ?? zeros }
    let name = (biasInput ?? biasHidden)?.name ?? "bias"
    return graph.initializer(
      name.replacing("biasInput", with: "biases").replacing("biasHidden", with: "biases"),
      Tensor.concatenated(both, axis: 0).unsqueezed(axis: 0))
  }

  private func reordered(_ tensor: Tensor<Scalar>) -> Tensor<Scalar> {
    .concatenated(
      gateOrder.map { tensor.narrowed(axis: 0, to: $0 * hiddenSize..<($0 + 1) * hiddenSize) },
      axis: 0)
  }
}

/// A cell that is one of ONNX's operators: a step is a sequence of one.
private protocol ONNXOperatorCell: ONNXRecurrentCell {
  var onnxOperator: RecurrentOperator<Scalar> { get }
}

extension ONNXOperatorCell {
  fileprivate func run(
    _ inputs: ONNXValue, _ state: [ONNXValue]?, _ lengths: ONNXValue?, _ isReverse: Bool
  ) -> (outputs: ONNXValue, finalState: [ONNXValue]) {
    inputs.graph.inside(self) {
      let made = onnxOperator(
        inputs.transposed([1, 0, 2]), state, lengths, isReverse: isReverse)
      return (made.outputs.transposed([1, 0, 2]), made.state)
    }
  }

  fileprivate func runStep(_ x: ONNXValue, _ state: [ONNXValue]) -> [ONNXValue] {
    x.graph.inside(self) { onnxOperator(x.unsqueezed([0]), state, nil, isReverse: false).state }
  }
}

extension RNNCell: ONNXOperatorCell, ONNXExportable {
  fileprivate var onnxOperator: RecurrentOperator<Scalar> {
    RecurrentOperator(
      name: "RNN", gateOrder: [0], hiddenSize: hiddenSize, weightInput: $weightInput,
      weightHidden: $weightHidden, biasInput: $biasInput, biasHidden: $biasHidden,
      attribute: ("activations", .texts([activation == .tanh ? "Tanh" : "Relu"])))
  }

  /// ONNX's `RNN` of one step.
  public func step(_ x: ONNXValue, _ state: [ONNXValue]) -> [ONNXValue] { runStep(x, state) }

  /// ONNX's `RNN`.
  public func sequence(
    _ inputs: ONNXValue, initialState: [ONNXValue]?, lengths: ONNXValue?, isReverse: Bool
  ) -> (outputs: ONNXValue, finalState: [ONNXValue]) {
    run(inputs, initialState, lengths, isReverse)
  }
}

extension GRUCell: ONNXOperatorCell, ONNXExportable {
  /// Ours are r, z, n; ONNX's z, r, h.
  fileprivate var onnxOperator: RecurrentOperator<Scalar> {
    RecurrentOperator(
      name: "GRU", gateOrder: [1, 0, 2], hiddenSize: hiddenSize, weightInput: $weightInput,
      weightHidden: $weightHidden, biasInput: $biasInput, biasHidden: $biasHidden,
      attribute: ("linear_before_reset", .integer(reset == .afterProduct ? 1 : 0)))
  }

  /// ONNX's `GRU` of one step.
  public func step(_ x: ONNXValue, _ state: [ONNXValue]) -> [ONNXValue] { runStep(x, state) }

  /// ONNX's `GRU`.
  public func sequence(
    _ inputs: ONNXValue, initialState: [ONNXValue]?, lengths: ONNXValue?, isReverse: Bool
  ) -> (outputs: ONNXValue, finalState: [ONNXValue]) {
    run(inputs, initialState, lengths, isReverse)
  }
}

extension LSTMCell: ONNXOperatorCell, ONNXExportable {
  /// Ours are i, f, g, o; ONNX's i, o, f, c.
  fileprivate var onnxOperator: RecurrentOperator<Scalar> {
    RecurrentOperator(
      name: "LSTM", gateOrder: [0, 3, 1, 2], hiddenSize: hiddenSize, weightInput: $weightInput,
      weightHidden: $weightHidden, biasInput: $biasInput, biasHidden: $biasHidden)
  }

  /// ONNX's `LSTM` of one step; with a projection, which that has not, its equations.
  public func step(_ x: ONNXValue, _ state: [ONNXValue]) -> [ONNXValue] {
    guard let projection = $weightProjection else { return runStep(x, state) }
    let graph = x.graph
    return graph.inside(self) {
      func product(
        _ x: ONNXValue, _ weight: Parameter<Scalar>, _ bias: Parameter<Scalar>?
      ) -> ONNXValue {
        linear(x, graph.parameter(weight), bias.map { graph.parameter($0) })
      }
      let gates =
        product(x, $weightInput, $biasInput)
        + product(state[0], $weightHidden, $biasHidden)
      let (hidden, cell) = lstmStep(gates, cell: state[1]) { $0 }
      return [linear(hidden, graph.parameter(projection)), cell]
    }
  }

  /// ONNX's `LSTM`; with a projection, a loop.
  public func sequence(
    _ inputs: ONNXValue, initialState: [ONNXValue]?, lengths: ONNXValue?, isReverse: Bool
  ) throws -> (outputs: ONNXValue, finalState: [ONNXValue]) {
    $weightProjection == nil
      ? run(inputs, initialState, lengths, isReverse)
      : try stepwise(inputs, initialState, lengths, isReverse)
  }
}

/// What an LSTM makes of its gates' sums, in blocks i, f, g, o.
///
/// - Parameter norm: what is made of the cell before the output gate.
private func lstmStep(
  _ gates: ONNXValue, cell: ONNXValue, norm: (ONNXValue) -> ONNXValue
) -> (hidden: ONNXValue, cell: ONNXValue) {
  let blocks = gates.chunked(axis: 1, into: 4)
  let next = sigmoid(blocks[1]) * cell + sigmoid(blocks[0]) * tanh(blocks[2])
  return (sigmoid(blocks[3]) * tanh(norm(next)), next)
}

extension LayerNormLSTMCell: ONNXRecurrentCell, ONNXExportable {
  /// The cell's equations.
  public func step(_ x: ONNXValue, _ state: [ONNXValue]) -> [ONNXValue] {
    let graph = x.graph
    return graph.inside(self) {
      let sums =
        normInput(linear(x, graph.parameter($weightInput)))
        + normHidden(linear(state[0], graph.parameter($weightHidden)))
        + graph.parameter($bias)
      let (hidden, cell) = lstmStep(sums, cell: state[1]) { normCell($0) }
      return [hidden, cell]
    }
  }
}
