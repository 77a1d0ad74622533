public import Autograd
public import Interchange
public import Layers
import Training

/// A graph of ONNX operators that is being written: inputs, nodes, weights and outputs.
///
/// ```swift
/// let graph = ONNXGraph(of: model)
/// let x = graph.input("x", .float, ["batch", "time", 8])
/// graph.output("probabilities", softmax(try model.fc(x), axis: -1), ["batch", "time", 3])
/// try graph.write(to: "model.onnx")
/// ```
///
/// A node stands in the graph as soon as its value is made, and is called by the path of its layer
/// and its operator, as `encoder.layers.0.forward/GRU`; weights are called by their parameters' paths.
public final class ONNXGraph {
  /// What the graph is, such as `encoder`.
  public let name: String
  /// What else a file should say: keys and texts, such as a vocabulary.
  public var metadata: [String: String] = [:]
  /// The graph and the bodies of loops that are being written within it, innermost last.
  private var blocks: [ONNXBlock]
  private(set) var initializers: [(name: String, tensor: StoredTensor)] = []
  private var initializerIndices: [String: Int] = [:]
  private var usedNames: Set<String> = []
  /// The paths of the layers that are being written, innermost last.
  private var scopes: [String] = []

  /// An empty graph.
  ///
  /// - Parameters:
  ///   - name: what the graph is.
  ///   - model: the model whose paths are the names of weights and nodes.
  public init(_ name: String = "model", of model: some Layer) {
    self.name = name
    blocks = [ONNXBlock(name: name)]
    // Looking at the model tells its parameters their names.
    _ = model.parameters
  }

  /// The graph without what its nodes are given as weights.
  package var block: ONNXBlock { blocks[0] }

  // MARK: Inputs and outputs

  /// A value that each call is given.
  public func input(_ name: String, _ type: ONNXElementType, _ axes: [TensorAxis]) -> ONNXValue {
    if !usedNames.insert(name).inserted { trap("ONNXGraph: two values are called \(name)") }
    blocks[0].inputs.append(.init(name: name, type: type, axes: axes))
    return ONNXValue(graph: self, name: name, type: type)
  }

  /// Gives a value to the caller under a name.
  public func output(_ name: String, _ value: ONNXValue, _ axes: [TensorAxis]) {
    if !usedNames.insert(name).inserted { trap("ONNXGraph: two values are called \(name)") }
    blocks[0].nodes.append(
      .init(
        name: unique("\(name)/Identity"), operation: "Identity", inputs: [value.name],
        outputs: [name], attributes: []))
    blocks[0].outputs.append(.init(name: name, type: value.type, axes: axes))
  }

  // MARK: Nodes

