public import Autograd
public import Layers

/// Reads frames in both directions, in layers of which each hears longer stretches than the one below:
/// a pyramid of bidirectional GRUs (the listener of Chan et al., 2016, section 3.1, with GRUs).
///
///     h_(j, i) = BiGRU(h_(j, i-1), [h_(j-1, 2i), h_(j-1, 2i+1)])
///
/// Whoever asks where a symbol stands has fewer states to look at, and states as long as sounds.
public struct SpeechEncoder<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// The sizes that it was made from.
  public let configuration: SpeechConfiguration
  /// The layer next to the frames first.
  public let layers: [GRU<Scalar>]
  private let dropout: Dropout<Scalar>

  /// An encoder with fresh weights.
  public init(
    _ configuration: SpeechConfiguration, using generator: inout some RandomNumberGenerator
  ) {
    if let contradiction = configuration.contradiction {
      trap("SpeechEncoder: \(contradiction)")
    }
    self.configuration = configuration
    var layers: [GRU<Scalar>] = []
    for layer in 0..<configuration.layers {
      let size = layer == 0 ? configuration.features : 2 * configuration.hiddenSize
      layers.append(
        GRU(
          inputSize: layer < configuration.halvings ? 2 * size : size,
          hiddenSize: configuration.hiddenSize, isBidirectional: true, using: &generator))
    }
    self.layers = layers
    dropout = Dropout(configuration.dropout)
  }

  /// - Parameters:
  ///   - frames: `[batch, time, features]`; what stands after a recording's end changes nothing.
  ///   - lengths: number of frames of each recording, at least 1.
  /// - Returns: states `[batch, time / framesPerState, 2 * hiddenSize]`, rounded up, with the number of
  ///   each recording.
  public func callAsFunction(
    _ frames: Tensor<Scalar>, lengths: [Int]
  ) -> (states: Tensor<Scalar>, lengths: [Int]) {
    if frames.rank != 3 || frames.shape[2] != configuration.features {
      trap(
        "SpeechEncoder: frames of shape \(frames.shape); [batch, time, "
          + "\(configuration.features)] is expected")
    }
    if lengths.contains(where: { $0 < 1 }) {
      trap("SpeechEncoder: recordings of \(lengths) frames; each has at least one")
    }
    let isAfterEnd = !sequenceMask(lengths: lengths, time: frames.shape[1]).unsqueezed(axis: 2)
    var states = frames.filled(where: isAfterEnd, with: 0)
    var lengths = lengths
    for (index, layer) in layers.enumerated() {
      if index > 0 { states = dropout(states) }
      if index < configuration.halvings {
        states = paired(states)
        lengths = lengths.map { ($0 + 1) / 2 }
      }
      states = layer(states, lengths: lengths).outputs  // [batch, time, 2 * hiddenSize]
    }
    return (states, lengths)
  }

  /// Two steps beside each other, `[batch, time, size]` to `[batch, time / 2, 2 * size]`; the last of
  /// an odd number stands beside zeros, as it does in a longer batch.
  private func paired(_ states: Tensor<Scalar>) -> Tensor<Scalar> {
    let (batch, time, size) = (states.shape[0], states.shape[1], states.shape[2])
    let even = time % 2 == 0 ? states : states.padded([(0, 0), (0, 1), (0, 0)])
    return even.reshaped([batch, (time + 1) / 2, 2 * size])
  }
}
