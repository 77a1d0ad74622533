import Autograd
import Layers

/// A run's part of what a group does together; alone, a run is the whole.
extension TrainingRun {
  /// The number of this process among those that train together.
  var rank: Int { ranks?.group.rank ?? 0 }

  /// Whether this process tells and saves.
  var isFirst: Bool { rank == 0 }

  /// The positions of this rank's examples among those of a batch: parts that differ by one at most.
  func share(of examples: Int) -> Range<Int> {
    guard let size = ranks?.group.size else { return 0..<examples }
    return examples * rank / size..<examples * (rank + 1) / size
  }

  /// This rank's part of a batch.
  func part<Batch>(
    of batch: Batch, _ examples: Range<Int>, _ part: ((Batch, Range<Int>) -> Batch)?
  ) -> Batch {
    guard let part else {
      trap("Trainer.run: to divide batches among \(ranks?.group.size ?? 1) ranks it needs `part`")
    }
    return part(batch, examples)
  }

  /// The gradient and the loss of a step: of all ranks together, the means over all examples.
  ///
  /// - Parameters:
  ///   - sum: this rank's, of the examples that it had.
  ///   - totalWeight: what all ranks' examples count.
  func combined(
    _ sum: GradientAccumulator, totalWeight: Double
  ) throws -> (gradients: Gradients, loss: Double) {
    guard let ranks else { return (sum.mean, sum.meanLoss) }
    let own = sum.weight > 0 ? sum.mean : .none(of: model)
    let share = sum.weight / totalWeight
    let agreement = try ranks.agree(
      .init(
        loss: sum.weight > 0 ? sum.meanLoss * share : 0, seconds: seconds,
        stops: trainer.shouldStop(), isPresent: own.valuesOfAskedFor.map { $0 != nil }))
    self.agreement = agreement
    return (
      try ranks.sum(own, share: share, isPresent: agreement.isPresent), agreement.loss
    )
  }

  /// Does what one rank alone may fail at, and has all ranks know whether one has.
  func together<Result>(_ body: () throws -> Result) throws -> Result {
    let result = try body()
    _ = try ranks?.agree()
    return result
  }

  /// Has the other ranks end, too.
  func tellOthers(of error: any Error) { ranks?.tell(error) }
}
