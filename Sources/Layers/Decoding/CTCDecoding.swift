public import Autograd

/// What a sequence of frames spells under connectionist temporal classification (`ctcLoss`).
public struct CTCHypothesis: Equatable, Sendable {
  /// The labels, without blanks.
  public let labels: [Int32]
  /// The logarithm of their probability, as far as the search has summed it up.
  public let logProbability: Double
}

/// The labels that the most probable class of each frame spells (best path decoding; Graves et al.,
/// 2006, section 3.2): a label that is repeated from frame to frame is one, and blanks fall away.
///
/// The most probable path need not spell the most probable labels, to which many paths lead:
/// `CTCBeamSearch` sums them up.
///
/// - Parameters:
///   - logProbabilities: `[time, batch, classes]`, each row a `logSoftmax`.
///   - lengths: number of frames of each sequence; nil where all have all.
///   - blank: the class of the blank.
/// - Returns: a hypothesis for each sequence, with the logarithm of the path's probability. A class
///   whose logarithm is not a number is never taken.
public func ctcBestPaths<Scalar: FloatingPointScalar>(
  _ logProbabilities: Tensor<Scalar>, lengths: [Int]? = nil, blank: Int = 0
) -> [CTCHypothesis] {
  CTCFrames(logProbabilities, lengths, blank, "ctcBestPaths").sequences.map { frames in
    var (labels, last, sum): ([Int32], Int, Double) = ([], blank, 0)
    for frame in frames {
      let best = frame.indices.reduce(0) { frame[$1] > frame[$0] ? $1 : $0 }
      if best != blank && best != last { labels.append(Int32(best)) }
      last = best
      sum += frame[best]
    }
    return CTCHypothesis(labels: labels, logProbability: sum)
  }
}

/// The search for the labels that frames most probably spell, summed up over all alignments (prefix
/// search with a beam; Graves et al., 2006, section 3.2; Hannun et al., 2014): in each frame the
/// `width` most probable beginnings go on.
///
/// ```swift
/// let logProbabilities = logSoftmax(output(states), axis: 2).transposed(axes: 0, 1)
/// let found = CTCBeamSearch(width: 8)(logProbabilities, lengths: lengths)
/// found[0][0].labels  // the best of the first sequence
/// ```
public struct CTCBeamSearch: Sendable {
  /// Number of beginnings that are followed, and of hypotheses that are returned at most.
  public var width: Int
  /// The class of the blank.
  public var blank: Int

  /// - Parameters:
  ///   - width: number of beginnings that are followed, at least 1.
  ///   - blank: the class of the blank.
  public init(width: Int, blank: Int = 0) {
    if width < 1 { trap("CTCBeamSearch: a beam of \(width)") }
    self.width = width
    self.blank = blank
  }

  /// - Parameters:
  ///   - logProbabilities: `[time, batch, classes]`, each row a `logSoftmax`.
  ///   - lengths: number of frames of each sequence; nil where all have all.
  /// - Returns: for each sequence its hypotheses, the best first: `width` of them, or fewer where there
  ///   are not as many. A class whose logarithm is minus infinity or not a number is never taken.
  public func callAsFunction<Scalar: FloatingPointScalar>(
    _ logProbabilities: Tensor<Scalar>, lengths: [Int]? = nil
  ) -> [[CTCHypothesis]] {
    CTCFrames(logProbabilities, lengths, blank, "CTCBeamSearch").sequences.map { frames in
      var beam = CTCBeam(blank: blank)
      for frame in frames { beam.advance(frame, width: width) }
      return beam.hypotheses
    }
  }
}

/// The frames of a batch as plain numbers.
private struct CTCFrames {
  /// `[batch][time][classes]`; what is not a number counts as impossible.
  let sequences: [[[Double]]]

