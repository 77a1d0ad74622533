extension Waveform {
  /// The sound as the bytes of a WAV file.
  ///
  /// Samples of whole numbers are rounded to the nearest, and those beyond the largest become it; one
  /// that is NaN traps. What was read from a file of that format is written as it was.
  ///
  /// - Parameter format: how the samples are stored.
  public func wav(as format: SampleFormat = .pcm16) -> [UInt8] {
    let size = samples.count * format.size
    require(
      size < 0xFFFF_FF00, "Waveform.wav: \(size) bytes of samples are more than a WAV file can have"
    )
    let block = channelCount * format.size
    var file = Array("RIFF".utf8)
    // A chunk has an even number of bytes.
    append(36 + size + size % 2, 4, to: &file)
    file += Array("WAVEfmt ".utf8)
    append(16, 4, to: &file)
    append(format.isFloat ? 3 : 1, 2, to: &file)
    append(channelCount, 2, to: &file)
    append(sampleRate, 4, to: &file)
    append(sampleRate * block, 4, to: &file)
    append(block, 2, to: &file)
    append(8 * format.size, 2, to: &file)
    file += Array("data".utf8)
    append(size, 4, to: &file)
    file.reserveCapacity(file.count + size + 1)
    for (index, sample) in samples.enumerated() {
      switch format {
      case .float32: append(Int(sample.bitPattern), 4, to: &file)
      case .float64: append(Int(bitPattern: UInt(Double(sample).bitPattern)), 8, to: &file)
      case .pcm8: append(whole(sample, index, bits: 8) + 128, 1, to: &file)
      case .pcm16, .pcm24, .pcm32:
        append(whole(sample, index, bits: 8 * format.size), format.size, to: &file)
      }
    }
    if size % 2 == 1 { file.append(0) }
    return file
  }

  /// A sample as a whole number.
  private func whole(_ sample: Float, _ index: Int, bits: Int) -> Int {
    require(!sample.isNaN, "Waveform.wav: sample \(index) is NaN")
    let largest = Double(1 << (bits - 1))
    let number = (Double(sample) * largest).rounded()
    return Int(Swift.min(Swift.max(number, -largest), largest - 1))
  }

  private func append(_ number: Int, _ count: Int, to file: inout [UInt8]) {
    for byte in 0..<count { file.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }
}
