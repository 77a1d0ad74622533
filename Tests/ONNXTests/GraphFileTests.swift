import Autograd
import Foundation
import Layers
import ONNX
import Testing
import Training

/// What stands in a file, read by the numbers of `onnx.proto`.
@Suite struct GraphFileTests {
  /// Two layers, one of them within the other's path.
  private struct Model: Layer {
    let inner: FeedForward<Float>
    let norm: LayerNorm<Float>

    init() {
      var generator = Generator(seed: 1)
      inner = FeedForward(40, innerSize: 60, using: &generator)
      norm = LayerNorm([40], epsilon: 0.5)
    }
  }

  private func graph(_ model: Model) -> ONNXGraph {
    let graph = ONNXGraph(of: model)
    let x = graph.input("x", .float, ["batch", "time", 40])
    graph.output("output", model.norm(model.inner(x)), ["batch", "time", 40])
    return graph
  }

  @Test func `a file says versions, maker and metadata`() throws {
    let graph = graph(Model())
    graph.metadata = ["words": "ä", "a": ""]
    let model = try ReadModel(graph)
    #expect(model.version == 8)
    #expect(model.opset == 17)
    #expect(model.producer == "Tapestry")
    #expect(model.metadata == ["words": "ä", "a": ""])
    #expect(model.graph.name == "model")
  }

  @Test func `equal models give equal bytes`() throws {
    #expect(try graph(Model()).bytes() == graph(Model()).bytes())
  }

  @Test func `axes are sizes or names, types those of ONNX`() throws {
    let model = Model()
    let graph = graph(model)
    _ = graph.input("lengths", .int64, ["batch"])
    _ = graph.input("mask", .bool, [])
    let read = try ReadModel(graph).graph
    #expect(read.inputs.map(\.name) == ["x", "lengths", "mask"])
    #expect(read.inputs.map(\.type) == [1, 7, 9])
    #expect(read.inputs.map(\.axes) == [["batch", "time", "40"], ["batch"], []])
    #expect(read.outputs.map(\.name) == ["output"])
    #expect(read.outputs.map(\.axes) == [["batch", "time", "40"]])
  }

  @Test func `weights are called by their paths, and hold the parameters' numbers`() throws {
    let model = Model()
    let read = try ReadModel(graph(model)).graph
    #expect(
      read.weights.map(\.name)
        == [
          "inner.first.weight", "inner.first.bias", "inner.second.weight", "inner.second.bias",
          "norm.weight", "norm.bias",
        ])
    // 2400 numbers are not copied into the messages around them, 60 are.
    for (path, parameter) in model.parameters {
      let weight = try #require(read.weight(path))
      #expect(weight.type == 1)
      #expect(weight.shape == Array(parameter.shape))
      #expect(weight.floats.map(Double.init) == parameter.scalars, "\(path)")
    }
  }

  @Test func `nodes are called by their layers' paths and their operators`() throws {
    let read = try ReadModel(graph(Model())).graph
    #expect(
      read.nodes.map(\.name)
        == [
          "inner.first/Transpose", "inner.first/MatMul", "inner.first/Add", "inner/Relu",
          "inner.second/Transpose", "inner.second/MatMul", "inner.second/Add",
          "norm/LayerNormalization", "output/Identity",
        ])
    #expect(read.nodes[1].inputs == ["x", "inner.first/Transpose"])
    #expect(read.nodes[8].outputs == ["output"])
  }

  @Test func `attributes have their kind and number`() throws {
    let graph = ONNXGraph(of: Model())
    let x = graph.input("x", .float, [2])
    _ = graph.node(
      "Any", [x, nil, x, nil],
      [
        "integer": .integer(-3), "number": .number(0.1), "text": .text("yes"),
        "integers": .integers([1, -2]), "texts": .texts(["a", "b"]), "absent": .absent,
      ])
    let node = try ReadModel(graph).graph.nodes[0]
    // A name stands for an input that is left out only where others follow.
    #expect(node.inputs == ["x", "", "x"])
    #expect(node.attributes.count == 5)
    #expect(node.attributes["integer"]?.integers(3) == [-3])
    #expect(node.attributes["number"]?.floats(2) == [0.1])
    #expect(node.attributes["text"]?.texts(4) == ["yes"])
    #expect(node.attributes["integers"]?.integers(8) == [1, -2])
    #expect(node.attributes["texts"]?.texts(9) == ["a", "b"])
    let kinds = ["integer", "number", "text", "integers", "texts"].map {
      node.attributes[$0]?.integers(20)
    }
    #expect(kinds == [[2], [1], [3], [7], [8]])
  }

  @Test func `a number that occurs again is one constant`() throws {
    let graph = ONNXGraph(of: Model())
    let x = graph.input("x", .float, [2])
    graph.output("y", (x * 2 + 2) * 3, [2])
    let read = try ReadModel(graph).graph
    #expect(read.weights.map(\.weight.floats) == [[2], [3]])
    #expect(read.weights.map(\.weight.shape) == [[], []])
  }

  @Test func `other numbers under one name are another weight`() throws {
    let graph = ONNXGraph(of: Model())
    let first = graph.initializer("table", Tensor<Float>([1, 2]))
    #expect(graph.initializer("table", Tensor<Float>([1, 2])).name == first.name)
    #expect(graph.initializer("table", Tensor<Float>([1, 3])).name == "table_2")
    #expect(try ReadModel(graph).graph.weights.map(\.name) == ["table", "table_2"])
  }

  @Test func `a single graph is the file, of several each stands beside it`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "onnx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var generator = Generator(seed: 1)
    let path = folder.appendingPathComponent("one.onnx").path
    let linear = Linear<Float>(inputs: 2, outputs: 1, using: &generator)
    #expect(try linear.save(onnx: path, metadata: ["a": "b"]) == [path])
    let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(try ReadModel(bytes).metadata == ["a": "b"])

    let several = try Twice(linear: linear).save(onnx: path)
    #expect(
      several.map { $0.dropFirst(folder.path.count) } == ["/one.encoder.onnx", "/one.step.onnx"])
    for file in several { #expect(FileManager.default.fileExists(atPath: file)) }
    #expect(throws: FileError.self) {
      try linear.save(onnx: folder.appendingPathComponent("none/one.onnx").path)
    }
  }

  private struct Twice: ONNXExportable {
    let linear: Linear<Float>

    func onnxGraphs() -> [ONNXGraph] {
      ["encoder", "step"].map { name in
        let graph = ONNXGraph(name, of: self)
        graph.output("y", linear(graph.input("x", .float, ["batch", 2])), ["batch", 1])
        return graph
      }
    }
  }
}
