public import Autograd

/// Something that has a row for each sequence of a batch: a decoder's state, a prepared memory, a
/// cache. A beam search makes a new batch of the rows that live on.
public protocol BatchState {
  /// The rows with the given numbers, which may repeat.
  ///
  /// - Parameter indices: `[count]`
  func rows(_ indices: Tensor<Int32>) -> Self
}

extension Tensor: BatchState where Scalar: FloatingPointScalar {}

extension Array: BatchState where Element: BatchState {
  /// Of each element, as of the states of several layers.
  public func rows(_ indices: Tensor<Int32>) -> [Element] { map { $0.rows(indices) } }
}

extension Optional: BatchState where Wrapped: BatchState {
  /// Of what is there, if anything is.
  public func rows(_ indices: Tensor<Int32>) -> Wrapped? { map { $0.rows(indices) } }
}