  /// The result of an operator.
  ///
  /// - Parameters:
  ///   - operation: an operator of ONNX, opset 17.
  ///   - inputs: nil for an optional one that is left out.
  ///   - type: the elements of the result; those of the first input if nil.
  public func node(
    _ operation: String, _ inputs: [ONNXValue?],
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:], type: ONNXElementType? = nil
  ) -> ONNXValue {
    nodes(operation, inputs, attributes, types: [type ?? inputs[0]!.type])[0]!
  }

  /// The results of an operator.
  ///
  /// - Parameter types: of each result; nil for one that is left out.
  public func nodes(
    _ operation: String, _ inputs: [ONNXValue?],
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:], types: [ONNXElementType?]
  ) -> [ONNXValue?] {
    let name = unique((scopes.last.map { "\($0)/" } ?? "") + operation)
    let outputs = types.enumerated().map { index, type in
      type.map { _ in types.count == 1 ? name : unique("\(name).\(index)") } ?? ""
    }
    // A name stands for one that is left out only where others follow.
    let given = inputs.prefix((inputs.lastIndex { $0 != nil } ?? -1) + 1)
    blocks[blocks.count - 1].nodes.append(
      .init(
        name: name, operation: operation, inputs: given.map { $0?.name ?? "" }, outputs: outputs,
        attributes: Array(attributes).filter { $0.value != .absent }))
    return zip(outputs, types).map { name, type in
      type.map { ONNXValue(graph: self, name: name, type: $0) }
    }
  }

  /// Nodes that the body makes are called by this layer's path.
  public func inside<Result>(
    _ layer: some Layer, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let path = layer.pathInModel else { return try body() }
    scopes.append(path)
    defer { scopes.removeLast() }
    return try body()
  }

  // MARK: Weights and constants

  /// A layer's parameter, by its path in the model.
  public func parameter<Scalar: FloatingPointScalar>(_ box: Parameter<Scalar>) -> ONNXValue {
    initializer(box.name ?? "parameter", box.stored)
  }

  /// A constant tensor. The same again, under the same name, is the same value.
  public func initializer<Scalar>(_ name: String, _ tensor: Tensor<Scalar>) -> ONNXValue {
    initializer(name, StoredTensor(tensor))
  }

  /// A constant tensor, of a type that a graph can have.
  func initializer(_ name: String, _ tensor: StoredTensor) -> ONNXValue {
    guard let type = ONNXElementType(tensor.dtype) else {
      trap("ONNXGraph: \(name) has elements of type \(tensor.dtype.name)")
    }
    if let index = initializerIndices[name], initializers[index].tensor == tensor {
      return ONNXValue(graph: self, name: initializers[index].name, type: type)
    }
    let own = unique(name)
    initializerIndices[name] = initializers.count
    initializers.append((own, tensor))
    return ONNXValue(graph: self, name: own, type: type)
  }

  /// Whole numbers, `[count]`, such as axes.
  public func constant(_ numbers: [Int]) -> ONNXValue {
    initializer(
      "constant/\(numbers)", StoredTensor(numbers.map { Int64($0) }, shape: [numbers.count]))
  }

  /// A number without axes.
  public func constant(_ number: Double, _ type: ONNXElementType) -> ONNXValue {
    let tensor =
      switch type {
      case .float: StoredTensor([Float(number)], shape: [])
      case .double: StoredTensor([number], shape: [])
      case .int32: StoredTensor([Int32(number)], shape: [])
      case .int64: StoredTensor([Int64(number)], shape: [])
      case .bool: StoredTensor([number != 0], shape: [])
      }
    return initializer("constant/\(number) \(type)", tensor)
  }

  private func unique(_ name: String) -> String {
    var (candidate, number) = (name, 1)
    while !usedNames.insert(candidate).inserted {
      number += 1
      candidate = "\(name)_\(number)"
    }
    return candidate
  }

  // MARK: Loops

  /// A recurrence over steps, ONNX's `Scan`.
  ///
  /// - Parameters:
  ///   - states: before the first step.
  ///   - inputs: `[time, ...]` each, of which a step is given its own `[...]`.
  ///   - isReverse: from the last step to the first.
  ///   - body: from the states before and the inputs of a step to the states after, as many, and what
  ///     the step gives.
  /// - Returns: the states after the last step, and what the steps gave, `[time, ...]` each.
  public func scan(
    _ states: [ONNXValue], over inputs: [ONNXValue], isReverse: Bool = false,
    body: (_ states: [ONNXValue], _ inputs: [ONNXValue]) throws -> (
      states: [ONNXValue], outputs: [ONNXValue]
    )
  ) rethrows -> (states: [ONNXValue], outputs: [ONNXValue]) {
    var inner = ONNXBlock(name: unique("body"))
    let own = (states + inputs).map {
      ONNXValue(graph: self, name: unique("\(inner.name)/input"), type: $0.type)
    }
    inner.inputs = own.map { .init(name: $0.name, type: $0.type, axes: nil) }
    blocks.append(inner)
    let made = try body(Array(own.prefix(states.count)), Array(own.dropFirst(states.count)))
    inner = blocks.removeLast()
    for value in made.states + made.outputs {
      // What a body gives back is made in it, and once.
      let name = unique("\(inner.name)/output")
      inner.nodes.append(
        .init(
          name: "\(name)/Identity", operation: "Identity", inputs: [value.name], outputs: [name],
          attributes: []))
      inner.outputs.append(.init(name: name, type: value.type, axes: nil))
    }
    let direction = ONNXAttribute.integers(inputs.map { _ in isReverse ? 1 : 0 })
    let results = nodes(
      "Scan", states + inputs,
      [
        "body": .graph(inner), "num_scan_inputs": .integer(inputs.count),
        "scan_input_directions": direction,
        "scan_output_directions": .integers(made.outputs.map { _ in isReverse ? 1 : 0 }),
      ], types: (made.states + made.outputs).map(\.type)
    ).map { $0! }
    return (Array(results.prefix(states.count)), Array(results.dropFirst(states.count)))
  }
}

/// A named argument of an operator that is no value.
public enum ONNXAttribute: Equatable {
  case integer(Int)
  case number(Float)
  case text(String)
  case integers([Int])
  case texts([String])
  /// The body of a loop.
  case graph(ONNXBlock)
  /// Left out: what the operator says of itself.
  case absent
}

/// Nodes in the order in which they run, with what they are given and what they give: a graph, or
/// the body of a loop. `ONNXGraph` writes them.
public struct ONNXBlock: Equatable {
  struct Node: Equatable {
    let name: String
    let operation: String
    /// Empty where an optional one is left out.
    let inputs: [String]
    let outputs: [String]
    let attributes: [(key: String, value: ONNXAttribute)]

    static func == (first: Node, second: Node) -> Bool {
      first.name == second.name && first.operation == second.operation
        && first.inputs == second.inputs && first.outputs == second.outputs
        && first.attributes.elementsEqual(second.attributes) { $0 == $1 }
    }
  }

  package struct Declaration: Equatable {
    package let name: String
    let type: ONNXElementType
    /// Nil in the body of a loop, where they follow from what is around it.
    package let axes: [TensorAxis]?
  }

  let name: String
  var nodes: [Node] = []
  package var inputs: [Declaration] = []
  package var outputs: [Declaration] = []
}
