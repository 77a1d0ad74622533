extension BytePairEncoding {
  /// Learns pairs from a corpus: again and again the pair that occurs most often becomes one piece. Of
  /// pairs that occur equally often, the one whose code points come last is taken, as subword-nmt
  /// does.
  ///
  /// - Parameters:
  ///   - corpus: texts, whose words white space separates.
  ///   - mergeCount: how many pairs are learnt at most.
  ///   - minimumCount: how often a pair occurs at least.
  public init(learningFrom corpus: some Sequence<String>, mergeCount: Int, minimumCount: Int = 2) {
    require(mergeCount >= 0, "BytePairEncoding: \(mergeCount) pairs")
    var learning = Learning(corpus)
    var merges: [Merge] = []
    while merges.count < mergeCount, let merge = learning.next(minimumCount: minimumCount) {
      merges.append(merge)
    }
    self.init(merges: merges)
  }
}

/// The words of a corpus in pieces, and how often each pair of pieces occurs.
private struct Learning {
  typealias Pair = SIMD2<Int32>

  /// The pieces that there are, by number.
  private var pieces: [String] = []
  private var numbers: [ExactToken: Int32] = [:]
  /// The pieces of each word, and how often it occurs.
  private var words: [(pieces: [Int32], count: Int)] = []
  /// How often a pair occurs, and in which words it may.
  private var counts: [Pair: Int] = [:]
  private var places: [Pair: Set<Int>] = [:]
  /// The pairs, the most frequent on top; an entry whose count is no longer right is passed over.
  private var heap = Heap()

  init(_ corpus: some Sequence<String>) {
    var frequencies: [ExactToken: Int] = [:]
    for text in corpus {
      for word in Tasks.words(text) { frequencies[ExactToken(word), default: 0] += 1 }
    }
    for (word, count) in frequencies.sorted(by: { $0.key < $1.key }) {
      let pieces = BytePairEncoding.codePoints(of: word.text).map { number(of: $0) }
      add(pieces, count, word: words.count)
      words.append((pieces, count))
    }
    for (pair, count) in counts { heap.push(entry(pair, count)) }
  }

  /// The most frequent pair, which becomes one piece; nil where none is frequent enough.
  mutating func next(minimumCount: Int) -> BytePairEncoding.Merge? {
    while let top = heap.pop() {
      let count = counts[top.pair] ?? 0
      if count != top.count { continue }
      if count < minimumCount || count == 0 { return nil }
      let (left, right) = (pieces[Int(top.pair.x)], pieces[Int(top.pair.y)])
      join(top.pair, into: number(of: left + right))
      return BytePairEncoding.Merge(left, right)
    }
    return nil
  }

  private mutating func join(_ pair: Pair, into piece: Int32) {
    var changed: Set<Pair> = []
    for word in places[pair] ?? [] {
      let (old, count) = words[word]
      let new = Self.joined(old, pair, piece)
      if new.count == old.count { continue }
      changed.formUnion(Self.pairs(old))
      changed.formUnion(Self.pairs(new))
      add(old, -count, word: word)
      add(new, count, word: word)
      words[word].pieces = new
    }
    places[pair] = nil
    for pair in changed { heap.push(entry(pair, counts[pair] ?? 0)) }
  }

  private mutating func add(_ pieces: [Int32], _ count: Int, word: Int) {
    for pair in Self.pairs(pieces) {
      counts[pair, default: 0] += count
      if count > 0 { places[pair, default: []].insert(word) }
    }
  }

  private mutating func number(of piece: String) -> Int32 {
    let token = ExactToken(piece)
    if let known = numbers[token] { return known }
    let number = Int32(pieces.count)
    numbers[token] = number
    pieces.append(piece)
    return number
  }

  private func entry(_ pair: Pair, _ count: Int) -> Heap.Entry {
    Heap.Entry(
      count: count, left: ExactToken(pieces[Int(pair.x)]), right: ExactToken(pieces[Int(pair.y)]),
      pair: pair)
  }

  private static func pairs(_ pieces: [Int32]) -> [Pair] {
    zip(pieces, pieces.dropFirst()).map { Pair($0, $1) }
  }

  private static func joined(_ pieces: [Int32], _ pair: Pair, _ piece: Int32) -> [Int32] {
    var result: [Int32] = []
    var position = 0
    while position < pieces.count {
      let isPair =
        position + 1 < pieces.count && pieces[position] == pair.x && pieces[position + 1] == pair.y
      result.append(isPair ? piece : pieces[position])
      position += isPair ? 2 : 1
    }
    return result
  }
}

/// Pairs, of which the largest is taken out first.
private struct Heap {
  struct Entry {
    let count: Int
    let left: ExactToken
    let right: ExactToken
    let pair: SIMD2<Int32>

    static func < (a: Entry, b: Entry) -> Bool {
      (a.count, a.left, a.right) < (b.count, b.left, b.right)
    }
  }

  private var entries: [Entry] = []

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[(child - 1) / 2] < entries[child] {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Entry? {
    guard let last = entries.popLast() else { return nil }
    guard let top = entries.first else { return last }
    entries[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= entries.count { break }
      if child + 1 < entries.count, entries[child] < entries[child + 1] { child += 1 }
      if !(entries[parent] < entries[child]) { break }
      entries.swapAt(parent, child)
      parent = child
    }
    return top
  }
}
