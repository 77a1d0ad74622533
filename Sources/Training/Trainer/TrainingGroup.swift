public import Autograd

/// The processes that train one model together, data-parallel: each has a copy of the model, takes a
/// part of each batch, and makes the same step along the gradient of the whole batch.
///
/// `ProcessGroup` in `Distributed` is one. Its functions are collective: all ranks make the same calls
/// in the same order, and each call may wait for the others.
///
/// With a group, all of `Trainer.run` is that of the whole batch: gradients and losses are means over
/// all examples, weighted by how many of them each rank had; clipping, schedules, averaged weights
/// and decisions follow. Rank 0 alone has observers and writes files; its clock decides where time is
/// limited, its answer counts where the model is evaluated, and running statistics, as those of
/// `BatchNorm`, are its own. `n` ranks make the same steps as one process with the same batches, but for
/// the order of sums and each rank's own dropout; and a checkpoint knows nothing of the ranks, so any
/// number of them goes on with it. A rank that throws ends the training on all:
/// `TrainingError.rankFailed` is what the others throw.
public protocol TrainingGroup: AnyObject {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var size: Int { get }
  /// Replaces each element by its sum over all ranks' tensors, which have the same shape: the same bits
  /// on each rank.
  func sum<Scalar: FloatingPointScalar>(_ tensor: inout Tensor<Scalar>) throws
  /// As `sum`, with half of the traffic: numbers are sent as bfloat16, and so are their sums. What
  /// rounding takes away is kept, and added the next time.
  func sum(_ tensor: inout Tensor<Float>, keeping error: inout RoundingError) throws
  /// Replaces the elements by those of rank 0's tensor, which has the same shape.
  func broadcast<Scalar: FloatingPointScalar>(_ tensor: inout Tensor<Scalar>) throws
  /// The bytes that one rank has given, any number of them.
  func broadcast(_ bytes: [UInt8], from root: Int) throws -> [UInt8]
  /// All ranks have learned that one has failed, and end by themselves: nobody need be stopped.
  func allKnowOfFailure()
}

/// As what gradients are sent from rank to rank.
public enum GradientFormat: String, CaseIterable, Sendable {
  /// As the numbers that they are.
  case full
  /// `Float` as bfloat16, which has 8 bits of a number's 24, with the errors kept for the next step
  /// (Seide et al., 2014). They are not in a checkpoint: a training that goes on begins without.
  case bfloat16
}

/// What rounding has taken away from numbers that one rank has sent.
public struct RoundingError: Sendable {
  /// That of this rank's own numbers.
  public var own: [Float] = []
  /// That of the sums which this rank has made, a part of all.
  public var sums: [Float] = []

  /// None yet.
  public init() {}
}
