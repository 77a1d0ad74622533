/// A recorded sound with one channel.
public struct Waveform: Equatable, Sendable {
  /// From -1 up to but not including 1.
  public let samples: [Float]
  /// Samples a second.
  public let sampleRate: Int

  /// A sound that is at hand.
  public init(samples: [Float], sampleRate: Int) {
    precondition(sampleRate > 0, "Waveform: \(sampleRate) samples a second")
    self.samples = samples
    self.sampleRate = sampleRate
  }

  /// Reads a WAV file: PCM with 16 bits a sample and one channel.
  ///
  /// - Throws: `DataFileError` for a file that cannot be read, is cut off, or has another form.
  public init(contentsOf path: String) throws(DataFileError) {
    try self.init(parsing: readBytes(path), file: path)
  }

  /// Parses the bytes of a WAV file: `RIFF`, the size of the rest, `WAVE`, and then chunks, each with a
  /// name of four letters and its size. The chunk `fmt ` tells the form of the samples, `data` has
  /// them; others are passed over. All numbers have their low byte first.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - file: how errors name the file.
  /// - Throws: `DataFileError` as `init(contentsOf:)`.
  public init(parsing bytes: [UInt8], file: String) throws(DataFileError) {
    var reader = WaveReader(bytes: bytes[...], file: file)
    guard try reader.name("the header of a WAV file") == "RIFF", try reader.number(4) >= 4,
      try reader.name("the header of a WAV file") == "WAVE"
    else { throw reader.error("expected a WAV file, which begins with RIFF and WAVE") }
    var rate: Int?
    while true {
      let name = try reader.name("a chunk with the samples")
      let size = try reader.number(4)
      let chunk = try reader.bytes(size, "the \(size) bytes of the chunk \(quoted(name))")
      // Chunks begin at even positions.
      if size % 2 == 1 { reader.skipPadding() }
      switch name {
      case "fmt ":
        var format = WaveReader(bytes: chunk, file: file)
        rate = try format.sampleRate()
      case "data":
        guard let rate else { throw reader.error("the samples stand before the chunk \"fmt \"") }
        if size % 2 == 1 { throw reader.error("\(size) bytes are no samples of two bytes each") }
        let first = chunk.startIndex
        samples = (0..<size / 2).map { index in
          let (low, high) = (chunk[first + 2 * index], chunk[first + 2 * index + 1])
          return Float(Int16(bitPattern: UInt16(low) | UInt16(high) << 8)) / 32768
        }
        sampleRate = rate
        return
      default: continue
      }
    }
  }
}

/// The parts of a WAV file one after the other.
private struct WaveReader {
  /// Those that were not read yet.
  var bytes: ArraySlice<UInt8>
  let file: String

  func error(_ problem: String) -> DataFileError { .invalid(file: file, problem: problem) }

  /// The next bytes.
  ///
  /// - Parameter what: what they are, for the error that they are not there.
  mutating func bytes(_ count: Int, _ what: String) throws(DataFileError) -> ArraySlice<UInt8> {
    if bytes.count < count {
      throw error("the file is cut off: expected \(what), found \(bytes.count) bytes")
    }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  mutating func name(_ what: String) throws(DataFileError) -> String {
    String(decoding: try bytes(4, what), as: UTF8.self)
  }

  mutating func number(_ size: Int) throws(DataFileError) -> Int {
    try bytes(size, "a number of \(size) bytes").reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func skipPadding() { bytes = bytes.dropFirst(1) }

  /// What a chunk `fmt ` says, if it is PCM with 16 bits and one channel.
  mutating func sampleRate() throws(DataFileError) -> Int {
    let (format, channels, rate) = (try number(2), try number(2), try number(4))
    _ = try bytes(6, "the bytes a second and a block")
    let bits = try number(2)
    if (format, channels, bits) != (1, 1, 16) {
      throw error(
        "expected PCM (1) with 1 channel and 16 bits a sample, found format \(format), "
          + "\(channels) channels, \(bits) bits")
    }
    if rate == 0 { throw error("expected samples a second, found 0") }
    return rate
  }
}
