import Autograd
import Layers

/// What a model makes of one source sentence.
public struct Seq2SeqHypothesis: Sendable {
  /// Target symbols, without start and end.
  public var symbols: [Int32]
  /// Logarithm of the probability that the model gives them, the end included.
  public var logProbability: Double
  /// What each step looked at, `[step][source symbol]`; empty without attention. The step that
  /// ends the sentence is not there.
  public var weights: [[Float]]
}

extension Seq2Seq {
  /// The most probable symbol in each step, until the end symbol or `limit` symbols.
  ///
  /// - Parameters:
  ///   - sources: symbols of each sentence, at least one each.
  ///   - limit: the most symbols that a target can have.
  /// - Returns: one hypothesis a sentence.
  public func greedy(_ sources: [[Int32]], limit: Int) -> [Seq2SeqHypothesis] {
    beam(sources, width: 1, limit: limit).map { $0[0] }
  }

  /// Beam search: in each step the `width` most probable beginnings of each sentence go on.
  ///
  /// - Parameters:
  ///   - sources: symbols of each sentence, at least one each.
  ///   - width: number of beginnings that are followed.
  ///   - limit: the most symbols that a target can have.
  ///   - lengthPenalty: hypotheses are ordered by their log-probability over
  ///     `length ^ lengthPenalty`, the end symbol counted.
  /// - Returns: for each sentence up to `width` hypotheses, the best first.
  public func beam(
    _ sources: [[Int32]], width: Int, limit: Int, lengthPenalty: Double = 0
  ) -> [[Seq2SeqHypothesis]] {
    if sources.isEmpty { return [] }
    if width < 1 || limit < 1 { trap("Seq2Seq: a beam of \(width) up to \(limit) symbols") }
    let batch = Seq2SeqBatch(sources: sources, targets: sources.map { _ in [] })
    let (memory, first) = encode(batch.source, lengths: batch.lengths)
    var search = BeamSearch(sentences: sources.count, width: width)
    var hidden = first
    var memories = memory
    var rows = Array(0..<sources.count)
    for step in 0...limit {
      let lastSymbols = Tensor<Int32>(search.lastSymbols)
      let state = self.step(targetEmbedding(lastSymbols), hidden, memories)
      let logits = output(.concatenated([state.hidden, state.context], axis: 1))
      let chosen = search.advance(
        logSoftmax(logits, axis: 1), state.weights, lengths: batch.lengths,
        mustEnd: step == limit)
      if chosen.rows.isEmpty { break }
      let index = Tensor<Int32>(chosen.rows.map(Int32.init))
      hidden = state.hidden.rows(index)
      let sentences = chosen.sentences
      if sentences != rows {
        memories = memory.rows(Tensor<Int32>(sentences.map(Int32.init)))
        rows = sentences
      }
    }
    return search.finished(lengthPenalty: lengthPenalty)
  }
}

extension Seq2Seq.Memory {
  /// The sentences with the given numbers.
  func rows(_ index: Tensor<Int32>) -> Seq2Seq.Memory {
    .init(attention: attention?.rows(index), summary: summary.rows(index))
  }
}

/// The book-keeping of a beam search over a batch of sentences: which beginnings are alive, one
/// row of the decoder's batch each, and which have ended.
private struct BeamSearch {
  private struct Beginning {
    let sentence: Int
    var hypothesis: Seq2SeqHypothesis
  }

  private let width: Int
  private var alive: [Beginning]
  private var ended: [[Seq2SeqHypothesis]]

  init(sentences: Int, width: Int) {
    self.width = width
    ended = Array(repeating: [], count: sentences)
    alive = (0..<sentences).map {
      Beginning(
        sentence: $0, hypothesis: Seq2SeqHypothesis(symbols: [], logProbability: 0, weights: []))
    }
  }

  /// The symbol that each living beginning reads next.
  var lastSymbols: [Int32] { alive.map { $0.hypothesis.symbols.last ?? Seq2SeqSymbol.start } }

  /// Extends every living beginning by its best symbols and keeps the best of each sentence.
  ///
  /// - Returns: for each beginning that lives on, the row that it comes from and its sentence.
  mutating func advance<Scalar: FloatingPointScalar>(
    _ logProbabilities: Tensor<Scalar>, _ weights: Tensor<Scalar>?, lengths: [Int], mustEnd: Bool
  ) -> (rows: [Int], sentences: [Int]) {
    let symbols = logProbabilities.shape[1]
    let scores = logProbabilities.scalars
    let looked = weights?.scalars
    let columns = weights?.shape[1] ?? 0
    var next: [Beginning] = []
    var rows: [Int] = []
    var row = 0
    while row < alive.count {
      let sentence = alive[row].sentence
      var group = row
      while group < alive.count && alive[group].sentence == sentence { group += 1 }
      var candidates: [(score: Double, row: Int, symbol: Int)] = []
      for source in row..<group {
        let so = alive[source].hypothesis.logProbability
        // Padding and start are never said.
        for symbol in (mustEnd ? [Int(Seq2SeqSymbol.end)] : Array(Int(Seq2SeqSymbol.end)..<symbols))
        {
          candidates.append((so + Double(scores[source * symbols + symbol]), source, symbol))
        }
      }
      let best = candidates.sorted { $0.score > $1.score }.prefix(width)
      for candidate in best {
        var hypothesis = alive[candidate.row].hypothesis
        hypothesis.logProbability = candidate.score
        if candidate.symbol == Int(Seq2SeqSymbol.end) {
          ended[sentence].append(hypothesis)
        } else if ended[sentence].count < width {
          hypothesis.symbols.append(Int32(candidate.symbol))
          if let looked {
            let start = candidate.row * columns
            hypothesis.weights.append(
              looked[start..<(start + lengths[sentence])].map { Float($0) })
          }
          next.append(Beginning(sentence: sentence, hypothesis: hypothesis))
          rows.append(candidate.row)
        }
      }
      // No living beginning can overtake a full set of better ends.
      if let worst = ended[sentence].map(\.logProbability).min(), ended[sentence].count >= width,
        next.filter({ $0.sentence == sentence }).allSatisfy({
          $0.hypothesis.logProbability <= worst
        })
      {
        while next.last?.sentence == sentence {
          next.removeLast()
          rows.removeLast()
        }
      }
      row = group
    }
    alive = next
    return (rows, next.map(\.sentence))
  }

  /// The hypotheses of each sentence, the best first.
  func finished(lengthPenalty: Double) -> [[Seq2SeqHypothesis]] {
    ended.map { hypotheses in
      func score(_ hypothesis: Seq2SeqHypothesis) -> Double {
        hypothesis.logProbability / power(Double(hypothesis.symbols.count + 1), lengthPenalty)
      }
      return Array(hypotheses.sorted { score($0) > score($1) }.prefix(width))
    }
  }

  private func power(_ base: Double, _ exponent: Double) -> Double {
    exponent == 0 ? 1 : pow(Tensor(base), exponent).scalar
  }
}
