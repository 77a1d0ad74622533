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

  /// The gradients of a step on their way to the other ranks; nil where there are none.
  func beginReduction() -> GradientReduction? { ranks.map { GradientReduction($0, model) } }

  /// Meets the other ranks when the step's last forward pass is over.
  ///
  /// - Parameters:
  ///   - sum: the gradients of this rank's batches before the last one.
  ///   - last: its last one: loss, weight and the parameters of which it will give gradients; nil
  ///     where it has none.
  ///   - totalWeight: what all ranks' examples count.
  func meet(
    _ reduction: GradientReduction, _ sum: GradientAccumulator,
    last: (loss: Double, weight: Double, met: [Int])?, totalWeight: Double
  ) throws {
    let share = (last?.weight ?? 0) / totalWeight
    var loss = (last?.loss ?? 0) * share
    if sum.weight > 0 { loss += sum.meanLoss * (sum.weight / totalWeight) }
    try reduction.meet(
      .init(loss: loss, seconds: seconds, stops: trainer.shouldStop(), met: last?.met ?? []), sum,
      share: share, total: totalWeight)
    agreement = reduction.agreement
  }

  /// The gradient and the loss of a step: of all ranks together, the means over all examples.
  func combined(
    _ sum: GradientAccumulator, _ reduction: GradientReduction?, totalWeight: Double
  ) throws -> (gradients: Gradients, loss: Double) {
    guard let reduction else { return (sum.mean, sum.meanLoss) }
    // A rank without an example of the last batch has not met the others yet.
    if reduction.agreement == nil {
      try meet(reduction, sum, last: nil, totalWeight: totalWeight)
    }
    return (try reduction.finish(), reduction.agreement!.loss)
  }

  // MARK: Rounding errors

  /// Saves what rounding has taken away from this rank's gradients, before rank 0 writes the checkpoint.
  func saveRoundingErrors() throws {
    guard let ranks, ranks.format == .bfloat16, let directory else { return }
    let paths = directory.roundingErrors(ofRank: rank)
    try ranks.errors.write(
      to: paths[0], keepingPrevious: paths[1], step: state.step, names: namedParameters.map(\.name),
      ranks: ranks.group.size)
  }

  /// Takes over what was saved with the checkpoint.
  ///
  /// - Returns: a sentence where nothing fits.
  func resumeRoundingErrors() throws -> String? {
    guard let ranks, ranks.format == .bfloat16, state.step > 0, let directory else { return nil }
    let found = try RoundingErrors(
      of: directory.roundingErrors, step: state.step, rank: rank, size: ranks.group.size,
      namedParameters)
    if let found { ranks.errors = found }
    return found == nil
      ? "there are no rounding errors of step \(state.step) of all ranks; gradients begin without"
      : nil
  }

  /// The parameters that gradients are taken of.
  private var namedParameters: [(name: String, parameter: any AnyParameter)] {
    let names = Dictionary(
      uniqueKeysWithValues: model.parameters.map { (ObjectIdentifier($0.parameter), $0.name) })
    return Gradients.none(of: model).askedFor.map { (names[ObjectIdentifier($0)]!, $0) }
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
