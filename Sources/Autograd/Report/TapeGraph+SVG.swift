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
  /// a row above the first that takes it. Where an edge passes rows it has a place of its own in
  /// each, so that it runs beside the nodes there. Within a row all stand in the order of the means
  /// of their neighbours' places, which keeps crossings few (Sugiyama et al., 1981).
  private struct Layout {
    private static let (rowHeight, boxHeight, gap, margin, passage) = (72, 38, 18, 16, 4)

    /// Of the nodes, and after them of the places where edges pass.
    private var rows: [Int]
    private var left: [Int]
    private var widths: [Int]
    /// For each node the places where its edges pass the rows below it.
    private var passages: [[Int]]
    private(set) var size = (width: 0, height: 0)

    init(_ nodes: [Node]) {
      // Seven units a letter of size 12 are enough.
      widths = nodes.map { 7 * Swift.max($0.title.count, $0.subtitle.count) + 16 }
      rows = Self.rows(of: nodes)
      passages = Array(repeating: [], count: nodes.count)
      for (position, node) in nodes.enumerated() {
        for source in node.operands {
          while rows[source] + passages[source].count + 1 < rows[position] {
            passages[source].append(rows.count)
            rows.append(rows[source] + passages[source].count)
            widths.append(Self.passage)
          }
        }
      }
      left = Array(repeating: 0, count: rows.count)
      var table = [[Int]](repeating: [], count: (rows.max() ?? -1) + 1)
      for (position, row) in rows.enumerated() { table[row].append(position) }
      let neighbours = neighbours(of: nodes)
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
      let start = left.min() ?? 0
      for place in left.indices { left[place] += Self.margin - start }
      let right = left.indices.map { left[$0] + widths[$0] }.max() ?? 0
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

    private func neighbours(of nodes: [Node]) -> [[Int]] {
      var result = [[Int]](repeating: [], count: rows.count)
      for (position, node) in nodes.enumerated() {
        for source in node.operands {
          let way = way(from: source, to: position)
          for (upper, lower) in zip(way, way.dropFirst()) {
            result[lower].append(upper)
            result[upper].append(lower)
          }
        }
      }
      return result
    }

    /// The places of an edge, from one node to the other.
    private func way(from source: Int, to target: Int) -> [Int] {
      [source] + passages[source].prefix(rows[target] - rows[source] - 1) + [target]
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
      let way = way(from: source, to: target)
      let pieces = zip(way, way.dropFirst()).map { upper, lower in
        let (x1, y1) = (centre(upper), top(upper) + Layout.boxHeight)
        let (x2, y2) = (centre(lower), top(lower))
        let middle = (y1 + y2) / 2
        return "\(x1) \(y1) C\(x1) \(middle) \(x2) \(middle) \(x2) \(y2)"
      }
      // Through the rows that it passes the edge goes straight down.
      return "<path d=\"M\(pieces.joined(separator: " L"))\" fill=\"none\" stroke=\"#888\"/>"
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
