public import Autograd
public import DataFiles
import Interchange
import Platform
public import Training

/// Numbers, histograms and pictures for TensorBoard, in a file of its events.
///
/// ```swift
/// let log = TensorBoardLog(directory: "runs/first")
/// try log.addScalar("train/loss", 0.25, step: 10)
/// try log.addHistogram("weights", model.weight, step: 10)
/// try log.addAttention("attention", weights, step: 10)      // [queries, keys]
/// ```
///
/// and `tensorboard --logdir runs`. A slash in a name makes groups. Each event is in the file when the
/// call returns. `TensorBoardObserver` writes a whole training's.
public final class TensorBoardLog {
  /// The path of the file.
  public let path: String
  private let step: Int?
  private let clock: () -> Double
  private var file: EventFile?

  /// A log that has not touched its file yet: `events.out.tfevents.tapestry` in the directory. Such a
  /// file is replaced when the first event is written, not before.
  ///
  /// - Parameters:
  ///   - directory: where the file goes; it must exist by then.
  ///   - step: goes on with an existing file, from which events of later steps are removed, for a
  ///     training that is resumed.
  ///   - clock: seconds since 1970 began.
  public init(directory: String, resumingAt step: Int? = nil, clock: (() -> Double)? = nil) {
    path = "\(directory)/events.out.tfevents.tapestry"
    self.step = step
    self.clock = clock ?? { WallClock.seconds }
  }

  /// Adds a point to a line.
  ///
  /// - Throws: `FileError` if it cannot be written; so do all of these.
  public func addScalar(_ name: String, _ value: Double, step: Int) throws(FileError) {
    try addScalars([(name, value)], step: step)
  }

  /// Adds a point to each of some lines, in one event.
  public func addScalars(_ values: [(name: String, value: Double)], step: Int) throws(FileError) {
    try append(step) { summary in
      for (name, value) in values {
        summary.add(1, Self.value(name) { $0.add(2, Float(value)) })
      }
    }
  }

  /// Adds how a tensor's elements are spread. Those that are not finite are left out; if that leaves
  /// none, nothing is written.
  public func addHistogram<Scalar: FloatingPointScalar>(
    _ name: String, _ tensor: Tensor<Scalar>, step: Int
  ) throws(FileError) {
    try addHistogram(name, tensor.scalars.map(Double.init), step: step)
  }

  /// Adds how numbers are spread.
  public func addHistogram(_ name: String, _ numbers: [Double], step: Int) throws(FileError) {
    let histogram = Histogram(numbers)
    if histogram.isEmpty { return }
    try append(step) { summary in
      summary.add(1, Self.value(name) { $0.add(5, histogram.message) })
    }
  }

  /// Adds a picture.
  public func addPicture(_ name: String, _ picture: RasterImage, step: Int) throws(FileError) {
    try append(step) { summary in
      var image = ProtobufMessage()
      image.add(1, picture.height)
      image.add(2, picture.width)
      image.add(3, picture.channels.rawValue)
      image.add(4, StoredBytes(picture.png()))
      summary.add(1, Self.value(name) { $0.add(4, image) })
    }
  }

  /// Adds a picture of attention: a row of squares for each query, a column for each key, from white
  /// for 0 to black for 1.
  ///
  /// - Parameter weights: `[queries, keys]`, none of them 0; what is less than 0 or more than 1 counts
  ///   as these, what is not a number as 0.
  public func addAttention<Scalar: FloatingPointScalar>(
    _ name: String, _ weights: Tensor<Scalar>, step: Int
  ) throws(FileError) {
    guard weights.shape.count == 2, weights.shape.allSatisfy({ $0 > 0 }) else {
      trap("addAttention: expected weights [queries, keys], found the shape \(weights.shape)")
    }
    let (queries, keys) = (weights.shape[0], weights.shape[1])
    // Squares that can be seen, and pictures of a few hundred pixels.
    let side = max(1, min(16, 512 / max(queries, keys)))
    let shades = weights.scalars.map { weight in
      UInt8(255 - 255 * (weight > 0 ? min(Double(weight), 1) : 0))
    }
    let samples = (0..<queries * side).flatMap { y in
      (0..<keys * side).map { x in shades[y / side * keys + x / side] }
    }
    try addPicture(
      name,
      RasterImage(width: keys * side, height: queries * side, channels: .gray, samples: samples),
      step: step)
  }

  /// A value of a summary: its name, and what the body adds.
  private static func value(
    _ name: String, _ body: (inout ProtobufMessage) -> Void
  ) -> ProtobufMessage {
    var value = ProtobufMessage()
    value.add(1, name)
    body(&value)
    return value
  }

  /// Writes an event with a summary.
  private func append(
    _ step: Int, _ body: (inout ProtobufMessage) -> Void
  ) throws(FileError) {
    let time = clock()
    if file == nil { file = try EventFile(path, keepingTo: self.step, time: time) }
    var summary = ProtobufMessage()
    body(&summary)
    var event = ProtobufMessage()
    event.add(1, time)
    if step != 0 { event.add(2, step) }
    event.add(5, summary)
    try file!.append(event)
  }
}
