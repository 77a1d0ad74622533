import Autograd
import Layers
import ShowAttendTell

/// A captioner of small pictures, with the sizes of the zoo's recipe.
private struct CaptionerSize {
  let batch = 32
  let steps = 8
  let configuration = ShowAttendTellConfiguration(
    vocabulary: 1500, pictureSize: 32, stages: [[32], [64], [96, 96]], embeddingSize: 64,
    hiddenSize: 128, attentionSize: 64)

  var name: String { "\(batch)x\(configuration.pictureSize)" }

  /// Multiply-adds of forward and backward for a batch.
  var operations: Double {
    let c = configuration
    var (encoder, inputs, side) = (0, 3, c.pictureSize)
    for stage in c.stages {
      for outputs in stage {
        encoder += side * side * 9 * inputs * outputs
        inputs = outputs
      }
      side /= 2
    }
    let places = c.gridSize * c.gridSize
    let keys = places * c.annotationSize * c.attentionSize
    let look = c.hiddenSize * c.attentionSize + places * (c.attentionSize + c.annotationSize)
    let cell = 4 * c.hiddenSize * (c.embeddingSize + c.annotationSize + c.hiddenSize)
    let output = c.embeddingSize * (c.hiddenSize + c.annotationSize + c.vocabulary)
    return 6 * Double(batch) * Double(encoder + keys + steps * (look + cell + output))
  }

  var subject: Subject<ShowAttendTell<AdditiveScore<Float>>> {
    var generator = Generator(seed: 1)
    let model = ShowAttendTell<AdditiveScore<Float>>(configuration, using: &generator)
    let side = configuration.pictureSize
    let pictures = Tensor<Float>.normal([batch, 3, side, side], using: &generator)
    let words = (0..<(batch * steps)).map { Int32($0 * 7 % configuration.vocabulary) }
    let captions = Tensor<Int32>(words, shape: [batch, steps])
    return Subject(
      model: model, inputs: ["x": .init(pictures), "target": .init(captions)],
      output: { $0(pictures, captions).logits }, loss: { crossEntropyLoss($0, captions) },
      hasModes: true)
  }
}

extension Workload {
  /// A train step: the batch's statistics normalise, and the running ones follow them.
  static var captioner: [Workload] {
    let size = CaptionerSize()
    return [
      Workload("captioner", size.name, operations: size.operations) { size.subject.training }
    ]
  }
}
