import Autograd
import Kernels
import Testing

/// What `FusedOperationTests` do not try of recurrent sequences.
@Suite struct RecurrentSequenceTests {
  /// One sequence operation with random operands.
  struct Example: Sendable, CustomTestStringConvertible {
    let kind: RecurrentCellKind
    let isReverse: Bool
    let lengths: [Int]?
    let bias: Bool
    /// Whether it is a decoder.
    var attends = false
    var batch = 3
    var testDescription: String {
      let ends = "\(lengths.map { ", \($0)" } ?? "")\(bias ? "" : ", no bias")"
      return "\(attends ? "decoder of " : "")\(kind)\(isReverse ? ", reverse" : "")\(ends)"
    }

    static let all: [Example] = RecurrentCellKind.allCases.flatMap { kind in
      [false, true].flatMap { isReverse in
        [nil, [4, 2, 1], [3, 3, 0]].map { lengths in
          Example(kind: kind, isReverse: isReverse, lengths: lengths, bias: lengths != nil)
        }
      }
    }

    /// Those, and a decoder of each kind.
    static let withDecoders =
      all
      + RecurrentCellKind.allCases.map {
        Example(kind: $0, isReverse: false, lengths: nil, bias: true, attends: true)
      }

    /// So many steps, more than a row with an early end has.
    func lasting(_ time: Int, batch: Int = 3) -> Example {
      var long = Example(
        kind: kind, isReverse: isReverse,
        lengths: lengths.map { _ in (0..<batch).map { [time, time / 2, 7][$0 % 3] } }, bias: bias)
      (long.attends, long.batch) = (attends, batch)
      return long
    }

    var sequence: FusedSequence {
      FusedSequence(kind: kind, isReverse: isReverse, lengths: lengths)
    }

    func operands(
      _ generator: inout Generator, time: Int = 4, size: Int = 3, deviation: Double = 1
    ) -> [Tensor<Double>] {
      let rows = kind.gateCount * size
      var shapes: [Shape] = [[batch, time, 2], [batch, size]]
      if kind == .lstm { shapes.append([batch, size]) }
      shapes += [[rows, attends ? 5 : 2], [rows, size]]
      if bias { shapes += [[rows], [rows]] }
      if attends { shapes += [[batch, 4, 5], [batch, 4, 3], [5, size], [5]] }
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
      let weights = RecurrentWeights(
        input: weightInput, hidden: weightHidden, biasInput: bias ? rest.removeFirst() : nil,
        biasHidden: bias ? rest.removeFirst() : nil)
      let own = Array(rest)
      let attention =
        attends
        ? FusedSequence.Attention(
          keys: own[0], values: own[1], queryWeight: own[2], v: own[3], mask: nil) : nil
      return body(
        sequence,
        .init(input: input, hidden: hidden, cell: cell, weights: weights, attention: attention)
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
  @Test(arguments: Example.withDecoders.filter { $0.lengths != [3, 3, 0] })
  func `a long sequence is the composed one, too`(example: Example) {
    var generator = Generator(seed: 6)
    let time = 350
    let size = 512 / example.kind.gateCount
    let stretches = StepStretches(time: time, batch: 3, width: example.kind.gateCount * size)
    #expect(stretches.count > 1)
    let long = example.lasting(time)
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

  /// So many rows that they are shared out, and two stretches or more.
  @Test(arguments: Example.withDecoders.filter { $0.lengths != [3, 3, 0] })
  func `the number of threads changes no bit of a long sequence`(example: Example) {
    let before = Threads.count
    defer { Threads.count = before }
    let (time, batch, size) = (20, 40, 512 / example.kind.gateCount)
    let width = example.kind.gateCount * size
    #expect(StepStretches(time: time, batch: batch, width: width).count > 1)
    #expect(RowParts(batch: batch, work: width * size).isDivided || Threads.count == 1)
    var generator = Generator(seed: 9)
    let long = example.lasting(time, batch: batch)
    let operands = long.operands(&generator, time: time, size: size, deviation: 0.1)
    let found = [1, 2, 3, 8].map { threads in
      Threads.count = threads
      let all = valueWithGradient(at: operands) { weighted(long.run($0, recurrentSequence)) }
      return [all.value] + all.gradients + long.run(operands, recurrentSequence)
    }
    for other in found[1...] { #expect(other == found[0]) }
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
