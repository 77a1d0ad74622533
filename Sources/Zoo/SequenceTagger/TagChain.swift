public import Autograd
public import Layers

/// Scores of neighbouring tags: a conditional random field (Lafferty, McCallum and Pereira, 2001).
///
/// A tagging's score is the sum of its words' logits and of what each of its tags has after the one
/// before; its probability is the exponential of that over the sum of those of all taggings.
public struct TagChain<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[tags + 1, tags]`: the score of a tag, by column, after another, by row; the last row is the
  /// start of a sentence.
  @Parameter public var scores: Tensor<Scalar>

  /// Every tag fits after every other as well at first.
  init(tags: Int) { _scores = Parameter(wrappedValue: .zeros([tags + 1, tags])) }

  /// The negative logarithm of the probability of a batch's taggings, over the number of words.
  ///
  /// - Parameters:
  ///   - logits: `[batch, time, tags]`
  ///   - tags: `[batch, time]`, below 0 where there is no word.
  /// - Returns: one number.
  func loss(_ logits: Tensor<Scalar>, _ tags: Tensor<Int32>) -> Tensor<Scalar> {
    let isWord = tags .>= 0
    let words = isWord.converted(to: Scalar.self)
    let difference = logOfAll(logits, isWord).sum() - score(logits, tags, words)
    return difference / words.sum()
  }

  /// The sum of the taggings' scores.
  private func score(
    _ logits: Tensor<Scalar>, _ tags: Tensor<Int32>, _ words: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let (batch, time, count) = (logits.shape[0], logits.shape[1], logits.shape[2])
    let known = tags.filled(where: tags .< 0, with: 0)
    let start = Tensor<Int32>(repeating: Int32(count), shape: [batch, 1])
    let before = Tensor.concatenated([start, known.narrowed(axis: 1, to: 0..<(time - 1))], axis: 1)
    let own = logits.gathered(axis: 2, at: known.unsqueezed(axis: 2)).squeezed(axes: 2)
    let pairs = scores.flattened().rows(before * Int32(count) + known)  // [batch, time]
    return ((own + pairs) * words).sum()
  }

  /// The logarithm of the sum of the exponentials of all taggings' scores, `[batch]`.
  private func logOfAll(_ logits: Tensor<Scalar>, _ isWord: Tensor<Bool>) -> Tensor<Scalar> {
    let count = logits.shape[2]
    let pairs = exp(scores.narrowed(axis: 0, to: 0..<count))
    // By sentence and tag: the taggings up to here that end in it.
    var sums = logits.selected(axis: 1, at: 0) + scores.selected(axis: 0, at: count)
    for position in 0..<logits.shape[1] where position > 0 {
      // Products of numbers of at most 1, the largest of which is 1.
      let largest = sums.detached.max(axes: 1, keepsAxes: true)
      let next =
        log(matmul(exp(sums - largest), pairs)) + largest + logits.selected(axis: 1, at: position)
      sums = select(isWord.narrowed(axis: 1, to: position..<(position + 1)), next, sums)
    }
    return sums.logSumExp(axes: 1)
  }
}
