import Autograd
import Testing

@Suite struct TapeReportTests {
  private static func run(_ x: Tensor<Double>, _ weight: Tensor<Double>) -> Tensor<Double> {
    valueWithGradient(at: [x, weight]) { inputs in
      let hidden = tanh(matmul(inputs[0], inputs[1]))
      // Neither the difference nor the shifted weight is needed on the way back.
      return (square(hidden) - hidden).sum() + (inputs[1] + 1).sum()
    }.value
  }

  @Test func `operations are counted, and each buffer once`() throws {
    let (x, weight) = (Tensor<Double>.ones([8, 16]), Tensor<Double>.ones([16, 32]))
    let (value, report) = tapeReport { Self.run(x, weight) }
    #expect(value == Self.run(x, weight))
    let rows = Dictionary(uniqueKeysWithValues: report.rows.map { ($0.name, $0) })
    #expect(
      rows.mapValues(\.count) == [
        "matmul": 1, "tanh": 1, "square": 1, "subtract": 1, "sum": 2, "add": 2,
      ])
    // Squares need their operand alone, which is the result of tanh: 8 x 32 numbers of 8 bytes.
    // Sums and differences need nothing. A single number has no buffer.
    #expect(try #require(rows["tanh"]).bytesHeld == 8 * 32 * 8)
    #expect(report.total.bytesHeld == 8 * 32 * 8)
    #expect(report.total.count == 8)
    for row in report.rows { #expect(row.forwardSeconds > 0 && row.backwardSeconds > 0) }
    #expect(report.rows.map(\.name).sorted() == rows.keys.sorted())
    let lines = report.description.split(separator: "\n")
    #expect(lines.count == 8)
    #expect(lines[0].hasPrefix("operation"))
    #expect(lines.last?.hasPrefix("total") == true)
    #expect(Set(lines.map(\.count)).count == 1)
  }

  @Test func `the graph says what comes from where`() {
    let x = Tensor<Double>.ones([2, 3])
    let graph = tapeReport {
      valueWithGradient(at: x) { x in (exp(x) * x + Tensor([1, 2, 3])).sum(axes: 0).max() }
    }.report.graph
    #expect(
      graph.nodes.map(\.name)
        == ["input", "exp", "multiply", "constant", "add", "sum", "max", "reshape"])
    #expect(graph.nodes[2].operands == [1, 0])
    #expect(graph.nodes[4].operands == [2, 3])
    #expect(graph.nodes[4].shapes == [[2, 3]])
    #expect(graph.dot.hasPrefix("digraph tape {\n"))
    #expect(graph.dot.contains("n2 [label=\"multiply\\n[2, 3]\", shape=box, style=rounded];"))
    #expect(graph.dot.contains("n1 -> n2;"))
    #expect(graph.svg.contains(">multiply</text>"))
    #expect(graph.svg.hasSuffix("</svg>\n"))
    // An edge an operand.
    let edges = graph.nodes.reduce(0) { $0 + $1.operands.count }
    #expect(graph.svg.split(separator: "<path").count == edges + 1)
  }

  @Test func `an edge runs beside the operations that it passes`() throws {
    let svg = tapeReport {
      gradient(at: Tensor<Double>([1, 2])) { x in (square(tanh(x)) + x).sum() }
    }.report.graph.svg
    let path = try #require(
      svg.split(separator: "\n").first { $0.hasPrefix("<path") && $0.contains(" L") })
    let passages = path.matches(of: /L(\d+) (\d+)/).map { (x: Int($0.1)!, y: Int($0.2)!) }
    let boxes = svg.matches(of: /<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"/).map {
      (left: Int($0.1)!, right: Int($0.1)! + Int($0.3)!, bottom: Int($0.2)! + Int($0.4)!)
    }
    // From the input to the sum it passes the tanh and its square.
    #expect(passages.count == 2)
    for passage in passages {
      let beside = boxes.filter { $0.bottom == passage.y }
      #expect(!beside.isEmpty)
      for box in beside { #expect(passage.x < box.left || passage.x > box.right) }
    }
  }

  @Test func `several gradients add up, those of gradients too`() {
    let x = Tensor(2.0)
    let report = tapeReport {
      for _ in 0..<3 { _ = gradient(at: x) { gradient(at: $0) { $0 * $0 * $0 } } }
    }.report
    let multiplications = report.rows.first { $0.name == "multiply" }
    // Two on the way forward; each takes back two products, of which the first's operands are both x.
    #expect(multiplications.map { $0.count } == 18)
    #expect(tapeReport {}.report.rows.isEmpty)
    #expect(tapeReport {}.report.graph.svg.contains("<svg"))
  }

  @Test func `reports nest with each other and with the search for values that are not finite`() {
    let x = Tensor(2.0)
    let outer = tapeReport {
      tapeReport { stoppingAtNonFinite { gradient(at: x) { exp($0) } } }
    }
    #expect(outer.report.total.count == 1)
    #expect(outer.result.report.total.count == 1)
  }
}
