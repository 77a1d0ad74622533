import Autograd

/// The book-keeping of a beam search: which beginnings are alive, one row of the decoder's batch
/// each, those of one source one after the other; and which hypotheses are complete.
struct Beam {
  /// A symbol that was said, and where its beginning goes on.
  private struct Node {
    let symbol: Int32
    /// Index of the node before; -1 at the first symbol.
    let parent: Int
    /// The row of the decoder's batch that it came from.
    let row: Int
  }

  private struct Beginning {
    let source: Int
    /// Its last symbol; -1 before the first.
    let node: Int
    let logProbability: Double
  }

  private struct Ending {
    let node: Int
    let logProbability: Double
    let score: Double
  }

  private struct Candidate {
    let logProbability: Double
    let row: Int
    let symbol: Int32
  }

  private let search: BeamSearch
  /// What is read first, by source.
  private let first: [Int32]
  private var nodes: [Node] = []
  private var alive: [Beginning]
  /// By source, the best first, at most `width`.
  private var endings: [[Ending]]
  /// Number of symbols of each living beginning.
  private var length = 0

  init(_ search: BeamSearch, first: [Int32]) {
    self.search = search
    self.first = first
    endings = Array(repeating: [], count: first.count)
    alive = first.indices.map { Beginning(source: $0, node: -1, logProbability: 0) }
  }

  /// What each living beginning reads next.
  var lastSymbols: [Int32] {
    alive.map { $0.node < 0 ? first[$0.source] : nodes[$0.node].symbol }
  }

  /// The source of each living beginning.
  var sources: [Int] { alive.map(\.source) }

  /// Extends every living beginning by its best symbols and keeps the best of each source.
  ///
  /// - Parameters:
  ///   - logProbabilities: of the next symbols, `[beginnings, symbols]`.
  ///   - mustEnd: whether only the end may be said.
  /// - Returns: for each beginning that lives on, the row that it comes from.
  mutating func advance<Scalar: FloatingPointScalar>(
    _ logProbabilities: Tensor<Scalar>, mustEnd: Bool
  ) -> [Int] {
    let shape = logProbabilities.shape
    if shape.rank != 2 || shape[0] != alive.count || Int(search.end) >= shape[1] {
      trap(
        "BeamSearch: log-probabilities of shape \(shape) for \(alive.count) beginnings and the "
          + "end symbol \(search.end): [beginnings, symbols] is expected")
    }
    let symbols = (0..<Int32(shape[1])).filter {
      mustEnd ? $0 == search.end : !search.excluded.contains($0)
    }
    var next: [Beginning] = []
    var rows: [Int] = []
    logProbabilities.withUnsafeScalars { scores in
      var first = 0
      while first < alive.count {
        let source = alive[first].source
        let last = alive[first...].firstIndex { $0.source != source } ?? alive.count
        let (ours, ourRows) = extend(first..<last, of: source, by: symbols, scores, shape[1])
        next += ours
        rows += ourRows
        first = last
      }
    }
    alive = next
    length += 1
    return rows
  }

  /// The beginnings of one source that live on, and the rows that they come from.
  private mutating func extend<Scalar: FloatingPointScalar>(
    _ rows: Range<Int>, of source: Int, by symbols: [Int32],
    _ scores: UnsafeBufferPointer<Scalar>, _ stride: Int
  ) -> ([Beginning], [Int]) {
    var next: [(beginning: Candidate, node: Int)] = []
    for candidate in best(rows, symbols, scores, stride) {
      let parent = alive[candidate.row].node
      if candidate.symbol == search.end {
        add(parent, candidate.logProbability, to: source)
      } else {
        next.append((candidate, parent))
      }
    }
    // What lives on has at least one symbol more and then the end.
    let lengths = (length + 2)...Swift.max(length + 2, search.limit + 1)
    let isOpen = next.contains {
      isPromising(search.lengthPenalty.bound($0.beginning.logProbability, lengths: lengths), source)
    }
    guard isOpen else { return ([], []) }
    var beginnings: [Beginning] = []
    for (candidate, parent) in next {
      nodes.append(Node(symbol: candidate.symbol, parent: parent, row: candidate.row))
      beginnings.append(
        Beginning(
          source: source, node: nodes.count - 1, logProbability: candidate.logProbability))
    }
    return (beginnings, next.map(\.beginning.row))
  }

  /// The most probable continuations of a source's beginnings, at most `width`, the best first; of
  /// equal ones that which comes first.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  private func best<Scalar: FloatingPointScalar>(
    _ rows: Range<Int>, _ symbols: [Int32], _ scores: UnsafeBufferPointer<Scalar>, _ stride: Int
  ) -> [Candidate] {
    var best: [Candidate] = []
    // What a continuation must exceed.
    var lowest = -Double.infinity
    for row in rows {
      let so = alive[row].logProbability
      let scores = UnsafeBufferPointer(rebasing: scores[(row * stride)..<((row + 1) * stride)])
      for symbol in symbols {
        let total = so + Double(scores[Int(symbol)])
        // Not `total <= lowest`, which is false of what is not a number.
        guard total > lowest else { continue }
        let position = best.firstIndex { $0.logProbability < total } ?? best.count
        best.insert(Candidate(logProbability: total, row: row, symbol: symbol), at: position)
        if best.count > search.width { best.removeLast() }
        if best.count == search.width { lowest = best[best.count - 1].logProbability }
      }
    }
    return best
  }

  /// Whether a score would be among the best of a source.
  private func isPromising(_ score: Double, _ source: Int) -> Bool {
    endings[source].count < search.width || score > endings[source].last!.score
  }

  private mutating func add(_ node: Int, _ logProbability: Double, to source: Int) {
    let score = search.lengthPenalty.score(logProbability, length: length + 1)
    guard isPromising(score, source) else { return }
    let position = endings[source].firstIndex { $0.score < score } ?? endings[source].count
    endings[source].insert(
      Ending(node: node, logProbability: logProbability, score: score), at: position)
    if endings[source].count > search.width { endings[source].removeLast() }
  }

  /// The complete hypotheses of each source, the best first.
  var hypotheses: [[BeamSearch.Hypothesis]] {
    endings.map { $0.map { hypothesis($0) } }
  }

  private func hypothesis(_ ending: Ending) -> BeamSearch.Hypothesis {
    var (symbols, rows): ([Int32], [Int]) = ([], [])
    var node = ending.node
    while node >= 0 {
      symbols.append(nodes[node].symbol)
      rows.append(nodes[node].row)
      node = nodes[node].parent
    }
    return BeamSearch.Hypothesis(
      symbols: symbols.reversed(), logProbability: ending.logProbability, score: ending.score,
      rows: rows.reversed())
  }
}
