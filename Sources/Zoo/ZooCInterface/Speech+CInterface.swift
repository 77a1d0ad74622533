import Autograd
public import CInterface
import Layers
import Sequences
public import Speech

extension CTCRecognizer: CallableByName {
  /// `apply`, of `frames` `[batch, time, features]` and `lengths` to `logProbabilities` `[states, batch,
  /// symbols]` and the number of states of each recording, `stateLengths`; and `beam`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(
        inputs: recordings,
        outputs: [
          .numbers("logProbabilities", ["states", "batch", .size(configuration.symbols)]),
          .indices("stateLengths", ["batch"], in: 1..<Int(Int32.max)),
        ]
      ) {
        let frames = $0.numbers("frames")
        let made = self(frames, lengths: $0.frameLengths(frames))
        return [made.logProbabilities, Tensor(made.lengths.map { Int32($0) })]
      }, beamFunction,
    ]
  }

  /// The CTC loss of `symbols` `[batch, symbols]`, of `symbolLengths`.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(inputs: recordings, targets: spoken(from: SequenceSymbol.padding + 1)) {
      loss($0.speechBatch())
    }
  }
}

extension AttentionRecognizer: CallableByName {
  /// `apply`, of `frames` `[batch, time, features]`, `target`, what the decoder reads in each step,
  /// `[batch, target]`, and `lengths` to `logits` `[batch, target, symbols]` and `weights` `[batch,
  /// target, states]`; and `beam`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    let target = NamedTensor.indices(
      "target", ["batch", "target"], in: 0..<configuration.symbols)
    return [
      NamedFunction(
        inputs: [recordings[0], target, recordings[1]],
        outputs: [
          .numbers("logits", ["batch", "target", .size(configuration.symbols)]),
          .numbers("weights", ["batch", "target", "states"]),
        ]
      ) {
        let frames = $0.numbers("frames")
        let made = self(frames, lengths: $0.frameLengths(frames), target: $0.indices("target"))
        return [made.logits, made.weights]
      }, beamFunction,
    ]
  }

  /// The cross-entropy of `symbols` `[batch, symbols]`, of `symbolLengths`, and their ends.
  public var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(inputs: recordings, targets: spoken(from: 0)) { loss($0.speechBatch()) }
  }
}

extension SpeechRecognizer {
  fileprivate var recordings: [NamedTensor] {
    [
      .numbers("frames", ["batch", "time", .size(configuration.features)]), .lengths(of: "time"),
    ]
  }

  /// - Parameter first: the first symbol that may be said.
  fileprivate func spoken(from first: Int32) -> [NamedTensor] {
    [
      .indices("symbols", ["batch", "symbols"], in: Int(first)..<configuration.symbols),
      .lengths("symbolLengths", of: "symbols"),
    ]
  }

  /// `beam`, of recordings and `width` to hypotheses.
  fileprivate var beamFunction: NamedFunction<Scalar> {
    NamedFunction(
      "beam", inputs: recordings + [.width],
      outputs: NamedTensor.hypotheses(symbols: configuration.symbols)
    ) {
      tensors(
        hypotheses(SpeechBatch($0.recordings()), width: $0.width), of: Scalar.self)
    }
  }
}

extension NamedArguments {
  fileprivate func frameLengths(_ frames: Tensor<Scalar>) -> [Int] {
    lengths("lengths") ?? Array(repeating: frames.shape[1], count: frames.shape[0])
  }

  /// The frames of each recording, `[time, features]`.
  fileprivate func recordings() -> [Tensor<Scalar>] {
    let frames = numbers("frames")
    return zip(frames.unstacked(axis: 0), frameLengths(frames)).map {
      $0.narrowed(axis: 0, to: 0..<$1)
    }
  }

  fileprivate func speechBatch() -> SpeechBatch<Scalar> {
    SpeechBatch(recordings(), targets: rows("symbols", lengths: "symbolLengths"))
  }
}
