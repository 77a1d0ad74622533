public import Autograd

/// A sound as a recogniser hears it: for each short frame the logarithm of its energy in bands whose
/// width grows with the frequency as the ear's does (Davis and Mermelstein, 1980).
///
///     frame    Hann window over 25 ms, every 10 ms
///     power    |discrete Fourier transform|^2
///     band     sum of the powers under a triangle; triangles are equally wide in mel,
///              mel(f) = 2595 log10(1 + f / 700)
///     feature  log(band), each band less its mean over the recording, over its deviation
///
/// The last line takes away what loudness, microphone and room add to every frame, and with it every
/// factor that depends on the number of samples a second: a model that has learnt from one rate can
/// read another.
///
/// ```swift
/// import Speech
///
/// let filterbank = LogMelFilterbank<Float>(sampleRate: 16_000)
/// let tone = (0..<16_000).map { Float($0 % 40 < 20 ? 0.5 : -0.5) }
/// print(filterbank(tone).shape)  // [98, 40]
/// ```
public struct LogMelFilterbank<Scalar: FloatingPointScalar>: Sendable {
  /// The sizes.
  public let configuration: LogMelConfiguration
  /// Samples a second.
  public let sampleRate: Int
  /// Samples of a frame.
  public let frameLength: Int
  /// Samples from the begin of a frame to that of the next.
  public let hop: Int
  /// The window times the cosines, and the window times the sines, of all frequencies from 0 to half
  /// of the sample rate, `[frameLength, frequencies]`.
  private let cosines: Tensor<Scalar>
  private let sines: Tensor<Scalar>
  /// The triangles, `[frequencies, bands]`.
  private let triangles: Tensor<Scalar>

  /// - Parameter sampleRate: samples a second, at least twice the configuration's highest frequency.
  public init(_ configuration: LogMelConfiguration = LogMelConfiguration(), sampleRate: Int) {
    if !configuration.canRead(sampleRate: sampleRate) {
      trap(
        "LogMelFilterbank: \(sampleRate) samples a second for bands up to "
          + "\(configuration.highestFrequency) Hz; twice as many are needed")
    }
    self.configuration = configuration
    self.sampleRate = sampleRate
    let frameLength = Int((configuration.frameSeconds * Double(sampleRate)).rounded())
    self.frameLength = frameLength
    hop = Int((configuration.hopSeconds * Double(sampleRate)).rounded())
    // The transform of a frame with zeros behind it, up to a power of two.
    var size = 1
    while size < frameLength { size *= 2 }
    let frequencies = size / 2 + 1
    func waves(_ function: (Double) -> Double) -> Tensor<Scalar> {
      let values = (0..<frameLength).flatMap { sample in
        let window = 0.5 - 0.5 * cos(2 * .pi * Double(sample) / Double(frameLength))
        return (0..<frequencies).map { frequency in
          let angle = 2 * Double.pi * Double(frequency * sample % size) / Double(size)
          return Scalar(window * function(angle))
        }
      }
      return Tensor(values, shape: [frameLength, frequencies])
    }
    cosines = waves { cos($0) }
    sines = waves { sin($0) }
    let hertz = (0..<frequencies).map { Double($0 * sampleRate) / Double(size) }
    triangles = Tensor(
      hertz.flatMap { configuration.weights(at: $0).map { Scalar($0) } },
      shape: [frequencies, configuration.bands])
  }

  /// The features of a recording.
  ///
  /// - Parameter samples: of any unit.
  /// - Returns: `[frames, bands]`; a recording that is shorter than a frame is one frame, with zeros
  ///   behind it. Of silence nothing is left but what rounding makes of it.
  public func callAsFunction(_ samples: [Float]) -> Tensor<Scalar> {
    let energies = logEnergies(samples)
    let centered = energies - energies.mean(axes: 0, keepsAxes: true)
    let deviation = sqrt(square(centered).mean(axes: 0, keepsAxes: true))
    // A band that is the same in all frames has no deviation, but for roundings.
    return centered / max(deviation, Scalar(1e-3))
  }

