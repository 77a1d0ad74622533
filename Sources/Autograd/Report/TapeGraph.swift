/// The operations of a tape and what flows between them.
public struct TapeGraph: Sendable {
  /// An operation, or a tensor that none has made.
  public struct Node: Sendable {
    /// Name of the operation; of the parameter; or `input`, `constant`.
    public let name: String
    /// Shapes of its results.
    public let shapes: [Shape]
    /// Whether it is an operation.
    public let isOperation: Bool
    /// Position of the nodes that it takes its operands from.
    public let operands: [Int]
  }

  /// In the order in which they were made; what a node needs stands before it.
  public private(set) var nodes: [Node] = []
  private var nodeOfRecord: [Int: Int] = [:]

  mutating func add(
    _ name: String, _ results: [UntypedTensor], _ operands: [UntypedTensor], on tape: Tape,
    at index: Int
  ) {
    let sources = operands.map { node(of: $0, on: tape) }
    for offset in results.indices { nodeOfRecord[index + offset] = nodes.count }
    nodes.append(
      Node(name: name, shapes: results.map(\.shape), isOperation: true, operands: sources))
  }

  private mutating func node(of tensor: UntypedTensor, on tape: Tape) -> Int {
    let record = tensor.isOn(tape) ? Int(tensor.index) : nil
    if let record, let known = nodeOfRecord[record] { return known }
    if let record { nodeOfRecord[record] = nodes.count }
    nodes.append(
      Node(
        name: tensor.label ?? (record == nil ? "constant" : "input"), shapes: [tensor.shape],
        isOperation: false, operands: []))
    return nodes.count - 1
  }

  /// The graph in the language of Graphviz: `dot -Tsvg`.
  public var dot: String {
    var lines = ["digraph tape {", "  rankdir=TB;", "  node [fontname=\"sans-serif\"];"]
    for (position, node) in nodes.enumerated() {
      let style = node.isOperation ? "shape=box, style=rounded" : "shape=plaintext"
      lines.append("  n\(position) [label=\"\(node.title)\\n\(node.subtitle)\", \(style)];")
      lines += node.operands.map { "  n\($0) -> n\(position);" }
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }
}

extension TapeGraph.Node {
  /// The name, without characters that a drawing's language knows.
  var title: String { name.filter { !"\"\\<>&".contains($0) } }
  var subtitle: String { shapes.map(\.description).joined(separator: " ") }
}
