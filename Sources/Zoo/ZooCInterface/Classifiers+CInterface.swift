public import AttentionRNN
import Autograd
public import CInterface
import Layers
public import SimpleRNN

extension SimpleRNN: CallableByName {
  /// `apply`, of `x` `[batch, time, in]` and `lengths` to `output`, `[batch, out]`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(
        inputs: sequences(configuration.inputSize),
        outputs: [.numbers("output", ["batch", .size(configuration.outputSize)])]
      ) { [self($0.numbers("x"), lengths: $0.lengths("lengths"))] }
    ]
  }

  /// The cross-entropy of `labels`, `[batch]`.
  public var namedLoss: NamedLoss<Scalar>? {
    labelLoss(sequences(configuration.inputSize), classes: configuration.outputSize) {
      self($0.numbers("x"), lengths: $0.lengths("lengths"))
    }
  }
}

extension AttentionRNN: CallableByName {
  /// `apply`, of `x` `[batch, time, in]` and `lengths` to `output`, `[batch, out]`, and `weights`, how
  /// much the model looks at each step, `[batch, time]`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(
        inputs: sequences(configuration.inputSize),
        outputs: [
          .numbers("output", ["batch", .size(configuration.outputSize)]),
          .numbers("weights", ["batch", "time"]),
        ]
      ) {
        let made = outputAndWeights($0.numbers("x"), lengths: $0.lengths("lengths"))
        return [made.output, made.weights]
      }
    ]
  }

  /// The cross-entropy of `labels`, `[batch]`.
  public var namedLoss: NamedLoss<Scalar>? {
    labelLoss(sequences(configuration.inputSize), classes: configuration.outputSize) {
      self($0.numbers("x"), lengths: $0.lengths("lengths"))
    }
  }
}

private func sequences(_ size: Int) -> [NamedTensor] {
  [.numbers("x", ["batch", "time", .size(size)]), .lengths(of: "time")]
}

private func labelLoss<Scalar: FloatingPointScalar>(
  _ inputs: [NamedTensor], classes: Int,
  _ logits: @escaping @Sendable (NamedArguments<Scalar>) -> Tensor<Scalar>
) -> NamedLoss<Scalar> {
  NamedLoss(inputs: inputs, targets: [.indices("labels", ["batch"], in: 0..<classes)]) {
    crossEntropyLoss(logits($0), $0.indices("labels"))
  }
}