  /// The logarithms of the energies, not yet normalised, `[frames, bands]`. None is further below the
  /// recording's largest than the configuration says: what a recorder makes of silence, be it zeros
  /// or the noise of the last bit, shall not matter.
  public func logEnergies(_ samples: [Float]) -> Tensor<Scalar> {
    let frames = frames(samples)  // [frames, frameLength]
    let power = square(matmul(frames, cosines)) + square(matmul(frames, sines))
    let energies = matmul(power, triangles)  // [frames, bands]
    let lowest = energies.max() * Scalar(pow(10, -configuration.rangeDecibels / 10))
    return log(max(energies, max(lowest, Scalar(1e-30))))
  }

  /// Overlapping frames, `[frames, frameLength]`.
  private func frames(_ samples: [Float]) -> Tensor<Scalar> {
    let count = 1 + max(samples.count - frameLength, 0) / hop
    var values: [Scalar] = []
    values.reserveCapacity(count * frameLength)
    for frame in 0..<count {
      let part = samples[min(frame * hop, samples.count)...].prefix(frameLength)
      for sample in part { values.append(Scalar(sample)) }
      values += repeatElement(0, count: frameLength - part.count)
    }
    return Tensor(values, shape: [count, frameLength])
  }
}

/// The sizes of a `LogMelFilterbank`.
public struct LogMelConfiguration: Codable, Hashable, Sendable {
  /// Number of bands.
  public var bands: Int
  /// Seconds of a frame.
  public var frameSeconds: Double
  /// Seconds from the begin of a frame to that of the next.
  public var hopSeconds: Double
  /// Where the first band begins, in Hz.
  public var lowestFrequency: Double
  /// Where the last band ends, in Hz.
  public var highestFrequency: Double
  /// How far the least energy is below the largest, in dB.
  public var rangeDecibels: Double

  /// What is usual for speech with 16,000 samples a second.
  public init(
    bands: Int = 40, frameSeconds: Double = 0.025, hopSeconds: Double = 0.01,
    lowestFrequency: Double = 60, highestFrequency: Double = 7600, rangeDecibels: Double = 60
  ) {
    self.bands = bands
    self.frameSeconds = frameSeconds
    self.hopSeconds = hopSeconds
    self.lowestFrequency = lowestFrequency
    self.highestFrequency = highestFrequency
    self.rangeDecibels = rangeDecibels
  }

  /// Whether there are such bands: for what stands in a file.
  public var isPossible: Bool {
    (1...4096).contains(bands) && (0.001...1).contains(frameSeconds)
      && (0.001...1).contains(hopSeconds) && lowestFrequency >= 0
      && lowestFrequency < highestFrequency && highestFrequency <= 1e6
      && (1...300).contains(rangeDecibels)
  }

  /// Whether a sound with so many samples a second has all bands, and is no larger than sounds are.
  public func canRead(sampleRate: Int) -> Bool {
    isPossible && sampleRate <= 1_000_000 && Double(sampleRate) >= 2 * highestFrequency
      && Double(sampleRate) * Swift.min(frameSeconds, hopSeconds) >= 1
  }

  /// How much of a frequency's power each band takes: a triangle over three neighbouring points of
  /// which all are equally far apart in mel.
  func weights(at hertz: Double) -> [Double] {
    func mel(_ hertz: Double) -> Double { 2595 * log(1 + hertz / 700) / log(10) }
    let (first, last) = (mel(lowestFrequency), mel(highestFrequency))
    let width = (last - first) / Double(bands + 1)
    return (0..<bands).map { band in
      let distance = abs(mel(hertz) - (first + Double(band + 1) * width)) / width
      return Swift.max(1 - distance, 0)
    }
  }
}