  init<Scalar: FloatingPointScalar>(
    _ logProbabilities: Tensor<Scalar>, _ lengths: [Int]?, _ blank: Int, _ name: String
  ) {
    let shape = logProbabilities.shape
    if shape.rank != 3 { trap("\(name): [time, batch, classes] is expected, not \(shape)") }
    let (time, batch, classes) = (shape[0], shape[1], shape[2])
    let lengths = lengths ?? Array(repeating: time, count: batch)
    if lengths.count != batch || lengths.contains(where: { $0 < 0 || $0 > time }) {
      trap("\(name): lengths \(lengths) of \(batch) sequences with at most \(time) frames")
    }
    if !(0..<classes).contains(blank) { trap("\(name): blank \(blank), with \(classes) classes") }
    let numbers = logProbabilities.scalars.map { $0.isNaN ? -.infinity : Double($0) }
    sequences = lengths.enumerated().map { row, length in
      (0..<length).map { frame in
        let start = (frame * batch + row) * classes
        return Array(numbers[start..<(start + classes)])
      }
    }
  }
}

/// The beginnings that a prefix search follows through the frames of one sequence.
private struct CTCBeam {
  /// Labels as a tree: a beginning is its last label and the beginning before it.
  private struct Node {
    let label: Int
    let parent: Int
    var children: [Int: Int] = [:]
  }

  /// A beginning with the logarithms of the probabilities of all paths that spell it so far.
  private struct Prefix {
    let node: Int
    /// Of the paths whose last frame is blank.
    var blank = -Double.infinity
    /// Of the paths whose last frame is its last label.
    var label = -Double.infinity

    var total: Double { logSum(blank, label) }
  }

  private let blank: Int
  /// The first is the empty beginning, which has no label.
  private var nodes = [Node(label: -1, parent: -1)]
  /// The best first.
  private var prefixes = [Prefix(node: 0, blank: 0)]

  init(blank: Int) { self.blank = blank }

  /// Goes on by one frame, and keeps the best beginnings; of equally probable ones those that were
  /// met first.
  ///
  /// - Parameter frame: the logarithm of each class's probability.
  mutating func advance(_ frame: [Double], width: Int) {
    var next: [Prefix] = []
    var places: [Int: Int] = [:]
    func place(of node: Int) -> Int {
      if let place = places[node] { return place }
      places[node] = next.count
      next.append(Prefix(node: node))
      return next.count - 1
    }
    for prefix in prefixes {
      let last = nodes[prefix.node].label
      let stays = place(of: prefix.node)
      next[stays].blank = logSum(next[stays].blank, prefix.total + frame[blank])
      for (label, probability) in frame.enumerated() where label != blank {
        if probability == -.infinity { continue }
        // After itself, a label is a new one only where a blank stands between.
        if label == last {
          next[stays].label = logSum(next[stays].label, prefix.label + probability)
        }
        let before = label == last ? prefix.blank : prefix.total
        if before == -.infinity { continue }
        let grown = place(of: child(of: prefix.node, label))
        next[grown].label = logSum(next[grown].label, before + probability)
      }
    }
    let order = next.indices.filter { next[$0].total > -.infinity }
      .sorted { (next[$1].total, $0) < (next[$0].total, $1) }
    prefixes = order.prefix(width).map { next[$0] }
  }

  private mutating func child(of node: Int, _ label: Int) -> Int {
    if let child = nodes[node].children[label] { return child }
    nodes.append(Node(label: label, parent: node))
    nodes[node].children[label] = nodes.count - 1
    return nodes.count - 1
  }

  var hypotheses: [CTCHypothesis] {
    prefixes.map { prefix in
      var (labels, node): ([Int32], Int) = ([], prefix.node)
      while node > 0 {
        labels.append(Int32(nodes[node].label))
        node = nodes[node].parent
      }
      return CTCHypothesis(labels: labels.reversed(), logProbability: prefix.total)
    }
  }
}

/// The logarithm of the sum of two probabilities whose logarithms are given.
private func logSum(_ a: Double, _ b: Double) -> Double {
  let (high, low) = a > b ? (a, b) : (b, a)
  return low == -.infinity ? high : high + log(1 + exp(low - high))
}
