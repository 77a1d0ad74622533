import Autograd
public import CInterface
import Layers
public import Transformer

extension Transformer: CallableByName {
  /// `apply`, of `source` `[batch, source]`, `target`, what the decoder reads in each step, `[batch,
  /// target]`, and `lengths` of the sources to `logits` `[batch, target, targetVocabulary]`; and `beam`.
  ///
  /// An encoder alone has no target: its logits are of each source symbol.
  public var namedFunctions: [NamedFunction<Scalar>] {
    let logits: [TensorAxis] = ["batch", labelled, .size(configuration.targetVocabulary)]
    let apply = NamedFunction(inputs: inputs, outputs: [.numbers("logits", logits)]) {
      [self.logits(of: $0)]
    }
    if configuration.form == .encoder { return [apply] }
    return [
      apply,
      beamFunction(
        source: configuration.sourceVocabulary, target: configuration.targetVocabulary),
    ]
  }

  /// The cross-entropy of `labels`, `[batch, target]`, or of an encoder alone `[batch, source]`; 0 does
  /// not count.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(
      inputs: inputs,
      targets: [
        .indices("labels", ["batch", labelled], in: 0..<configuration.targetVocabulary)
      ]
    ) {
      crossEntropyLoss(
        logits(of: $0), $0.indices("labels"), ignoring: Int(SequenceSymbol.padding))
    }
  }

  private func logits(of arguments: NamedArguments<Scalar>) -> Tensor<Scalar> {
    let (source, lengths) = (arguments.indices("source"), arguments.lengths("lengths"))
    return configuration.form == .encoder
      ? self(labelling: source, lengths: lengths)
      : self(source, arguments.indices("target"), lengths: lengths)
  }

  /// The axis of what is told.
  private var labelled: TensorAxis { configuration.form == .encoder ? "source" : "target" }

  private var inputs: [NamedTensor] {
    let source = NamedTensor.indices(
      "source", ["batch", "source"], in: 0..<configuration.sourceVocabulary)
    let target = NamedTensor.indices(
      "target", ["batch", "target"], in: 0..<configuration.targetVocabulary)
    return (configuration.form == .encoder ? [source] : [source, target])
      + [.lengths(of: "source")]
  }
}
