extension TapeGraph {
  /// The graph as a drawing, from inputs at the top down: for some hundred operations at most, and
  /// larger ones through `dot`.
  public var svg: String {
    let layout = Layout(nodes)
    var body: [String] = []
    for (position, node) in nodes.enumerated() {
      for source in node.operands { body.append(layout.edge(source, position)) }
    }
    for (position, node) in nodes.enumerated() { body.append(layout.box(position, node)) }
    let (width, height) = layout.size
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="12" \
      text-anchor="middle">
      <rect width="100%" height="100%" fill="white"/>
      \(body.joined(separator: "\n"))
      </svg>

      """
  }

  /// Nodes in rows: an operation a row below the lowest of its operands, what no operation has made
  /// a row above the first that takes it. Within a row they stand in the order of the means of
  /// their neighbours' places, which keeps crossings few (Sugiyama et al., 1981).
  private struct Layout {
    private static let (rowHeight, boxHeight, gap, margin) = (72, 38, 18, 16)

    private let rows: [Int]
    private var left: [Int]
    private let widths: [Int]
    private(set) var size = (width: 0, height: 0)

    init(_ nodes: [Node]) {
      // Seven units a letter of size 12 are enough.
      widths = nodes.map { 7 * Swift.max($0.title.count, $0.subtitle.count) + 16 }
      rows = Self.rows(of: nodes)
      left = Array(repeating: 0, count: nodes.count)
      var table = [[Int]](repeating: [], count: (rows.max() ?? -1) + 1)
      for (position, row) in rows.enumerated() { table[row].append(position) }
      let neighbours = Self.neighbours(of: nodes)
      for row in table { place(row) }
      for round in 0..<8 {
        let down = Array(table.indices)
        for row in round.isMultiple(of: 2) ? down : down.reversed() {
          let means = table[row].map { node in
            let near = neighbours[node].map { Double(centre($0)) }
            return near.isEmpty ? Double(centre(node)) : near.reduce(0, +) / Double(near.count)
          }
          let order = means.indices.sorted { (means[$0], $0) < (means[$1], $1) }
          table[row] = order.map { table[row][$0] }
          place(table[row], near: order.map { means[$0] })
        }
      }
      let start = nodes.indices.map { left[$0] }.min() ?? 0
      for node in nodes.indices { left[node] += Self.margin - start }
      let right = nodes.indices.map { left[$0] + widths[$0] }.max() ?? 0
      size = (right + Self.margin, table.count * Self.rowHeight + Self.margin)
    }

    private static func rows(of nodes: [Node]) -> [Int] {
      var rows = [Int](repeating: 0, count: nodes.count)
      for (position, node) in nodes.enumerated() where node.isOperation {
        rows[position] = (node.operands.map { rows[$0] }.max() ?? -1) + 1
      }
      for position in nodes.indices where !nodes[position].isOperation {
        let users = nodes.indices.filter { nodes[$0].operands.contains(position) }
        rows[position] = Swift.max((users.map { rows[$0] }.min() ?? 1) - 1, 0)
      }
      return rows
    }

    private static func neighbours(of nodes: [Node]) -> [[Int]] {
      var result = [[Int]](repeating: [], count: nodes.count)
      for (position, node) in nodes.enumerated() {
        for source in node.operands {
          result[position].append(source)
          result[source].append(position)
        }
      }
      return result
    }

    private func centre(_ node: Int) -> Int { left[node] + widths[node] / 2 }

    /// Places a row from the left, each node at the place that it would like if that is free.
    private mutating func place(_ row: [Int], near wishes: [Double]? = nil) {
      var free = Int.min / 2
      for (number, node) in row.enumerated() {
        let wish = wishes.map { Int($0[number]) - widths[node] / 2 } ?? Swift.max(free, 0)
        left[node] = Swift.max(wish, free)
        free = left[node] + widths[node] + Self.gap
      }
      guard let wishes, !row.isEmpty else { return }
      // What stands too far to the right on the whole moves back.
      let excess = row.indices.reduce(0) { $0 + centre(row[$1]) - Int(wishes[$1]) } / row.count
      for node in row { left[node] -= excess }
    }

    private func top(_ node: Int) -> Int { Layout.margin + rows[node] * Layout.rowHeight }

    func edge(_ source: Int, _ target: Int) -> String {
      let (x1, y1) = (centre(source), top(source) + Layout.boxHeight)
      let (x2, y2) = (centre(target), top(target))
      let middle = (y1 + y2) / 2
      return
        "<path d=\"M\(x1) \(y1) C\(x1) \(middle) \(x2) \(middle) \(x2) \(y2)\" fill=\"none\" "
        + "stroke=\"#888\"/>"
    }

    func box(_ position: Int, _ node: Node) -> String {
      let (x, y) = (centre(position), top(position))
      let frame =
        node.isOperation
        ? "<rect x=\"\(left[position])\" y=\"\(y)\" width=\"\(widths[position])\" "
          + "height=\"\(Layout.boxHeight)\" rx=\"6\" fill=\"#eef3fb\" stroke=\"#4a6fa5\"/>\n"
        : "<rect x=\"\(left[position])\" y=\"\(y)\" width=\"\(widths[position])\" "
          + "height=\"\(Layout.boxHeight)\" fill=\"#f6f6f6\"/>\n"
      return frame
        + "<text x=\"\(x)\" y=\"\(y + 16)\">\(node.title)</text>\n"
        + "<text x=\"\(x)\" y=\"\(y + 31)\" fill=\"#666\" font-size=\"10\">\(node.subtitle)</text>"
    }
  }
}
