public import DataFiles
public import Training

// Each file is replaced as a whole or not at all (`AtomicFile`).

extension Table {
  /// Writes the table as comma-separated values, or in another format; see `csv(_:)`.
  public func write(csv path: String, _ format: Format = .csv) throws(FileError) {
    try AtomicFile.write(csv(format), to: path)
  }

  /// Writes the table as an object of JSON a line; see `jsonLines()`.
  public func write(jsonLines path: String) throws(FileError) {
    try AtomicFile.write(jsonLines(), to: path)
  }
}

extension RasterImage {
  /// Writes the picture as a PNG.
  public func write(png path: String) throws(FileError) { try AtomicFile.write(png(), to: path) }

  /// Writes the picture as a binary pixmap, PGM or PPM; see `pixmap()`.
  public func write(pixmap path: String) throws(FileError) {
    try AtomicFile.write(pixmap(), to: path)
  }
}

extension Waveform {
  /// Writes the sound as a WAV file; see `wav(as:)`.
  public func write(wav path: String, as format: SampleFormat = .pcm16) throws(FileError) {
    try AtomicFile.write(wav(as: format), to: path)
  }
}
