public import Autograd
import Sequences

/// Pictures with their captions, for a training step.
public struct CaptionBatch<Scalar: FloatingPointScalar>: Sendable {
  /// `[batch, 3, height, width]`
  public let pictures: Tensor<Scalar>
  /// What the decoder reads: the caption after its start symbol, `[batch, steps]`.
  public let input: Tensor<Int32>
  /// What the decoder should say: the caption with its end symbol, `[batch, steps]`, padding after
  /// it.
  public let labels: Tensor<Int32>
  /// Steps of each caption, its end counted.
  public let lengths: [Int]

  /// - Parameters:
  ///   - pictures: `[batch, 3, height, width]`
  ///   - captions: symbols of each, without start and end.
  ///   - read: what the decoder reads in place of the captions, such as with some words left out;
  ///     symbols of the same lengths.
  public init(pictures: Tensor<Scalar>, captions: [[Int32]], reading read: [[Int32]]? = nil) {
    let read = read ?? captions
    if pictures.rank != 4 || pictures.shape[0] != captions.count || captions.isEmpty
      || read.map(\.count) != captions.map(\.count)
    {
      trap(
        "CaptionBatch: pictures of shape \(pictures.shape) with \(captions.count) captions, and "
          + "\(read.count) to be read, each as long as its caption")
    }
    self.pictures = pictures
    lengths = captions.map { $0.count + 1 }
    input = padded(read.map { [SequenceSymbol.start] + $0 })
    labels = padded(captions.map { $0 + [SequenceSymbol.end] })
  }

  /// Number of pictures.
  public var count: Int { lengths.count }
}
