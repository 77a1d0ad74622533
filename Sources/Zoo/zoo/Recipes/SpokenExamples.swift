import Autograd
import Datasets
import Speech
import Training

/// Recordings with their features.
struct SpokenExamples {
  /// A recording.
  struct Example {
    let recording: SpokenWords.Recording
    /// `[time, features]`
    let frames: Tensor<Float>
  }

  let examples: [Example]

  /// Reads the sounds of recordings.
  init(_ recordings: [SpokenWords.Recording], _ features: LogMelConfiguration) throws {
    var reader = SoundReader(features)
    examples = try recordings.map {
      try Interrupt.check()
      return Example(recording: $0, frames: try reader.frames(of: $0.file))
    }
  }
}

/// Sounds of files as a recogniser reads them.
struct SoundReader {
  let configuration: LogMelConfiguration
  private var filterbanks: [Int: LogMelFilterbank<Float>] = [:]

  init(_ configuration: LogMelConfiguration) { self.configuration = configuration }

  /// The features of a WAV file with any rate that has all bands, `[time, features]`, of the mean of its
  /// channels.
  ///
  /// - Throws: `DataFileError` for a file that is none, has no sample or too few a second.
  mutating func frames(of file: String) throws(DataFileError) -> Tensor<Float> {
    let sound = try Waveform(contentsOf: file).mono
    if sound.samples.isEmpty {
      throw .invalid(file: file, problem: "expected samples, found none")
    }
    let rate = sound.sampleRate
    guard configuration.canRead(sampleRate: rate) else {
      throw .invalid(
        file: file,
        problem: "expected at least \(2 * configuration.highestFrequency) samples a second and at "
          + "most 1000000, found \(rate)")
    }
    let filterbank = filterbanks[rate] ?? LogMelFilterbank(configuration, sampleRate: rate)
    filterbanks[rate] = filterbank
    return filterbank(sound.samples)
  }
}
