package import Autograd
import Layers
import Sequences

/// The place that a picture is looked at in a step, given the weights of its places; nil looks at
/// all, softly.
package typealias PlaceChoice<Scalar> = (
  _ step: Int, _ picture: Int, _ weights: UnsafeBufferPointer<Scalar>
) -> Int?

extension ShowAttendTell {
  /// The loss of hard attention (section 4.1, equation 12) for the places that are chosen.
  ///
  /// - Parameters:
  ///   - smoothing: share of the target that is spread over all words; the reward has none.
  ///   - choice: where to look.
  /// - Returns: the mean over captions, and `log p(y | s, a)` of each, `[batch]`.
  package func hardLoss(
    _ batch: CaptionBatch<Scalar>, smoothing: Scalar, at choice: @escaping PlaceChoice<Scalar>
  ) -> (loss: Tensor<Scalar>, rewards: Tensor<Scalar>) {
    var chosen: [Tensor<Scalar>] = []
    let (logits, weights) = self(batch.pictures, batch.input) { step, weights in
      let places = drawnPlaces(weights) { choice(step, $0, $1) }
      let isSoft = places.map { $0 == nil }
      let numbers = Tensor(places.map { Int32($0 ?? 0) })
      let isCounted = zip(batch.lengths, isSoft).map { step < $0 && !$1 }
      // Those that are looked at softly have drawn nothing that could be rewarded.
      let probabilities = weights.gathered(axis: 1, at: numbers.unsqueezed(axis: 1))
        .squeezed(axes: 1).filled(where: Tensor(isCounted.map { !$0 }), with: 1)
      chosen.append(log(probabilities))
      return select(
        Tensor(isSoft).unsqueezed(axis: 1), weights,
        numbers.oneHot(weights.shape[1], of: Scalar.self))
    }
    let surprise = crossEntropyLoss(
      logits, batch.labels, ignoring: Int(SequenceSymbol.padding), reduction: .none)
    let rewards = -surprise.sum(axes: 1).detached  // [batch]
    let places = Tensor.stacked(chosen, axis: 0).sum(axes: 0)  // [batch]
    var loss = captionLoss(logits, batch.labels, smoothing)
    loss =
      loss
      + reinforceLoss(places: places, rewards: rewards, baseline: baselineNumber)
      * Scalar(configuration.rewardWeight)
    loss =
      loss - weightEntropy(weights, lengths: batch.lengths) * Scalar(configuration.entropyWeight)
    return (loss, rewards)
  }

  /// b.
  private var baselineNumber: Scalar { $baseline?.tensor.scalar ?? 0 }

  /// `b = 0.9 b + 0.1 log p(y | s, a)` (section 4.1), with the mean over the batch.
  func followBaseline(_ rewards: Tensor<Scalar>) {
    guard let box = $baseline else { return }
    box.tensor = box.tensor * 0.9 + rewards.detached.mean() * 0.1
  }

  /// Places drawn with the weights as their probabilities; some pictures are looked at softly
  /// throughout.
  package func drawing(
    _ batch: CaptionBatch<Scalar>, using generator: inout Generator
  ) -> PlaceChoice<Scalar> {
    let share = configuration.expectedShare
    let isSoft = (0..<batch.count).map { _ in generator.uniform() < share }
    let numbers = (0..<batch.input.count).map { _ in generator.uniform() }
    let steps = batch.input.shape[1]
    return { step, picture, weights in
      isSoft[picture] ? nil : place(of: numbers[picture * steps + step], in: weights)
    }
  }
}

/// The place that a number from [0, 1) stands for, where each place has a stretch as long as its
/// weight.
package func place<Scalar: FloatingPointScalar>(
  of number: Double, in weights: UnsafeBufferPointer<Scalar>
) -> Int {
  var rest = number
  for (place, weight) in weights.enumerated() {
    rest -= Double(weight)
    if rest < 0 { return place }
  }
  // Weights may sum to a little less than 1.
  return weights.indices.last { weights[$0] > 0 } ?? 0
}

/// A choice for each row of weights, `[batch, places]`.
private func drawnPlaces<Scalar: FloatingPointScalar>(
  _ weights: Tensor<Scalar>, _ choice: (Int, UnsafeBufferPointer<Scalar>) -> Int?
) -> [Int?] {
  let width = weights.shape[1]
  return weights.detached.withUnsafeScalars { scalars in
    (0..<weights.shape[0]).map { row in
      choice(row, UnsafeBufferPointer(rebasing: scalars[row * width..<(row + 1) * width]))
    }
  }
}
