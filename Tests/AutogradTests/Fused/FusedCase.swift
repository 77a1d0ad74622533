import Autograd
import Kernels
import Testing

/// A use of a fused operation: shapes of its tensors, and how it is made of them.
struct FusedCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  private let shapes: [Shape]
  private let deviation: Double
  private let make: @Sendable ([UntypedTensor]) -> any FusedOperation

  init(
    _ name: String, _ shapes: [Shape], deviation: Double = 1,
    _ make: @escaping @Sendable ([UntypedTensor]) -> any FusedOperation
  ) {
    testDescription = name
    self.shapes = shapes
    self.deviation = deviation
    self.make = make
  }

  func inputs(seed: UInt64) -> [Tensor<Double>] {
    var generator = Generator(seed: seed)
    return shapes.map { .normal($0, deviation: deviation, using: &generator) }
  }

  func operation<Scalar>(_ inputs: [Tensor<Scalar>]) -> any FusedOperation {
    make(inputs.map(\.untyped))
  }

  /// All results, one after the other.
  func results<Scalar: FloatingPointScalar>(
    _ inputs: [Tensor<Scalar>], _ body: (any FusedOperation) -> [UntypedTensor]
  ) -> Tensor<Scalar> {
    .concatenated(body(operation(inputs)).map { Tensor<Scalar>($0).flattened() }, axis: 0)
  }

  static let all = [
    sequences, decoders, attention, networks, convolutions,
  ].flatMap(\.self)

  // MARK: Recurrence

  private static var sequences: [FusedCase] {
    RecurrentCellKind.allCases.flatMap { kind in
      [false, true].flatMap { isReverse in
        [nil, [4, 2, 1], [3, 3, 0]].map { sequence(kind, isReverse, $0) }
      }
    }
  }

  private static func sequence(
    _ kind: RecurrentCellKind, _ isReverse: Bool, _ lengths: [Int]?
  ) -> FusedCase {
    let rows = kind.gateCount * 3
    let states: [Shape] = kind == .lstm ? [[3, 3], [3, 3]] : [[3, 3]]
    let shapes: [Shape] = [[3, 4, 2], [rows, 2], [rows, 3]] + states
    // A bias each where some sequence ends early.
    let biases: [Shape] = lengths == nil ? [] : [[rows], [rows]]
    let name = "\(kind)\(isReverse ? ", reverse" : "")\(lengths.map { ", \($0)" } ?? "")"
    return FusedCase(name, shapes + biases, deviation: 0.7) { x in
      let biases = x[(3 + states.count)...]
      return SequenceRun(
        FusedSequence(kind: kind, isReverse: isReverse, lengths: lengths),
        .init(
          input: x[0], hidden: x[3], cell: kind == .lstm ? x[4] : nil,
          weights: .init(
            input: x[1], hidden: x[2], biasInput: biases.first, biasHidden: biases.last)))
    }
  }

  private static var decoders: [FusedCase] {
    let allowed = [true, true, false, true, true, true, true, false]
    return RecurrentCellKind.allCases.flatMap { kind in
      [
        decoder("decoder of \(kind)", .init(kind: kind, isReverse: false, lengths: nil), nil),
        decoder(
          "decoder of \(kind), masked", .init(kind: kind, isReverse: false, lengths: nil), allowed),
        decoder(
          "decoder of \(kind), reverse", .init(kind: kind, isReverse: true, lengths: [3, 1]), nil),
      ]
    }
  }

  private static func decoder(
    _ name: String, _ sequence: FusedSequence, _ allowed: [Bool]?
  ) -> FusedCase {
    let rows = sequence.kind.gateCount * 3
    let shapes: [Shape] = [
      [2, 3, 2], [2, 3], [2, 4, 5], [2, 4, 3], [5, 3], [5], [rows, 5], [rows, 3], [rows], [rows],
    ]
    return FusedCase(name, shapes + (sequence.kind == .lstm ? [[2, 3]] : []), deviation: 0.7) { x in
      SequenceRun(
        sequence,
        .init(
          input: x[0], hidden: x[1], cell: x.count > 10 ? x[10] : nil,
          weights: .init(input: x[6], hidden: x[7], biasInput: x[8], biasHidden: x[9]),
          attention: .init(
            keys: x[2], values: x[3], queryWeight: x[4], v: x[5],
            mask: allowed.map { Tensor<Bool>($0, shape: [2, 4]).untyped })))
    }
  }

  // MARK: Attention

  private static let someSteps = Tensor<Bool>(
    [true, false, true, false, false, false], shape: [2, 3])

  private static var attention: [FusedCase] {
    let heads: [Shape] = [[2, 2, 3, 4], [2, 2, 5, 4], [2, 2, 5, 3], [4, 6]]
    let mask = Tensor<Bool>((0..<30).map { $0 % 4 != 1 && $0 > 4 }, shape: [2, 1, 3, 5])
    return [
      FusedCase("additive scores", [[2, 2, 5], [2, 3, 5], [5]]) {
        AdditiveScores(queries: $0[0], keys: $0[1], v: $0[2])
      },
      FusedCase("feature attention", [[2, 3, 5], [2, 3, 5]]) {
        FeatureAttentionOfScores($0[0], $0[1], nil)
      },
      FusedCase("feature attention, masked", [[2, 3, 5], [2, 3, 5]]) {
        FeatureAttentionOfScores($0[0], $0[1], someSteps.untyped)
      },
      FusedCase("projected feature attention", [[2, 3, 4], [4, 4], [4]]) {
        ProjectedFeatureAttention($0[0], $0[1], $0[2], nil)
      },
      FusedCase("projected feature attention, masked", [[2, 3, 4], [4, 4]]) {
        ProjectedFeatureAttention($0[0], $0[1], nil, someSteps.untyped)
      },
      FusedCase("head attention", heads + [[4]]) {
        ProjectedHeadAttention(
          query: $0[0], key: $0[1], value: $0[2], weight: $0[3], bias: $0[4], mask: nil,
          dropout: nil, scale: 0.5)
      },
      FusedCase("head attention, masked, dropout", heads) { x in
        let dropout: [Float] = (0..<60).map { $0 % 3 == 1 ? 0 : 1.5 }
        let kept = Tensor<Float>(dropout, shape: [2, 2, 3, 5])
        return ProjectedHeadAttention(
          query: x[0], key: x[1], value: x[2], weight: x[3], bias: nil, mask: mask.untyped,
          dropout: Compute.converted(kept.untyped, to: x[0].type), scale: 0.5)
      },
    ]
  }

  // MARK: Networks

  private static var networks: [FusedCase] {
    let weights: [Shape] = [[2, 3, 2], [4, 2], [3, 4]]
    let passed = Tensor<Float>((0..<24).map { $0 % 3 == 1 ? 0 : 1.5 }, shape: [2, 3, 4])
    let labels = Tensor<Int32>([2, 0, 3], shape: [3])
    func network(
      _ name: String, _ activation: FeedForwardActivation, drops: Bool, bias: Bool
    ) -> FusedCase {
      FusedCase(name, weights + (bias ? [[4], [3]] : [])) { x in
        FusedFeedForward(
          Compute.contiguousOperand(x[0]), [x[1], bias ? x[3] : nil, x[2], bias ? x[4] : nil],
          activation,
          drops
            ? DropoutMask(mask: Compute.converted(passed.untyped, to: x[0].type), kept: 1.5) : nil)
      }
    }
    return [
      network("feed-forward, relu", .relu, drops: false, bias: true),
      network("feed-forward, relu, dropout", .relu, drops: true, bias: false),
      network("feed-forward, gelu", .gelu, drops: false, bias: false),
      network("feed-forward, gelu, dropout", .gelu, drops: true, bias: true),
      FusedCase("layer norm", [[2, 3, 4], [4], [4]]) {
        FusedLayerNorm(Compute.contiguousOperand($0[0]), $0[1], $0[2], 1e-5, size: 4)
      },
      FusedCase("layer norm, weight alone", [[2, 3, 4], [12]]) {
        FusedLayerNorm(Compute.contiguousOperand($0[0]), $0[1], nil, 1e-3, size: 12)
      },
      FusedCase("layer norm, bias alone", [[5, 4], [4]]) {
        FusedLayerNorm(Compute.contiguousOperand($0[0]), nil, $0[1], 1e-5, size: 4)
      },
      FusedCase("cross-entropy", [[3, 4]]) {
        CrossEntropy(logits: $0[0], labels: labels.untyped, divisor: nil)
      },
      FusedCase("cross-entropy, mean", [[3, 1, 4]]) {
        CrossEntropy(
          logits: $0[0], labels: labels.unsqueezed(axis: 1).untyped, divisor: 3)
      },
    ]
  }

  // MARK: Convolution

  private static var convolutions: [FusedCase] {
    [
      ("3 x 3, same", [1, 1], [1, 1], [1, 1], 1, [[2, 2, 5, 6], [3, 2, 3, 3], [3]]),
      (
        "rows of whole vectors", [1, 1], [1, 1], [1, 1], 1, [[2, 2, 3, 16], [3, 2, 3, 3], [3]]
      ),
      ("strides, dilation", [2, 3], [0, 0], [1, 2], 1, [[1, 2, 5, 9], [2, 2, 1, 2]]),
      ("groups", [1, 2], [1, 0], [2, 1], 2, [[2, 4, 5, 4], [2, 2, 2, 2], [2]]),
    ].map { (name, stride, padding, dilation, groups, shapes: [Shape]) in
      FusedCase("convolution, \(name)", shapes) { x in
        var sliding = Sliding(
          size: [x[1].shape[2], x[1].shape[3]], stride: stride, before: padding,
          dilation: dilation, count: [0, 0])
        for axis in 0..<2 {
          let covered = Sliding.extent(sliding.size[axis], dilation[axis])
          sliding.count[axis] =
            (x[0].shape[axis + 2] + 2 * padding[axis] - covered) / stride[axis] + 1
        }
        return Convolution(
          x: Kept(itself: x[0]), weight: x[1], bias: x.count > 2 ? x[2] : nil, sliding: sliding,
          groups: groups)
      }
    }
  }
}
