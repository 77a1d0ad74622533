/// Which symbols of a hypothesis and of its reference have no equal partner in the other, along a
/// shortest way of edits.
public struct SequenceDifference: Equatable, Sendable {
  /// For each symbol of the hypothesis, whether it is wrong or superfluous.
  public private(set) var hypothesis: [Bool]
  /// For each symbol of the reference, whether it is missing or was said differently.
  public private(set) var reference: [Bool]

  /// Compares a hypothesis with its reference.
  public init<Symbol: Equatable>(hypothesis: [Symbol], reference: [Symbol]) {
    self.hypothesis = hypothesis.map { _ in true }
    self.reference = reference.map { _ in true }

    // distance[i][j]: edits between the rest of the hypothesis after i and of the reference after j.
    var distance = [[Int]](
      repeating: [Int](repeating: 0, count: reference.count + 1), count: hypothesis.count + 1)
    for i in (0...hypothesis.count).reversed() {
      for j in (0...reference.count).reversed() {
        if i == hypothesis.count || j == reference.count {
          distance[i][j] = hypothesis.count - i + reference.count - j
        } else {
          let substitution = distance[i + 1][j + 1] + (hypothesis[i] == reference[j] ? 0 : 1)
          distance[i][j] = min(substitution, distance[i + 1][j] + 1, distance[i][j + 1] + 1)
        }
      }
    }
    var (i, j) = (0, 0)
    while i < hypothesis.count, j < reference.count {
      if hypothesis[i] == reference[j], distance[i][j] == distance[i + 1][j + 1] {
        self.hypothesis[i] = false
        self.reference[j] = false
        (i, j) = (i + 1, j + 1)
      } else if distance[i][j] == distance[i + 1][j + 1] + 1 {
        (i, j) = (i + 1, j + 1)
      } else if distance[i][j] == distance[i + 1][j] + 1 {
        i += 1
      } else {
        j += 1
      }
    }
  }
}
