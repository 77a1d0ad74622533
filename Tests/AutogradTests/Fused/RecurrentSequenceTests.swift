import Kernels
import Testing

@testable import Autograd

/// What `FusedOperationTests` do not try of recurrent sequences.
@Suite struct RecurrentSequenceTests {
  /// One sequence operation with random operands.
  struct Example: Sendable, CustomTestStringConvertible {
    let kind: RecurrentCellKind
    let isReverse: Bool
    let lengths: [Int]?
    let bias: Bool
    var testDescription: String {
      "\(kind)\(isReverse ? ", reverse" : "")\(lengths.map { ", \($0)" } ?? "")\(bias ? "" : ", no bias")"
    }

    static let all: [Example] = RecurrentCellKind.allCases.flatMap { kind in
      [false, true].flatMap { isReverse in
        [nil, [4, 2, 1], [3, 3, 0]].map { lengths in
          Example(kind: kind, isReverse: isReverse, lengths: lengths, bias: lengths != nil)
        }
      }
    }

    var sequence: FusedSequence {
      FusedSequence(kind: kind, isReverse: isReverse, lengths: lengths)
    }

    func operands(
      _ generator: inout Generator, time: Int = 4, size: Int = 3, deviation: Double = 1
    ) -> [Tensor<Double>] {
      let rows = kind.gateCount * size
      var shapes: [Shape] = [[3, time, 2], [3, size]]
      if kind == .lstm { shapes.append([3, size]) }
      shapes += [[rows, 2], [rows, size]]
      if bias { shapes += [[rows], [rows]] }
      return shapes.map { .normal($0, deviation: deviation, using: &generator) }
    }

    func run(
      _ x: [Tensor<Double>],
      _ body: (FusedSequence, consuming FusedSequence.Operands) -> [UntypedTensor]
    ) -> [Tensor<Double>] {
      var rest = x.map(\.untyped)[...]
      let (input, hidden) = (rest.removeFirst(), rest.removeFirst())
      let cell = kind == .lstm ? rest.removeFirst() : nil
      let (weightInput, weightHidden) = (rest.removeFirst(), rest.removeFirst())
      return body(
        sequence,
        .init(
          input: input, hidden: hidden, cell: cell,
          weights: .init(
            input: weightInput, hidden: weightHidden,
            biasInput: bias ? rest.removeFirst() : nil,
            biasHidden: bias ? rest.removeFirst() : nil))
      ).map { Tensor($0) }
    }
  }

  private func weighted(_ outputs: [Tensor<Double>]) -> Tensor<Double> {
    var generator = Generator(seed: 5)
    return outputs.reduce(Tensor(0)) {
      $0 + ($1 * .uniform($1.shape, in: 0.5...1.5, using: &generator)).sum()
    }
  }

  /// So many steps that they are taken in two stretches or more.
  @Test(arguments: Example.all.filter { $0.lengths != [3, 3, 0] })
  func `a long sequence is the composed one, too`(example: Example) {
    var generator = Generator(seed: 6)
    let time = 350
    let size = 512 / example.kind.gateCount
    let stretches = StepStretches(time: time, batch: 3, width: example.kind.gateCount * size)
    #expect(stretches.count > 1)
    let long = Example(
      kind: example.kind, isReverse: example.isReverse,
      lengths: example.lengths == nil ? nil : [time, 200, 7], bias: example.bias)
    // Weights so small that the states neither explode nor saturate.
    let operands = long.operands(&generator, time: time, size: size, deviation: 0.03)
    let fused = valueWithGradient(at: operands) { weighted(long.run($0, recurrentSequence)) }
    let composed = valueWithGradient(at: operands) { weighted(long.run($0, composedSequence)) }
    #expect(abs(fused.value - composed.value).scalar <= 1e-9 * abs(composed.value).scalar)
    for (a, b) in zip(fused.gradients, composed.gradients) {
      #expect(abs(a - b).max().scalar <= 1e-11 * abs(b).max().scalar)
    }
    // Not recorded, nothing is kept for a derivative.
    let outputs = zip(long.run(operands, recurrentSequence), long.run(operands, composedSequence))
    for (a, b) in outputs { #expect(abs(a - b).max().scalar < 1e-12) }
  }

  /// The derivative finds the GRU's candidate from the states: little is left of it in the new one
  /// where the update gate is nearly 1.
  @Test(arguments: [-40.0, -8, 8, 20, 34, 40], [1.0, 1000])
  func `a GRU with shut gates and large states is the composed one`(bias: Double, scale: Double) {
    var generator = Generator(seed: 8)
    let example = Example(kind: .gru, isReverse: false, lengths: nil, bias: true)
    var operands = example.operands(&generator)
    operands[1] = operands[1] * scale
    let size = operands[1].shape[1]
    let gate = Tensor<Double>((0..<3 * size).map { (size..<2 * size).contains($0) ? bias : 0 })
    operands[4] = operands[4] + gate
    let fused = valueWithGradient(at: operands) { weighted(example.run($0, recurrentSequence)) }
    let composed = valueWithGradient(at: operands) { weighted(example.run($0, composedSequence)) }
    for (a, b) in zip(fused.gradients, composed.gradients) {
      #expect(abs(a - b).max().scalar <= 1e-12 * max(abs(b).max().scalar, 1))
    }
  }

  @Test(arguments: Example.all)
  func `gradients of gradients agree with finite differences`(example: Example) {
    var generator = Generator(seed: 2)
    let operands = example.operands(&generator)
    if example.kind == .relu { return }
    let check = GradientCheck(at: operands, order: 2, tolerance: 1e-7) { x in
      weighted(example.run(x, recurrentSequence))
    }
    #expect(check.passes, "\(check)")
  }
}
