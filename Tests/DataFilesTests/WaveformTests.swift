import DataFiles
import Testing

/// WAV files, byte by byte.
@Suite struct WaveformTests {
  private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private func chunk(_ name: String, _ content: [UInt8], size: Int? = nil) -> [UInt8] {
    Array(name.utf8) + bytes(size ?? content.count, 4) + content
      + (content.count % 2 == 1 ? [0] : [])
  }

  private func format(
    _ format: Int = 1, channels: Int = 1, rate: Int = 16_000, bits: Int = 16
  ) -> [UInt8] {
    let block = channels * bits / 8
    return chunk(
      "fmt ",
      bytes(format, 2) + bytes(channels, 2) + bytes(rate, 4) + bytes(rate * block, 4)
        + bytes(block, 2) + bytes(bits, 2))
  }

  private func samples(_ numbers: [Int]) -> [UInt8] { numbers.flatMap { bytes($0, 2) } }

  private func file(_ chunks: [UInt8]...) -> [UInt8] {
    let content = Array("WAVE".utf8) + chunks.joined()
    return chunk("RIFF", content)
  }

  private func read(_ bytes: [UInt8]) throws(DataFileError) -> Waveform {
    try Waveform(parsing: bytes, file: "a.wav")
  }

  private func expect(
    _ bytes: [UInt8], at byte: Int, _ problem: String, _ line: SourceLocation = #_sourceLocation
  ) {
    #expect(
      throws: DataFileError.invalid(file: "a.wav", byte: byte, problem: problem),
      sourceLocation: line
    ) { try read(bytes) }
  }

  @Test func `samples are shares of the largest number, low byte first`() throws {
    let sound = try read(
      file(format(rate: 22_050), chunk("data", samples([0, 1, -1, 16_384, -32_768, 32_767]))))
    #expect(sound.sampleRate == 22_050)
    let step: Float = 1 / 32_768
    #expect(sound.samples == [0, step, -step, 0.5, -1, 1 - step])
    #expect("\(DataFileError.invalid(file: "a.wav", problem: "why"))" == "a.wav: why")
  }

  @Test func `other chunks are passed over, of odd size too`() throws {
    let plain = try read(file(format(), chunk("data", samples([5, -5]))))
    let more = file(
      chunk("LIST", [1, 2, 3]), format(), chunk("fact", [1, 2, 3, 4]),
      chunk("data", samples([5, -5])), chunk("LIST", [1]))
    #expect(try read(more) == plain)
    #expect(try read(file(format(), chunk("data", []))).samples.isEmpty)
  }

  @Test func `a file that is cut off says what is missing, wherever it is cut`() throws {
    let whole = file(format(), chunk("data", samples([1, 2, 3])))
    expect(
      whole.dropLast(1), at: 44,
      "the file is cut off: expected the 6 bytes of the chunk \"data\", found 5 bytes")
    expect(
      Array(whole.prefix(30)), at: 20,
      "the file is cut off: expected the 16 bytes of the chunk \"fmt \", found 10 bytes")
    expect([], at: 0, "the file is cut off: expected the header of a WAV file, found 0 bytes")
    for length in 0..<whole.count {
      #expect(throws: DataFileError.self) { try read(Array(whole.prefix(length))) }
    }
    // A writer that could not seek leaves a size that is not true.
    expect(
      file(format(), chunk("data", samples([1]), size: 0x7fff_f000)), at: 44,
      "the file is cut off: expected the 2147479552 bytes of the chunk \"data\", found 2 bytes")
  }

  @Test func `what is no PCM and no floating-point numbers is refused`() {
    let data = chunk("data", samples([1, 2]))
    let form = "expected PCM of 8, 16, 24 or 32 bits or floating-point numbers of 32 or 64, found "
    expect(file(format(3, bits: 16), data), at: 20, form + "floating-point numbers of 16 bits")
    expect(file(format(7, bits: 8), data), at: 20, form + "mu-law of 8 bits")
    expect(file(format(0x55, bits: 0), data), at: 20, form + "MP3 of 0 bits")
    expect(file(format(bits: 12), data), at: 20, form + "PCM of 12 bits")
    expect(file(format(0xFFFE, bits: 16), data), at: 20, form + "format 65534 of 16 bits")
    expect(
      file(format(channels: 0), data), at: 20,
      "expected 2 bytes for each of the channels, found 0 for 0")
    expect(file(format(rate: 0), data), at: 20, "expected samples a second, found 0")
    expect(file(data, format()), at: 12, "the samples stand before the chunk \"fmt \"")
    expect(
      file(format(), chunk("data", [1, 2, 3])), at: 36,
      "expected samples of 2 bytes for all channels, found 3 bytes")
    expect(
      file(format()), at: 36,
      "the file is cut off: expected a chunk with the samples, found 0 bytes")
    expect(
      Array("RIFX".utf8) + file(format(), data).dropFirst(4), at: 0,
      "expected a WAV file, which begins with RIFF and WAVE, found RIFX")
  }

  @Test func `sounds that libsndfile has written`() throws {
    let expected = Waveform(
      samples: (0..<9).flatMap { [Float($0 - 4) / 8, Float($0) / 16] }, channelCount: 2,
      sampleRate: 8000)
    for name in ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "extensible"] {
      #expect(try Waveform(contentsOf: Fixtures.path("\(name).wav")) == expected, "\(name)")
    }
    #expect(expected.frameCount == 9)
    let means: [Float] = (0..<9).map { step in
      let (left, right) = (Float(step - 4) / 8, Float(step) / 16)
      return (left + right) / 2
    }
    #expect(expected.mono.samples == means)
    // The samples stand at the end.
    let size = 18 * 2
    let written = try Fixtures.bytes("PCM_16.wav")
    #expect(expected.wav().suffix(size) == written.suffix(size))
  }

  @Test(arguments: SampleFormat.allCases)
  func `what is written is read as the same`(format: SampleFormat) throws {
    // Of one byte a sample the last chunk is filled up.
    let sound = Waveform(samples: [0, 0.5, -0.25, -1, 0.125], sampleRate: 44_100)
    let file = sound.wav(as: format)
    #expect(file.count % 2 == 0)
    #expect(try read(file) == sound)
    #expect(try read(file).wav(as: format) == file)
  }

  @Test func `samples beyond the largest become it`() throws {
    let sound = Waveform(samples: [2, -2, .infinity, 1], sampleRate: 8000)
    #expect(try read(sound.wav()).samples == [32767 / 32768, -1, 32767 / 32768, 32767 / 32768])
    #expect(try read(sound.wav(as: .float32)) == sound)
  }

  @Test func `a file that is not there is named`() {
    #expect {
      try Waveform(contentsOf: "none/at-all.wav")
    } throws: { error in
      guard case DataFileError.unreadable("none/at-all.wav", _) = error else { return false }
      return true
    }
  }
}
