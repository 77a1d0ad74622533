extension Waveform {
  /// Reads a WAV file: PCM of 8, 16, 24 or 32 bits, or floating-point numbers of 32 or 64, with any
  /// number of channels.
  ///
  /// Whole numbers become shares of the largest, each exactly but for those of 32 bits, which are
  /// rounded to the nearest, as numbers of 64 bits are.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: bytes that it may have; the samples take at most four times as many.
  /// - Throws: `DataFileError` for a file that cannot be read, is cut off, or has another form.
  public init(
    contentsOf path: String, limit: Int = usualFileLimit
  ) throws(DataFileError) {
    try self.init(parsing: readBytes(path, limit: limit), file: path)
  }

  /// Parses the bytes of a WAV file: `RIFF`, the size of the rest, `WAVE`, and then chunks, each with a
  /// name of four letters and its size. The chunk `fmt ` tells the form of the samples, `data` has
  /// them; others are passed over. All numbers have their low byte first.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - file: how errors name the file.
  /// - Throws: `DataFileError` as `init(contentsOf:limit:)`.
  public init(parsing bytes: [UInt8], file: String) throws(DataFileError) {
    var reader = ByteReader(bytes, file: file)
    let what = "the header of a WAV file"
    let kind = try reader.name(what)
    _ = try reader.number(4, what)
    let content = try reader.name(what)
    guard kind == "RIFF", content == "WAVE" else {
      let found = ["RIFX", "RF64", "BW64"].contains(kind) ? ", found \(kind)" : ""
      throw reader.error("expected a WAV file, which begins with RIFF and WAVE\(found)", at: 0)
    }
    var form: WaveForm?
    while true {
      let start = reader.place
      let name = try reader.name("a chunk with the samples")
      let size = try reader.number(4, "the size of the chunk \(quoted(name))")
      switch name {
      case "fmt ": form = try WaveForm(&reader, size: size)
      case "data":
        guard let form else {
          throw reader.error("the samples stand before the chunk \"fmt \"", at: start)
        }
        let chunk = try reader.take(size, "the \(size) bytes of the chunk \"data\"")
        self = try form.waveform(chunk, reader, at: start)
        return
      default: _ = try reader.take(size, "the \(size) bytes of the chunk \(quoted(name))")
      }
      // Chunks begin at even positions.
      if size % 2 == 1 { reader.skip(1) }
    }
  }
}

/// What a chunk `fmt ` says.
private struct WaveForm {
  let format: SampleFormat
  let channelCount: Int
  let sampleRate: Int

  init(_ reader: inout ByteReader, size: Int) throws(DataFileError) {
    let start = reader.place
    let chunk = try reader.take(size, "the \(size) bytes of the chunk \"fmt \"")
    guard size >= 16 else {
      throw reader.error(
        "expected at least 16 bytes of the chunk \"fmt \", found \(size)", at: start)
    }
    func number(_ place: Int, _ size: Int) -> Int {
      let first = chunk.startIndex + place
      return chunk[first..<first + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    var kind = number(0, 2)
    channelCount = number(2, 2)
    sampleRate = number(4, 4)
    let (block, bits) = (number(12, 2), number(14, 2))
    // The extensible form has the kind in the first bytes of a longer number.
    if kind == 0xFFFE, size >= 40, Array(chunk.suffix(size - 26).prefix(14)) == Self.extensible {
      kind = number(24, 2)
    }
    guard kind == 1 || kind == 3, let format = SampleFormat(isFloat: kind == 3, bits: bits) else {
      throw reader.error(
        "expected PCM of 8, 16, 24 or 32 bits or floating-point numbers of 32 or 64, found "
          + "\(Self.name(kind)) of \(bits) bits", at: start)
    }
    self.format = format
    guard channelCount > 0, block == channelCount * format.size else {
      throw reader.error(
        "expected \(format.size) bytes for each of the channels, found \(block) for "
          + "\(channelCount)", at: start)
    }
    if sampleRate == 0 { throw reader.error("expected samples a second, found 0", at: start) }
  }

  /// What follows the kind in an extensible form.
  private static let extensible: [UInt8] = [
    0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71,
  ]

  private static func name(_ kind: Int) -> String {
    switch kind {
    case 1: "PCM"
    case 2: "ADPCM"
    case 3: "floating-point numbers"
    case 6: "A-law"
    case 7: "mu-law"
    case 0x55: "MP3"
    default: "format \(kind)"
    }
  }

  /// The sound of a chunk `data`.
  func waveform(
    _ chunk: ArraySlice<UInt8>, _ reader: ByteReader, at start: Int
  ) throws(DataFileError) -> Waveform {
    let block = channelCount * format.size
    if chunk.count % block != 0 {
      throw reader.error(
        "expected samples of \(block) bytes for all channels, found \(chunk.count) bytes", at: start
      )
    }
    let samples = chunk.withUnsafeBytes { bytes in format.samples(bytes) }
    return Waveform(samples: samples, channelCount: channelCount, sampleRate: sampleRate)
  }
}

extension SampleFormat {
  /// The samples in bytes, of which there are whole ones.
  fileprivate func samples(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    func map(_ value: (Int) -> Float) -> [Float] {
      stride(from: 0, to: bytes.count, by: size).map(value)
    }
    func load<Number: FixedWidthInteger>(_ place: Int, _: Number.Type) -> Number {
      Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
    }
    switch self {
    case .pcm8: return bytes.map { Float(Int($0) - 128) / 128 }
    case .pcm16: return map { Float(load($0, Int16.self)) / 0x8000 }
    case .pcm24:
      return map {
        let number =
          UInt32(bytes[$0]) << 8 | UInt32(bytes[$0 + 1]) << 16
          | UInt32(bytes[$0 + 2]) << 24
        return Float(Int32(bitPattern: number)) / 0x8000_0000
      }
    case .pcm32: return map { Float(load($0, Int32.self)) / 0x8000_0000 }
    case .float32: return map { Float(bitPattern: load($0, UInt32.self)) }
    case .float64: return map { Float(Double(bitPattern: load($0, UInt64.self))) }
    }
  }
}
