/// A recorded sound.
///
/// ```swift
/// let sound = try Waveform(contentsOf: "voice.wav").mono
/// print(Double(sound.frameCount) / Double(sound.sampleRate), "seconds")
/// ```
public struct Waveform: Equatable, Sendable {
  /// `[time, channels]`, from -1 to 1; files of floating-point numbers may have larger ones.
  public let samples: [Float]
  /// Samples of a moment: 1 for mono, 2 for left and right.
  public let channelCount: Int
  /// Moments a second.
  public let sampleRate: Int

  /// A sound that is at hand; samples that are no whole moments trap.
  ///
  /// - Parameter samples: `[time, channels]`
  public init(samples: [Float], channelCount: Int = 1, sampleRate: Int) {
    require(sampleRate > 0, "Waveform: \(sampleRate) samples a second")
    require(
      channelCount > 0 && samples.count % channelCount == 0,
      "Waveform: \(samples.count) samples of \(channelCount) channels")
    self.samples = samples
    self.channelCount = channelCount
    self.sampleRate = sampleRate
  }

  /// Number of moments.
  public var frameCount: Int { samples.count / channelCount }

  /// The mean of all channels as a sound of one.
  public var mono: Waveform {
    if channelCount == 1 { return self }
    let share = 1 / Float(channelCount)
    let means = stride(from: 0, to: samples.count, by: channelCount).map { start in
      samples[start..<start + channelCount].reduce(0, +) * share
    }
    return Waveform(samples: means, sampleRate: sampleRate)
  }
}

/// How the samples of a WAV file are stored.
public enum SampleFormat: String, CaseIterable, Sendable {
  /// Whole numbers of 8 bits from 0, where 128 is silence.
  case pcm8
  /// Whole numbers of 16 bits with a sign, and so on.
  case pcm16, pcm24, pcm32
  /// Floating-point numbers.
  case float32, float64

  /// Bytes of a sample.
  var size: Int {
    switch self {
    case .pcm8: 1
    case .pcm16: 2
    case .pcm24: 3
    case .pcm32, .float32: 4
    case .float64: 8
    }
  }

  var isFloat: Bool { self == .float32 || self == .float64 }

  /// The format of a kind and a number of bits.
  init?(isFloat: Bool, bits: Int) {
    let formats = Self.allCases.filter { $0.isFloat == isFloat && 8 * $0.size == bits }
    guard let format = formats.first else { return nil }
    self = format
  }
}
