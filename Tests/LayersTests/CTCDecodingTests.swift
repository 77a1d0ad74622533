import Autograd
import Layers
import Testing

/// Decoding of connectionist temporal classification against enumeration of all paths.
@Suite struct CTCDecodingTests {
  /// `[time, batch, classes]`
  private func logProbabilities(
    _ time: Int, _ batch: Int, _ classes: Int, seed: UInt64
  ) -> Tensor<Double> {
    var generator = Generator(seed: seed)
    return logSoftmax(
      Tensor<Double>.normal([time, batch, classes], deviation: 1.5, using: &generator), axis: 2)
  }

  /// What a path of classes spells.
  private func labels(of path: [Int], blank: Int) -> [Int32] {
    path.indices.filter { path[$0] != blank && ($0 == 0 || path[$0] != path[$0 - 1]) }
      .map { Int32(path[$0]) }
  }

  /// All paths of a sequence with their probabilities.
  private func paths(
    _ logProbabilities: Tensor<Double>, row: Int, length: Int
  ) -> [(path: [Int], probability: Double)] {
    var paths: [(path: [Int], probability: Double)] = [([], 1)]
    for time in 0..<length {
      let frame = logProbabilities[time, row].scalars
      paths = paths.flatMap { path, probability in
        frame.indices.map { (path + [$0], probability * exp(frame[$0])) }
      }
    }
    return paths
  }

  /// All labels that can be spelled, the most probable first.
  private func spelled(
    _ logProbabilities: Tensor<Double>, row: Int, length: Int, blank: Int
  ) -> [(labels: [Int32], probability: Double)] {
    var sums: [[Int32]: Double] = [:]
    for (path, probability) in paths(logProbabilities, row: row, length: length) {
      sums[labels(of: path, blank: blank), default: 0] += probability
    }
    return sums.map { ($0.key, $0.value) }.sorted { $0.probability > $1.probability }
  }

  @Test(arguments: [0, 2], [1, 2, 3] as [UInt64])
  func `a beam that holds all beginnings finds the probability of all labels`(
    blank: Int, seed: UInt64
  ) {
    let lengths = [5, 3, 1, 4]
    let numbers = logProbabilities(5, 4, 3, seed: seed)
    let found = CTCBeamSearch(width: 500, blank: blank)(numbers, lengths: lengths)
    for (row, length) in lengths.enumerated() {
      let all = spelled(numbers, row: row, length: length, blank: blank)
      #expect(found[row].map(\.labels) == all.map(\.labels))
      for (hypothesis, right) in zip(found[row], all) {
        // Sums of at most 243 products of five probabilities.
        #expect(abs(hypothesis.logProbability - log(right.probability)) < 1e-12)
      }
    }
  }

  @Test func `the probabilities are those of the loss`() {
    let lengths = [6, 4]
    let numbers = logProbabilities(6, 2, 3, seed: 4)
    let found = CTCBeamSearch(width: 1000)(numbers, lengths: lengths)
    for place in [0, 3, 7] {
      let targets = found.map { $0[place].labels.map { Int($0) } }
      let losses = ctcLoss(numbers, targets, lengths: lengths, reduction: .none).scalars
      for (loss, hypotheses) in zip(losses, found) {
        #expect(abs(loss + hypotheses[place].logProbability) < 1e-12)
      }
    }
  }

  @Test func `the most probable path is found, and what it spells`() {
    let lengths = [5, 2, 4]
    let numbers = logProbabilities(5, 3, 3, seed: 5)
    for (row, hypothesis) in ctcBestPaths(numbers, lengths: lengths, blank: 1).enumerated() {
      let best = paths(numbers, row: row, length: lengths[row]).max {
        $0.probability < $1.probability
      }!
      #expect(hypothesis.labels == labels(of: best.path, blank: 1))
      #expect(abs(hypothesis.logProbability - log(best.probability)) < 1e-12)
    }
  }

  @Test func `many paths outweigh the most probable one`() {
    // The blank alone has 0.36, the label 0.64 in three paths.
    let numbers = log(Tensor([0.6, 0.4, 0.6, 0.4], shape: [2, 1, 2]))
    #expect(ctcBestPaths(numbers)[0].labels == [])
    let found = CTCBeamSearch(width: 2)(numbers)[0]
    #expect(found.map(\.labels) == [[1], []])
    #expect(abs(exp(found[0].logProbability) - 0.64) < 1e-15)
    #expect(abs(exp(found[1].logProbability) - 0.36) < 1e-15)
  }

  @Test func `a label is said twice only with a blank between`() {
    func numbers(_ path: [Int]) -> Tensor<Double> {
      log(
        Tensor(
          path.flatMap { best in (0..<3).map { $0 == best ? 0.98 : 0.01 } },
          shape: [path.count, 1, 3]))
    }
    for (path, labels) in [
      ([1, 1, 2, 2], [1, 2]), ([1, 0, 1, 1], [1, 1]), ([0, 2, 0, 0], [2]), ([0, 0, 0, 0], []),
      ([1, 2, 1, 0], [1, 2, 1]),
    ] as [([Int], [Int32])] {
      #expect(ctcBestPaths(numbers(path))[0].labels == labels)
      #expect(CTCBeamSearch(width: 3)(numbers(path))[0][0].labels == labels)
    }
  }

  @Test func `a narrow beam has at most its width, the best first, none above its probability`() {
    let numbers = logProbabilities(6, 1, 4, seed: 6)
    let right = Dictionary(
      uniqueKeysWithValues: spelled(numbers, row: 0, length: 6, blank: 0).map {
        ($0.labels, log($0.probability))
      })
    let found = CTCBeamSearch(width: 4)(numbers)[0]
    #expect(found.count == 4)
    for (a, b) in zip(found, found.dropFirst()) { #expect(a.logProbability >= b.logProbability) }
    for hypothesis in found {
      #expect(hypothesis.logProbability <= right[hypothesis.labels]! + 1e-12)
    }
  }

  @Test func `what stands after an end, and what is impossible, changes nothing`() {
    let numbers = logProbabilities(4, 2, 3, seed: 7)
    var changed = numbers
    for time in 2..<4 { for label in 0..<3 { changed[time, 1, label] = Tensor(.nan) } }
    let (search, lengths) = (CTCBeamSearch(width: 3), [4, 2])
    #expect(search(changed, lengths: lengths) == search(numbers, lengths: lengths))
    #expect(ctcBestPaths(changed, lengths: lengths) == ctcBestPaths(numbers, lengths: lengths))
    // No frame at all spells nothing, surely; frames that are not numbers spell not even that.
    let empty = search(numbers, lengths: [4, 0])[1]
    #expect(empty.map(\.labels) == [[]] && empty[0].logProbability == 0)
    #expect(search(changed)[1] == [])
  }
}
