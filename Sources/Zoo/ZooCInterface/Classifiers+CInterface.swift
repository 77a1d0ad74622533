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
        inputs: [
          .numbers("x", ["batch", "time", .size(configuration.inputSize)]), .lengths(of: "time"),
        ], outputs: [.numbers("output", ["batch", .size(configuration.outputSize)])]
      ) { [self($0.numbers("x"), lengths: $0.lengths("lengths"))] }
    ]
  }

  /// The cross-entropy of `labels`, `[batch]`.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(
      inputs: namedFunctions[0].inputs,
      targets: [.indices("labels", ["batch"], in: 0..<configuration.outputSize)]
    ) {
      crossEntropyLoss(
        self($0.numbers("x"), lengths: $0.lengths("lengths")), $0.indices("labels"))
    }
  }
}

extension AttentionRNN: CallableByName {
  /// `apply`, of `x` `[batch, time, in]` and `lengths` to `output`, `[batch, out]`, and `weights`, how
  /// much the model looks at each step, `[batch, time]`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(
        inputs: [
          .numbers("x", ["batch", "time", .size(configuration.inputSize)]), .lengths(of: "time"),
        ],
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
    NamedLoss(
      inputs: namedFunctions[0].inputs,
      targets: [.indices("labels", ["batch"], in: 0..<configuration.outputSize)]
    ) {
      crossEntropyLoss(
        self($0.numbers("x"), lengths: $0.lengths("lengths")), $0.indices("labels"))
    }
  }
}
