public import Autograd

/// Recordings of a training step with what is said in them, padded to rectangles.
public struct SpeechBatch<Scalar: FloatingPointScalar>: Sendable {
  /// `[batch, time, features]`, 0 after a recording's end.
  public let frames: Tensor<Scalar>
  /// Number of frames of each recording.
  public let lengths: [Int]
  /// The symbols of each recording; empty where they are not known.
  public let targets: [[Int32]]

  /// - Parameters:
  ///   - recordings: at least one, each of at least one frame, `[time, features]`.
  ///   - targets: the symbols of each; nil where they are not known.
  public init(_ recordings: [Tensor<Scalar>], targets: [[Int32]]? = nil) {
    guard let features = recordings.first?.shape.last,
      recordings.allSatisfy({ $0.rank == 2 && $0.shape[0] > 0 && $0.shape[1] == features })
    else {
      trap(
        "SpeechBatch: recordings [time, features] of at least one frame are expected, not "
          + "\(recordings.map(\.shape))")
    }
    if let targets, targets.count != recordings.count {
      trap("SpeechBatch: \(targets.count) targets of \(recordings.count) recordings")
    }
    lengths = recordings.map { $0.shape[0] }
    self.targets = targets ?? recordings.map { _ in [] }
    let time = lengths.max()!
    var values: [Scalar] = []
    values.reserveCapacity(recordings.count * time * features)
    for recording in recordings {
      recording.withUnsafeScalars { values += $0 }
      values += repeatElement(0, count: (time - recording.shape[0]) * features)
    }
    frames = Tensor(values, shape: [recordings.count, time, features])
  }

  /// Number of recordings.
  public var count: Int { lengths.count }
}
