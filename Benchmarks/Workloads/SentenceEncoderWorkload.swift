import Autograd
import Layers
import SentenceEncoder
import Training

extension Workload {
  /// The zoo's sentence encoder at the size of all-MiniLM-L6: one sentence, as who asks waits for its
  /// vector, and many, as they are indexed and learnt from.
  static var sentenceEncoder: [Workload] {
    [(1, 64), (1, 128), (32, 64)].flatMap { batch, time in
      let workloads = both(
        "sentence_encoder", "\(batch)x\(time)", operations: operations(batch: batch, time: time)
      ) { subject(batch: batch, time: time) }
      // Nobody learns from one sentence at a time.
      return batch == 1 ? Array(workloads.dropFirst()) : workloads
    }
  }

  private static let configuration = SentenceEncoderConfiguration(vocabulary: 30_522, dropout: 0)

  /// Multiply-adds of forward and backward.
  private static func operations(batch: Int, time: Int) -> Double {
    let (size, inner) = (configuration.size, configuration.innerSize)
    let token = 4 * size * size + 2 * size * inner + 2 * time * size
    return 6 * Double(configuration.layers * batch * time) * Double(token)
  }

  private static func subject(batch: Int, time: Int) -> Subject<SentenceEncoder<Float>> {
    var generator = Generator(seed: 1)
    let model = SentenceEncoder<Float>(configuration, using: &generator)
    // Norms' weights start off 1, as those of `Encoder`.
    for (name, parameter) in model.parameters where name.contains("norm") {
      guard name.hasSuffix("weight"), let weight = parameter as? Parameter<Float> else { continue }
      weight.tensor = .normal(weight.shape, mean: 1, deviation: 0.1, using: &generator)
    }
    let symbols = Tensor<Int32>(
      (0..<(batch * time)).map { Int32($0 * 7919 % configuration.vocabulary) },
      shape: [batch, time])
    let target = Tensor<Int32>((0..<batch).map { Int32($0 % 10) })
    return Subject(
      model: model, inputs: ["symbols": .init(symbols), "target": .init(target)],
      output: { $0(symbols) }, loss: { crossEntropyLoss($0, target) })
  }
}
