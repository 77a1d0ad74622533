/// A command line that cannot be carried out: one sentence for standard error, exit status 2.
package struct UsageError: Error, Equatable, CustomStringConvertible {
  /// The sentence, without the program's name and without a full stop.
  package let description: String

  /// An error with this sentence.
  package init(_ description: String) {
    self.description = description
  }
}

/// The known name nearest to a mistyped one, or `nil` if none is near: at most two edits away, and
/// at least half of it right.
package func nearestName(to name: String, among known: [String]) -> String? {
  let distances = known.map { (name: $0, distance: edits(from: Array(name), to: Array($0))) }
  guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= 2 && best.distance * 2 <= best.name.count ? best.name : nil
}

/// `--eposh` is one slip of the finger, so neighbours exchanged count as one edit.
private func edits(from first: [Character], to second: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...second.count)
  for i in first.indices {
    var row = [i + 1]
    for j in second.indices {
      var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (first[i] == second[j] ? 0 : 1))
      if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
        best = min(best, beforeLast[j - 1] + 1)
      }
      row.append(best)
    }
    (beforeLast, last) = (last, row)
  }
  return last[second.count]
}
