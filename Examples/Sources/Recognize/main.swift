// Trains both recognisers on two made-up sounds: a low tone before a high one, and the reverse.
import Autograd
import Layers
import Speech
import Training

let features = LogMelFilterbank<Float>(sampleRate: 16_000)

/// Tones of a tenth of a second each, as the recognisers read them.
func sound(_ frequencies: [Float]) -> Tensor<Float> {
  features(
    frequencies.flatMap { frequency in
      (0..<1600).map { Float.pi * 2 * frequency * Float($0) / 16_000 }.map { sin($0) }
    })
}

let batch = SpeechBatch([sound([300, 2000]), sound([2000, 300])], targets: [[4, 5], [5, 4]])
let configuration = SpeechConfiguration(
  features: 40, symbols: 6, hiddenSize: 16, layers: 1, halvings: 1, decoderSize: 16)

/// Trains a recogniser, and asks what it hears.
func learn<Model: SpeechRecognizer<Float>>(_ type: Model.Type) -> [[Int32]] {
  var generator = Generator(seed: 1)
  let model = Model(configuration, using: &generator)
  var optimizer = Adam(learningRate: 1e-2)
  for _ in 0..<150 {
    let (_, gradients) = valueWithGradient(at: model) { $0.loss(batch, smoothing: 0) }
    optimizer.update(model, along: gradients.clipped(toNorm: 1))
  }
  return model.hypotheses(batch, width: 4).map { $0[0].symbols }
}

print(learn(CTCRecognizer<Float>.self), learn(AttentionRecognizer<Float>.self))
