import Autograd
public import CInterface
import Layers
public import Summarizer

extension Summarizer: CallableByName {
  /// `apply`, of `source` `[batch, source]`, `copies`, the same words as target words, those of no
  /// vocabulary from its size on, `target`, what is said, `[batch, target]`, and the `lengths` and
  /// `targetLengths` of both, to `logProbabilities` of its words and the end, `[batch, steps]`, and
  /// `weights` `[batch, steps, source]`; and `beam`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(
        inputs: sources + targets,
        outputs: [
          .numbers("logProbabilities", ["batch", "steps"]),
          .numbers("weights", ["batch", "steps", "source"]),
        ]
      ) {
        let made = logLikelihood(batch(of: $0))
        return [made.logProbabilities, made.weights]
      },
      NamedFunction(
        "beam", inputs: sources + [.width, .limit],
        outputs: NamedTensor.hypotheses(symbols: words)
      ) {
        let found = beam(
          $0.rows("source", lengths: "lengths"), copies: $0.rows("copies", lengths: "lengths"),
          width: $0.width, limit: $0.limit)
        return tensors(found, of: Scalar.self)
      },
    ]
  }

  /// The mean over the words of the targets, ends included, of what `logProbabilities` says, negated.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(inputs: sources, targets: targets) {
      let batch = batch(of: $0)
      return -logLikelihood(batch).logProbabilities.sum() / Scalar(batch.symbolCount)
    }
  }

  private func batch(of arguments: NamedArguments<Scalar>) -> SequencePairBatch {
    SequencePairBatch(
      sources: arguments.rows("source", lengths: "lengths"),
      targets: arguments.rows("target", lengths: "targetLengths"),
      copies: arguments.rows("copies", lengths: "lengths"))
  }

  /// The target's vocabulary, and as many words of their own as sources may have.
  private var words: Int { configuration.targetVocabulary + 4096 }

  private var sources: [NamedTensor] {
    [
      .indices("source", ["batch", "source"], in: 0..<configuration.sourceVocabulary),
      .indices("copies", ["batch", "source"], in: 0..<words), .lengths(of: "source"),
    ]
  }
  private var targets: [NamedTensor] {
    [
      .indices("target", ["batch", "target"], in: 0..<words),
      .lengths("targetLengths", of: "target"),
    ]
  }
}
