public import Autograd
public import DataFiles

extension Tensor where Scalar == UInt8 {
  /// A picture as it is stored, `[height, width, channels]`.
  public init(_ image: RasterImage) {
    self.init(image.samples, shape: [image.height, image.width, image.channels.rawValue])
  }

  /// Pictures of one size and one kind, `[pictures, height, width, channels]`; others trap.
  public init(_ images: [RasterImage]) {
    guard let first = images.first else { trap("Tensor: no pictures") }
    for image in images
    where (image.height, image.width, image.channels)
      != (first.height, first.width, first.channels)
    {
      trap(
        "Tensor: pictures of \(first.width) x \(first.height) and of "
          + "\(image.width) x \(image.height) pixels, or of \(first.channels) and \(image.channels)"
      )
    }
    self.init(
      images.flatMap(\.samples),
      shape: [images.count, first.height, first.width, first.channels.rawValue])
  }

  /// Pixels as the layers read them: `(x / 255 - mean) / deviation` of each channel, and the channels
  /// before the rows, `[..., channels, height, width]`. It is torchvision's `ToTensor` and `Normalize`
  /// of a whole batch.
  ///
  /// - Parameters:
  ///   - mean: of each channel, or one of all.
  ///   - deviation: of each channel, or one of all.
  public func normalized<Number: FloatingPointScalar>(
    mean: [Number] = [0], deviation: [Number] = [1]
  ) -> Tensor<Number> {
    guard rank >= 3 else {
      trap("normalized: pixels of shape \(shape); [..., height, width, channels] is expected")
    }
    let (height, width, channels) = (shape[rank - 3], shape[rank - 2], shape[rank - 1])
    for (what, values) in [("means", mean), ("deviations", deviation)]
    where values.count != 1 && values.count != channels {
      trap("normalized: \(values.count) \(what) for \(channels) channels")
    }
    // What each byte becomes: 256 numbers a channel, in place of a division a pixel.
    let numbers = (0..<channels).map { channel in
      let (mean, deviation) = (
        mean[mean.count == 1 ? 0 : channel], deviation[deviation.count == 1 ? 0 : channel]
      )
      return (0..<256).map { (Number($0) / 255 - mean) / deviation }
    }
    let area = height * width
    let result = [Number](unsafeUninitializedCapacity: count) { target, filled in
      withUnsafeScalars { pixels in
        for image in 0..<(area * channels == 0 ? 0 : count / (area * channels)) {
          for (channel, numbers) in numbers.enumerated() {
            let start = image * area * channels
            for pixel in 0..<area {
              let byte = pixels[start + pixel * channels + channel]
              target.initializeElement(
                at: start + channel * area + pixel, to: numbers[Int(byte)])
            }
          }
        }
      }
      filled = count
    }
    return Tensor<Number>(
      result, shape: Shape(Array(shape).dropLast(3) + [channels, height, width]))
  }
}

extension RasterImage {
  /// A picture of pixels, `[height, width, channels]`, with one to four channels; another shape traps.
  public init(_ pixels: Tensor<UInt8>) {
    guard pixels.rank == 3, let channels = Channels(rawValue: pixels.shape[2]) else {
      trap("RasterImage: pixels of shape \(pixels.shape); [height, width, 1 to 4] is expected")
    }
    self.init(
      width: pixels.shape[1], height: pixels.shape[0], channels: channels, samples: pixels.scalars)
  }
}
