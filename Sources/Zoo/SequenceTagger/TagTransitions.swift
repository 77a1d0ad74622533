/// Which tag may follow which.
public struct TagTransitions: Sendable {
  /// By tag, then by the tag before; the last of these is the start of a sentence.
  private let allowed: [[Bool]]

  /// Those that keep slots whole: `I-SLOT` stands after `B-SLOT` or `I-SLOT` of the same slot alone
  /// (Ramshaw and Marcus, 1995).
  ///
  /// - Parameter tags: `O`, `B-SLOT` and `I-SLOT` in the order of their numbers.
  public init(bio tags: [String]) {
    allowed = tags.map { tag in
      let isInside = tag.hasPrefix("I-")
      return tags.map { before in
        !isInside || before != "O" && before.dropFirst(2) == tag.dropFirst(2)
      } + [!isInside]
    }
  }

  /// Every tag after every other.
  public init(unlimited count: Int) {
    allowed = Array(repeating: Array(repeating: true, count: count + 1), count: count)
  }

  /// Number of tags.
  public var count: Int { allowed.count }

  /// Whether a tag may follow another; nil stands for the start of a sentence.
  public func allows(_ tag: Int, after before: Int?) -> Bool { allowed[tag][before ?? count] }

  /// The likeliest of the tags that may follow another.
  ///
  /// - Parameter scores: the score of each tag.
  func best(of scores: some Collection<Double>, after before: Int?) -> Int {
    var best: (tag: Int, score: Double)?
    for (tag, score) in scores.enumerated() where allows(tag, after: before) {
      if best.map({ score > $0.score }) ?? true { best = (tag, score) }
    }
    // Where nothing may follow, as where there are tags I-SLOT alone.
    return best?.tag ?? 0
  }

  /// The likeliest of all taggings that are allowed (Viterbi, 1967).
  ///
  /// - Parameters:
  ///   - words: the score of each tag, by word; at least one word.
  ///   - neighbours: the score of a tag after another at `neighbours[before][tag]`, the start of the
  ///     sentence last; nil where they make no difference.
  func best(of words: [ArraySlice<Double>], neighbours: [[Double]]?) -> [Int] {
    func score(_ tag: Int, after before: Int?) -> Double {
      allows(tag, after: before) ? neighbours?[before ?? count][tag] ?? 0 : -.infinity
    }
    // By tag: the score of the best tagging that ends in it.
    var sums = (0..<count).map { words[0][words[0].startIndex + $0] + score($0, after: nil) }
    var ways: [[Int]] = []
    for word in words.dropFirst() {
      let last = sums
      let way = (0..<count).map { tag in
        (0..<count).max { last[$0] + score(tag, after: $0) < last[$1] + score(tag, after: $1) } ?? 0
      }
      sums = (0..<count).map { tag in
        last[way[tag]] + score(tag, after: way[tag]) + word[word.startIndex + tag]
      }
      ways.append(way)
    }
    var tags = [sums.indices.max { sums[$0] < sums[$1] } ?? 0]
    for way in ways.reversed() { tags.append(way[tags.last!]) }
    return tags.reversed()
  }
}
