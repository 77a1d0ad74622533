import Autograd
import Layers

/// The gradients of one step on their way to their sums over all ranks, each times its rank's share.
///
/// All ranks meet when the last forward pass of the step is over (`meet`): they learn whether one has
/// failed, and agree upon buckets of parameters, in the order in which the backward pass finishes
/// them. From then on each bucket's sum is begun as soon as its gradients are there (`take`), and those
/// before it are; the backward pass goes on meanwhile. Buckets are begun in the same order on all ranks,
/// as MPI wants it, and each sum's order is the ranks': nothing depends on time.
final class GradientReduction {
  private let ranks: RankExchange
  private let parameters: [any AnyParameter]
  /// None, of these parameters.
  private let none: Gradients
  /// This rank's gradients so far, times their share, by position.
  private var own: [UntypedTensor?]
  /// What the gradients of the last batch count.
  private var share = 0.0
  private(set) var agreement: RankExchange.Agreement?

  private var buckets: [GradientBucket] = []
  /// Parameters of each bucket whose gradients are still to come.
  private var missing: [Int] = []
  private var bucketOfPosition: [Int: Int] = [:]
  /// The sums that were begun, of the first buckets.
  private var pending: [Pending] = []
  /// What the group said when it failed in the midst of a backward pass, which cannot throw.
  private var failure: (any Error)?

  private enum Pending {
    case float(any PendingSum<Float>)
    case double(any PendingSum<Double>)
  }

  init(_ ranks: RankExchange, _ model: some Layer) {
    self.ranks = ranks
    none = .none(of: model)
    own = none.valuesOfAskedFor
    parameters = none.askedFor
  }

  /// Meets the other ranks.
  ///
  /// - Parameters:
  ///   - statement: this rank's, of all its batches; its parameters are those that the last batch is
  ///     still to give gradients of.
  ///   - sum: the gradients of all batches but the last.
  ///   - share: what the last one's gradients count; 0 where there is no last one on this rank.
  ///   - total: what all ranks' batches count.
  func meet(
    _ statement: RankExchange.Agreement, _ sum: GradientAccumulator, share: Double, total: Double
  ) throws {
    if sum.weight > 0 { own = sum.mean.scaled(by: sum.weight / total).valuesOfAskedFor }
    self.share = share
    let awaited = Set(statement.met)
    var statement = statement
    let before = own.indices.filter { own[$0] != nil && !awaited.contains($0) }
    statement.met = before + statement.met
    let agreement = try ranks.agree(statement)
    self.agreement = agreement
    buckets = GradientBucket.buckets(of: parameters, met: agreement.met)
    for (number, bucket) in buckets.enumerated() {
      for position in bucket.positions { bucketOfPosition[position] = number }
      missing.append(bucket.positions.count(where: awaited.contains))
    }
  }

  /// Takes the last batch's gradient of a parameter.
  func take(_ position: Int, _ gradient: UntypedTensor) {
    if failure != nil { return }
    let scaled = share == 1 ? gradient : gradient * share
    own[position] = own[position].map { $0 + scaled } ?? scaled
    missing[bucketOfPosition[position]!] -= 1
    do {
      try beginWholeBuckets()
      try ranks.checked { try ranks.group.advanceSums() }
    } catch {
      failure = error
    }
  }

  private func beginWholeBuckets() throws {
    while pending.count < buckets.count, missing[pending.count] == 0 {
      try begin(buckets[pending.count])
    }
  }

  /// The sums of all ranks' gradients, once all are there.
  func finish() throws -> Gradients {
    if let failure { throw failure }
    // On what was met, but had no influence, nothing has come.
    for bucket in missing.indices { missing[bucket] = 0 }
    try beginWholeBuckets()
    let isPresent = try ranks.checked {
      try ranks.group.beginSum(
        Tensor<Double>(own.map { $0 == nil ? 0 : 1 }), as: .full)
    }
    ranks.errors.step = nil
    var sums = [UntypedTensor?](repeating: nil, count: parameters.count)
    for (bucket, pending) in zip(buckets, pending) {
      switch pending {
      case .float(let sum): try end(sum, bucket, &sums)
      case .double(let sum): try end(sum, bucket, &sums)
      }
    }
    // A parameter on which nothing depends, on any rank, gets no step.
    let counts = try ranks.checked { try isPresent.wait().scalars }
    for position in sums.indices where counts[position] == 0 { sums[position] = nil }
    return none.replacingValues(sums)
  }

  // MARK: Buckets

  private func begin(_ bucket: GradientBucket) throws {
    pending.append(
      try ranks.checked {
        switch bucket.type {
        case .float:
          var flat: Tensor<Float> = flat(bucket)
          if let error = ranks.errors.flat(bucket.positions, parameters) { flat = flat + error }
          return .float(try ranks.group.beginSum(flat, as: ranks.format))
        case .double: return .double(try ranks.group.beginSum(flat(bucket), as: .full))
        case .int32, .bool, .uint8: trap("a gradient of \(bucket.type)")
        }
      })
  }

  /// This rank's gradients, one after another.
  private func flat<Scalar: FloatingPointScalar>(_ bucket: GradientBucket) -> Tensor<Scalar> {
    Tensor.concatenated(
      bucket.positions.map { position in
        let count = parameters[position].shape.elementCount
        return own[position].map { Tensor<Scalar>($0).reshaped([count]) } ?? .zeros([count])
      }, axis: 0)
  }

  private func end<Scalar: FloatingPointScalar>(
    _ pending: any PendingSum<Scalar>, _ bucket: GradientBucket, _ sums: inout [UntypedTensor?]
  ) throws {
    let flat = try ranks.checked { try pending.wait() }
    let error = pending.roundingError
    var start = 0
    for position in bucket.positions {
      let shape = parameters[position].shape
      let range = start..<start + shape.elementCount
      sums[position] = flat.narrowed(axis: 0, to: range).reshaped(shape).untyped
      if let error {
        ranks.errors.values[position] = Tensor<Float>(error.narrowed(axis: 0, to: range).untyped)
      }
      start = range.upperBound
    }
  }
}
