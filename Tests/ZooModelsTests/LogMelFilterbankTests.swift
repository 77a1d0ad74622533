import Autograd
import Foundation
import Speech
import Testing
import Training

/// Features of sounds, against NumPy's (Tests/Gold/speech.py) and against what they must not depend on.
@Suite struct LogMelFilterbankTests {
  private func gold(_ key: String) throws -> Tensor<Double> {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Gold/LogMel.safetensors").path
    let entry = try SafeTensors(contentsOf: file).entry(key)
    return Tensor(try entry.doubles(), shape: Shape(entry.shape))
  }

  private func samples(_ rate: Int) throws -> [Float] {
    try gold("input.\(rate)").scalars.map { Float($0) }
  }

  private func distance(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double {
    abs(a - b).max().scalar
  }

  @Test(arguments: [16_000, 22_050])
  func `the features are NumPy's, in double and in single precision`(rate: Int) throws {
    let samples = try samples(rate)
    let double = LogMelFilterbank<Double>(sampleRate: rate)
    let (energies, features) = (try gold("log.\(rate)"), try gold("output.\(rate)"))
    // Sums of some 500 products, whose relative error the logarithm makes an absolute one.
    #expect(distance(double.logEnergies(samples), energies) < 1e-9)
    #expect(distance(double(samples), features) < 1e-9)
    let single = LogMelFilterbank<Float>(sampleRate: rate)
    // The least energies are a millionth of the largest, and the sums round at 6e-8 of a frame's own.
    #expect(distance(single.logEnergies(samples).converted(to: Double.self), energies) < 1e-2)
    #expect(distance(single(samples).converted(to: Double.self), features) < 1e-2)
  }

  @Test func `a tone is loudest in the band of its frequency`() {
    let configuration = LogMelConfiguration(bands: 10, lowestFrequency: 0, highestFrequency: 8000)
    let filterbank = LogMelFilterbank<Double>(configuration, sampleRate: 16_000)
    // The middles of bands: 11 equal steps of mel from 0 to mel(8000) = 2840.02.
    for band in 0..<10 {
      let mel = 2840.0230467 * Double(band + 1) / 11
      let hertz = 700 * (pow(10, mel / 2595) - 1)
      let tone = (0..<1600).map { Float(sin(2 * Double.pi * hertz * Double($0) / 16_000)) }
      let frame = filterbank.logEnergies(tone)[3]
      #expect(frame.argmax().scalar == Int32(band))
    }
  }

  @Test func `frames are 25 ms long and begin every 10 ms`() {
    let filterbank = LogMelFilterbank<Float>(sampleRate: 16_000)
    #expect(filterbank.frameLength == 400 && filterbank.hop == 160)
    for (samples, frames) in [(0, 1), (1, 1), (400, 1), (559, 1), (560, 2), (16_000, 98)] {
      #expect(filterbank([Float](repeating: 0.1, count: samples)).shape == [frames, 40])
    }
  }

  @Test func `loudness does not matter, and silence is nothing`() throws {
    let filterbank = LogMelFilterbank<Double>(sampleRate: 16_000)
    let samples = try samples(16_000)
    let quiet = filterbank(samples.map { $0 / 64 })
    #expect(distance(quiet, filterbank(samples)) < 1e-9)
    // Eleven equal numbers, and what rounding makes of their mean.
    let silence = filterbank([Float](repeating: 0, count: 2000))
    #expect(silence.shape == [11, 40] && abs(silence).max().scalar < 1e-9)
  }

  @Test func `a recording at another rate has much the same features`() throws {
    // The same chirp, but for noise and the place of each sample: far less than their deviation of 1.
    let features = try [16_000, 22_050].map {
      LogMelFilterbank<Double>(sampleRate: $0)(try samples($0))
    }
    #expect(features[0].shape == features[1].shape)
    #expect(abs(features[0] - features[1]).mean().scalar < 0.2)
  }

  @Test func `a configuration of a file is checked`() {
    #expect(LogMelConfiguration().isPossible)
    #expect(LogMelConfiguration().canRead(sampleRate: 16_000))
    #expect(!LogMelConfiguration().canRead(sampleRate: 15_199))
    #expect(!LogMelConfiguration().canRead(sampleRate: .max))
    #expect(!LogMelConfiguration(bands: 0).isPossible)
    #expect(!LogMelConfiguration(hopSeconds: .nan).isPossible)
    #expect(!LogMelConfiguration(lowestFrequency: 8000).isPossible)
    #expect(!LogMelConfiguration(frameSeconds: 1e300).isPossible)
  }
}
