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
  /// Begins to sum up the elements of all ranks' tensors, which have the same shape. Sums are begun in
  /// the same order on all ranks; several may be on their way at once. The order in which an element's
  /// numbers are added up does not depend on time.
  ///
  /// - Parameters:
  ///   - numbers: this rank's, the memory of which the sum is made in where nobody else has it.
  ///   - format: as what numbers and sums are sent; `Double` is sent as it is.
  func beginSum<Scalar: FloatingPointScalar>(
    _ numbers: consuming Tensor<Scalar>, as format: GradientFormat
  ) throws -> any PendingSum<Scalar>
  /// Gives the sums that have been begun the occasion to go on, and does not wait.
  func advanceSums() throws
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
  /// `Float` as bfloat16, which has 8 bits of a number's 24: half of the traffic. What rounding takes
  /// away on a rank is added to its gradients of the next step (Seide et al., 2014), and is saved beside
  /// the checkpoint, by each rank in a file of its own.
  case bfloat16
}

/// A sum over all ranks that has been begun.
public protocol PendingSum<Scalar>: AnyObject {
  /// The type of the numbers.
  associatedtype Scalar: FloatingPointScalar
  /// Waits for the sum: the same bits on each rank. It is called once.
  func wait() throws -> Tensor<Scalar>
  /// Of a sum that is over: what rounding has taken away of it on this rank, an element for each
  /// number, which comes to the whole error when all ranks' are added up; nil where nothing was
  /// rounded.
  var roundingError: Tensor<Scalar>? { get }
}
