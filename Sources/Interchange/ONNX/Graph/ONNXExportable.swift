public import Interchange
public import Layers
import Training

/// A layer or model that can be written as ONNX graphs.
///
/// Most models are one graph, called `model`. What goes step by step is two: `encoder` makes of a
/// source what the steps need to know, and `step` is one step. The outputs `memory.*` of the encoder
/// are inputs of each step; its outputs `state.*` are inputs of the first, and a step's outputs
/// `next.*` are the `state.*` of the one after.
///
/// ```swift
/// extension MyModel: ONNXExportable {
///   func onnxGraphs() throws -> [ONNXGraph] {
///     let graph = ONNXGraph(of: self)
///     let x = graph.input("x", Scalar.onnxType, ["batch", "time", .size(inputSize)])
///     let lengths = graph.input("lengths", .int64, ["batch"])
///     let states = try rnn(x, lengths: lengths).finalStates.last![0]
///     graph.output("output", try fc(states), ["batch", .size(outputSize)])
///     return [graph]
///   }
/// }
/// ```
public protocol ONNXExportable: Layer {
  /// The layer as it is in evaluation: dropout lets everything through.
  ///
  /// - Throws: `ONNXError` where a part says nothing of its ONNX form.
  func onnxGraphs() throws -> [ONNXGraph]
}

extension ONNXExportable {
  /// Writes the layer's graphs. A single one is the file; of several each is beside it, with its name
  /// before the extension: `model.encoder.onnx` and `model.step.onnx`.
  ///
  /// - Parameter metadata: keys and texts that each file is to hold, such as a vocabulary.
  /// - Returns: the files' paths.
  /// - Throws: `ONNXError` where there is no ONNX form, or `FileError`.
  @discardableResult
  public func save(onnx path: String, metadata: [String: String] = [:]) throws -> [String] {
    let graphs = try onnxGraphs()
    let stem = path.hasSuffix(".onnx") ? String(path.dropLast(5)) : path
    return try graphs.map { graph in
      graph.metadata.merge(metadata) { $1 }
      let file = graphs.count == 1 ? path : "\(stem).\(graph.name).onnx"
      try graph.write(to: file)
      return file
    }
  }
}

/// A layer that makes one tensor of one other.
public protocol ONNXMapping: ONNXExportable {
  /// What goes in and what comes out when the layer is a graph by itself.
  var onnxSignature: ONNXSignature { get }

  /// The layer's operators.
  func callAsFunction(_ x: ONNXValue) throws -> ONNXValue
}

/// Types and axes of a graph of one input and one output.
public struct ONNXSignature {
  /// The type of the input's elements.
  public var type: ONNXElementType
  /// The input's axes.
  public var input: [TensorAxis]
  /// The output's axes.
  public var output: [TensorAxis]

  /// - Parameter output: the input's if nil.
  public init(_ type: ONNXElementType, _ input: [TensorAxis], _ output: [TensorAxis]? = nil) {
    self.type = type
    self.input = input
    self.output = output ?? input
  }
}

extension ONNXMapping {
  /// One graph, of `x` to `output`.
  public func onnxGraphs() throws -> [ONNXGraph] {
    let (graph, signature) = (ONNXGraph(of: self), onnxSignature)
    let x = graph.input("x", signature.type, signature.input)
    graph.output("output", try self(x), signature.output)
    return [graph]
  }
}
