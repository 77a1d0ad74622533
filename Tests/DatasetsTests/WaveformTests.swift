import Datasets
import Foundation
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
    _ bytes: [UInt8], _ problem: String, _ line: SourceLocation = #_sourceLocation
  ) {
    #expect(
      throws: DataFileError.invalid(file: "a.wav", problem: problem), sourceLocation: line
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
      whole.dropLast(1),
      "the file is cut off: expected the 6 bytes of the chunk \"data\", found 5 bytes")
    expect(
      Array(whole.prefix(30)),
      "the file is cut off: expected the 16 bytes of the chunk \"fmt \", found 10 bytes")
    expect([], "the file is cut off: expected the header of a WAV file, found 0 bytes")
    for length in 0..<whole.count {
      #expect(throws: DataFileError.self) { try read(Array(whole.prefix(length))) }
    }
    // A writer that could not seek leaves a size that is not true.
    expect(
      file(format(), chunk("data", samples([1]), size: 0x7fff_f000)),
      "the file is cut off: expected the 2147479552 bytes of the chunk \"data\", found 2 bytes")
  }

  @Test func `what is no PCM of 16 bits and one channel is refused`() {
    let data = chunk("data", samples([1, 2]))
    let form = "expected PCM (1) with 1 channel and 16 bits a sample, found "
    expect(file(format(3, bits: 32), data), form + "format 3, 1 channels, 32 bits")
    expect(file(format(channels: 2), data), form + "format 1, 2 channels, 16 bits")
    expect(file(format(bits: 8), data), form + "format 1, 1 channels, 8 bits")
    expect(file(format(rate: 0), data), "expected samples a second, found 0")
    expect(file(data, format()), "the samples stand before the chunk \"fmt \"")
    expect(file(format(), chunk("data", [1, 2, 3])), "3 bytes are no samples of two bytes each")
    expect(
      file(format()),
      "the file is cut off: expected a chunk with the samples, found 0 bytes")
    expect(
      Array("RIFX".utf8) + file(format(), data).dropFirst(4),
      "expected a WAV file, which begins with RIFF and WAVE")
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
