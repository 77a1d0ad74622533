public import Autograd
public import DataFiles

extension Tensor where Scalar == Float {
  /// A sound, `[time, channels]`.
  public init(_ sound: Waveform) {
    self.init(sound.samples, shape: [sound.frameCount, sound.channelCount])
  }
}

extension Waveform {
  /// A sound of samples, `[time, channels]`; another shape traps.
  public init(_ samples: Tensor<Float>, sampleRate: Int) {
    guard samples.rank == 2, samples.shape[1] > 0 else {
      trap("Waveform: samples of shape \(samples.shape); [time, channels] is expected")
    }
    self.init(samples: samples.scalars, channelCount: samples.shape[1], sampleRate: sampleRate)
  }
}
