import Autograd
import Layers
import ONNX
import Testing

/// The blocks of gates in ONNX's order, and loops for the cells that ONNX has no operator of.
@Suite struct RecurrentGraphTests {
  /// Rows of a matrix whose blocks of two rows begin with 10 times the block's number.
  private func numbered(_ box: Parameter<Float>) {
    let (rows, columns) = (box.shape[0], box.shape[1])
    box.scalars = (0..<rows * columns).map { Double(10 * ($0 / columns / 2)) }
  }

  /// The blocks that `numbered` has numbered, as they stand in a weight.
  private func blocks(_ weight: ReadGraph.Weight) -> [Float] {
    let columns = weight.shape[2]
    return stride(from: 0, to: weight.shape[1], by: 2).map { weight.floats[$0 * columns] / 10 }
  }

  @Test func `a GRU's blocks r, z, n become z, r, h`() throws {
    var generator = Generator(seed: 1)
    let gru = GRU<Float>(inputSize: 3, hiddenSize: 2, using: &generator)
    let cell = gru.layers[0].forward
    numbered(cell.$weightInput)
    numbered(cell.$weightHidden)
    cell.$biasInput!.scalars = [0, 1, 2, 3, 4, 5]
    cell.$biasHidden!.scalars = [10, 11, 12, 13, 14, 15]
    let graph = try ReadModel(try gru.onnxGraphs()[0]).graph
    let input = try #require(graph.weight("layers.0.forward.weightInput"))
    #expect(input.shape == [1, 6, 3])
    #expect(blocks(input) == [1, 0, 2])
    #expect(blocks(try #require(graph.weight("layers.0.forward.weightHidden"))) == [1, 0, 2])
    let biases = try #require(graph.weight("layers.0.forward.biases"))
    #expect(biases.shape == [1, 12])
    #expect(biases.floats == [2, 3, 0, 1, 4, 5, 12, 13, 10, 11, 14, 15])
    let node = try #require(graph.nodes.first { $0.operation == "GRU" })
    #expect(node.name == "layers.0.forward/GRU")
    #expect(node.attributes["linear_before_reset"]?.integers(3) == [1])
    #expect(node.attributes["direction"]?.texts(4) == ["forward"])
    #expect(node.inputs.count == 5)
  }

  @Test func `an LSTM's blocks i, f, g, o become i, o, f, c`() throws {
    var generator = Generator(seed: 1)
    let lstm = LSTM<Float>(
      inputSize: 3, hiddenSize: 2, isBidirectional: true, bias: false, using: &generator)
    numbered(lstm.layers[0].reverse!.$weightInput)
    let graph = try ReadModel(try lstm.onnxGraphs()[0]).graph
    let weight = try #require(graph.weight("layers.0.reverse.weightInput"))
    #expect(blocks(weight) == [0, 3, 1, 2])
    #expect(
      graph.nodes.filter { $0.operation == "LSTM" }.map { $0.attributes["direction"]?.texts(4) }
        == [["forward"], ["reverse"]])
    #expect(!graph.weights.contains { $0.name.hasSuffix("biases") })
  }

  @Test func `a GRU with the reset before its product says so`() throws {
    var generator = Generator(seed: 1)
    let gru = GRU<Float>(inputSize: 3, hiddenSize: 2, reset: .beforeProduct, using: &generator)
    let graph = try ReadModel(try gru.onnxGraphs()[0]).graph
    let node = try #require(graph.nodes.first { $0.operation == "GRU" })
    #expect(node.attributes["linear_before_reset"]?.integers(3) == [0])
  }

  @Test func `a cell that ONNX does not know is a loop over the cell's step`() throws {
    var generator = Generator(seed: 1)
    let network = Recurrent(inputSize: 3) {
      LayerNormLSTMCell<Float>(inputSize: $0, hiddenSize: 2, using: &generator)
    }
    let graph = try ReadModel(try network.onnxGraphs()[0]).graph
    let scan = try #require(graph.nodes.first { $0.operation == "Scan" })
    let body = try ReadGraph(try #require(try scan.attributes["body"]?.messages(6).first))
    #expect(scan.attributes["num_scan_inputs"]?.integers(3) == [2])
    #expect(scan.inputs.count == 4)
    #expect(body.inputs.count == 4)
    #expect(body.outputs.count == 3)
    #expect(body.weights.isEmpty)
    #expect(body.nodes.filter { $0.operation == "LayerNormalization" }.count == 3)
    #expect(graph.weight("layers.0.forward.normCell.weight") != nil)
  }

  @Test func `dropout and noise leave nothing in a graph`() throws {
    for graph in [try Dropout<Float>(0.5).onnxGraphs(), try GaussianNoise<Float>(1).onnxGraphs()] {
      #expect(try ReadModel(graph[0]).graph.nodes.map(\.operation) == ["Identity"])
    }
  }
}
