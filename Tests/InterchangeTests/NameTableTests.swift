import Foundation
import Interchange
import Testing

/// The table of PyTorch's names: that each layer is in it, and that the page shows what the code says.
@Suite struct NameTableTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// One of each layer.
  private static func samples() -> [any PyTorchNamed] {
    var generator = Generator(seed: 1)
    let additive = AdditiveScore<Float>(
      querySize: 2, keySize: 2, hiddenSize: 2, using: &generator)
    return [
      Linear<Float>(inputs: 2, outputs: 2, using: &generator),
      Embedding<Float>(count: 2, size: 2, using: &generator),
      Conv1d<Float>(inputs: 2, outputs: 2, width: 2, using: &generator),
      Conv2d<Float>(inputs: 2, outputs: 2, size: [2, 2], using: &generator),
      LayerNorm<Float>([2]), BatchNorm<Float>(2),
      RNNCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator),
      GRUCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator),
      LSTMCell<Float>(inputSize: 2, hiddenSize: 2, projectionSize: 1, using: &generator),
      LayerNormLSTMCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator),
      Zoneout(RNNCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator), rates: 0.1),
      VariationalDropout(
        RNNCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator), inputSize: 2),
      Checkpointed(RNNCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator)),
      RNN<Float>(inputSize: 2, hiddenSize: 2, isBidirectional: true, using: &generator),
      GRU<Float>(inputSize: 2, hiddenSize: 2, layers: 2, using: &generator),
      LSTM<Float>(inputSize: 2, hiddenSize: 2, projectionSize: 1, using: &generator),
      MultiHeadAttention<Float>(2, heads: 1, using: &generator),
      MultiHeadAttention<Float>(2, heads: 1, keySize: 3, using: &generator),
      AdditiveAttention(additive), additive,
      GeneralScore<Float>(querySize: 2, keySize: 2, using: &generator),
      ConcatScore<Float>(querySize: 2, keySize: 2, hiddenSize: 2, using: &generator),
      CoverageScore<Float>(querySize: 2, keySize: 2, hiddenSize: 2, using: &generator),
      LocationScore<Float>(
        querySize: 2, keySize: 2, hiddenSize: 2, filters: 1, width: 1, using: &generator),
      LocalAttention(
        GeneralScore<Float>(querySize: 2, keySize: 2, using: &generator), window: 1,
        predictor: PositionPredictor(querySize: 2, hiddenSize: 2, using: &generator)),
      PositionPredictor<Float>(querySize: 2, hiddenSize: 2, using: &generator),
      AttentionLayer<Float>(2, using: &generator),
      LearnedPositions<Float>(limit: 2, size: 2, using: &generator),
      FeedForward<Float>(2, innerSize: 2, using: &generator),
      TransformerEncoderLayer<Float>(2, heads: 1, innerSize: 2, using: &generator),
      TransformerDecoderLayer<Float>(2, heads: 1, innerSize: 2, using: &generator),
    ]
  }

  private typealias AdditiveAttention = Attention<AdditiveScore<Float>>

  /// The name of a layer's type, with that of its cell or score, without the scalars'.
  private static func name(_ layer: any PyTorchNamed) -> String {
    let name = "\(type(of: layer))".replacing("<Float>", with: "")
    let short = [
      "Recurrent<RNNCell>": "RNN", "Recurrent<GRUCell>": "GRU", "Recurrent<LSTMCell>": "LSTM",
    ]
    return short[name] ?? name
  }

  /// What the page has to show.
  private static var table: String {
    var lines = ["| layer | parameters here | in PyTorch's files |", "|---|---|---|"]
    for layer in samples() {
      let module = type(of: layer).pyTorchModule.map { "<br>`\($0)`" } ?? ""
      // The names of a layer fit the layer.
      let layout = try! ParameterLayout(of: layer, names: .pyTorch)
      let rows = layout.groups.map { group in
        let mine = group.parameters.map { "`\($0.name)`" }.joined(separator: ", ")
        let theirs = group.slots.map { "`\($0.name)`" + ($0.isWhole ? " (I64)" : "") }
        return (mine, theirs.joined(separator: ", "))
      }
      lines.append(
        "| `\(name(layer))`\(module) | \(rows.map(\.0).joined(separator: "<br>")) "
          + "| \(rows.map(\.1).joined(separator: "<br>")) |")
    }
    return lines.joined(separator: "\n")
  }

  @Test func `the page shows the table`() throws {
    let page = try String(
      contentsOf: Self.root.appending(path: "Documentation/PyTorchNames.md"), encoding: .utf8)
    #expect(page.contains(Self.table), "the table should be\n\(Self.table)\n")
  }

  @Test func `every layer that has parameters is in the table`() throws {
    let folder = Self.root.appending(path: "Sources/Layers")
    let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    let named = Set(Self.samples().map { "\(type(of: $0))".prefix { $0 != "<" } })
    // They have no parameters, or stand under the name of what holds them.
    let others: Set<Substring> = [
      "Directions", "Softmax", "GaussianNoise", "Dropout", "DotScore", "ScaledDotScore",
      "SinusoidalPositions", "RotaryPositions",
    ]
    var count = 0
    for file in files where file.hasSuffix(".swift") {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      let declaration = /struct (\w+)(?:<[^>{]*>)?: [^{]*(?:Layer|Cell|Score)\b[^{]*{/
      for name in text.matches(of: declaration).map(\.1) where !others.contains(name) {
        #expect(named.contains(name), "\(name) in \(file)")
        count += 1
      }
    }
    #expect(count >= 25)
  }
}
