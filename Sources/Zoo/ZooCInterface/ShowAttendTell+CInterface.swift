import Autograd
public import CInterface
import Layers
import Sequences
public import ShowAttendTell

extension ShowAttendTell: CallableByName where Score: SizedAttentionScore {
  /// `apply`, of `pictures` `[batch, 3, size, size]` and `target`, what the decoder reads in each step,
  /// `[batch, target]`, to `logits` `[batch, target, vocabulary]` and `weights` `[batch, target,
  /// places]`; and `beam`, of pictures, `width` and `limit` to captions.
  public var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(
        inputs: [
          pictures, .indices("target", ["batch", "target"], in: 0..<configuration.vocabulary),
        ],
        outputs: [
          .numbers("logits", ["batch", "target", .size(configuration.vocabulary)]),
          .numbers(
            "weights", ["batch", "target", .size(configuration.gridSize * configuration.gridSize)]),
        ]
      ) {
        let made = self($0.numbers("pictures"), $0.indices("target"))
        return [made.logits, made.weights]
      },
      NamedFunction(
        "beam", inputs: [pictures, .width, .limit],
        outputs: NamedTensor.hypotheses(symbols: configuration.vocabulary)
      ) {
        let found = captions($0.numbers("pictures"), width: $0.width, limit: $0.limit)
        return tensors(found, of: Scalar.self)
      },
    ]
  }

  /// The loss of the paper for `captions` `[batch, words]`, without start and end, of `captionLengths`.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(
      inputs: [pictures],
      targets: [
        .indices("captions", ["batch", "words"], in: 0..<configuration.vocabulary),
        .lengths("captionLengths", of: "words"),
      ]
    ) { arguments, generator in
      let batch = CaptionBatch(
        pictures: arguments.numbers("pictures"),
        captions: arguments.rows("captions", lengths: "captionLengths"))
      if batch.count == 1 && configuration.gridSize == 1 {
        throw CallError("one picture of one place is too little for the statistics of a batch")
      }
      return loss(batch, using: &generator)
    }
  }

  private var pictures: NamedTensor {
    let size = TensorAxis.size(configuration.pictureSize)
    return .numbers("pictures", ["batch", 3, size, size])
  }
}
