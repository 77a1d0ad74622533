public import Autograd

/// Changes of a recording's features that change who speaks through what, but not what is said: in
/// training each recording is heard anew in every epoch.
///
/// - The bands are stretched or shrunk by a random factor, as if by a vocal tract of another length
///   (Jaitly and Hinton, 2013; there before the bands are made).
/// - A random run of bands is set to 0, its mean (frequency masking; Park et al., 2019).
public struct SpectrumPerturbation: Codable, Hashable, Sendable {
  /// The factor is between 1 less this and 1 plus this.
  public var stretch: Double
  /// The most bands that are set to 0.
  public var maskedBands: Int

  /// No change unless something is said.
  public init(stretch: Double = 0, maskedBands: Int = 0) {
    self.stretch = stretch
    self.maskedBands = maskedBands
  }

  /// Whether there is such a change: for what stands in a file.
  public var isPossible: Bool { (0..<1).contains(stretch) && maskedBands >= 0 }

  /// The changed features.
  ///
  /// - Parameter recording: `[time, bands]`
  public func callAsFunction<Scalar: FloatingPointScalar>(
    _ recording: Tensor<Scalar>, using generator: inout some RandomNumberGenerator
  ) -> Tensor<Scalar> {
    if !isPossible { trap("SpectrumPerturbation: a stretch of \(stretch), \(maskedBands) bands") }
    let (time, bands) = (recording.shape[0], recording.shape[1])
    let factor = Double.random(in: (1 - stretch)...(1 + stretch), using: &generator)
    let width = Int.random(in: 0...min(maskedBands, bands), using: &generator)
    let first = Int.random(in: 0...(bands - width), using: &generator)
    // Where each band is taken from: the share of the band below, and that of the next.
    let sources = (0..<bands).map { band in
      let position = min(Double(band) * factor, Double(bands - 1))
      let below = min(Int(position), max(bands - 2, 0))
      return (below: below, share: Scalar(position - Double(below)))
    }
    var values = [Scalar](repeating: 0, count: time * bands)
    recording.withUnsafeScalars { old in
      for band in 0..<bands where !(first..<(first + width)).contains(band) {
        let (below, share) = sources[band]
        for row in stride(from: 0, to: time * bands, by: bands) {
          let next = old[row + min(below + 1, bands - 1)]
          values[row + band] = (1 - share) * old[row + below] + share * next
        }
      }
    }
    return Tensor(values, shape: [time, bands])
  }
}
