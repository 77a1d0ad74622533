import Autograd
import Kernels
import Testing

@testable import Layers

@Suite struct RecurrentTests {
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
      _ x: [Tensor<Double>], _ body: (FusedSequence, consuming FusedSequence.Operands) -> [Value]
    ) -> [Tensor<Double>] {
      var rest = x.map(\.value)[...]
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

  @Test(arguments: Example.all)
  func `the fused operation is the composed one, in values and gradients`(example: Example) {
    var generator = Generator(seed: 1)
    let operands = example.operands(&generator)
    let fused = valueWithGradient(at: operands) { weighted(example.run($0, recurrentSequence)) }
    let composed = valueWithGradient(at: operands) { weighted(example.run($0, composedSequence)) }
    // The same sums in another order: some rounding errors of numbers of size 1 to 10.
    #expect(abs(fused.value.scalar - composed.value.scalar) < 1e-12)
    for (a, b) in zip(fused.gradients, composed.gradients) {
      #expect(abs(a - b).max().scalar < 1e-12)
    }
  }

  /// What was saved must outlast all passes but the last.
  @Test(arguments: Example.all)
  func `the rows of a Jacobian are gradients by themselves`(example: Example) {
    var generator = Generator(seed: 8)
    let operands = example.operands(&generator)
    let jacobians = jacobian(at: operands) { example.run($0, recurrentSequence)[1] }
    for row in 0..<9 {
      let unit = Tensor<Double>((0..<9).map { $0 == row ? 1 : 0 }, shape: [3, 3])
      let (_, gradients) = valueWithGradient(at: operands) {
        (example.run($0, recurrentSequence)[1] * unit).sum()
      }
      for (jacobian, gradient) in zip(jacobians, gradients) {
        let rows = jacobian.reshaped([9, gradient.count])
        #expect(rows.narrowed(axis: 0, to: row..<(row + 1)).scalars == gradient.scalars)
      }
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
    #expect(fused.value.isClose(to: composed.value, within: 1e-9))
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

  @Test(arguments: RecurrentCellKind.allCases)
  func `records that are kept can be taken back again`(kind: RecurrentCellKind) {
    var generator = Generator(seed: 7)
    let example = Example(kind: kind, isReverse: false, lengths: [4, 2, 1], bias: true)
    let operands = example.operands(&generator)
    let weight = operands[operands.count - 3]
    func outputs(_ weight: Tensor<Double>) -> Tensor<Double> {
      var all = operands
      all[all.count - 3] = weight
      return example.run(all, recurrentSequence)[1].flattened()
    }
    // One pass for each output, over the same records.
    let rows = jacobian(at: weight, of: outputs)
    for index in 0..<rows.shape[0] {
      let alone = gradient(at: weight) { outputs($0).selected(axis: 0, at: index) }
      #expect(rows.selected(axis: 0, at: index) == alone)
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

  @Test(arguments: [1, 2, 5])
  func `results do not depend on the number of threads`(threads: Int) {
    var generator = Generator(seed: 3)
    let network = LSTM<Float>(
      inputSize: 16, hiddenSize: 64, layers: 2, isBidirectional: true, using: &generator)
    let x = Tensor<Float>.normal([40, 7, 16], using: &generator)
    func run() -> (Tensor<Float>, [Tensor<Float>]) {
      let (value, gradients) = valueWithGradient(at: network) { $0(x).outputs.sum() }
      return (value, network.parameters.map { gradients[$0.parameter as! Parameter<Float>]! })
    }
    let before = Threads.count
    let reference = run()
    Threads.count = threads
    defer { Threads.count = before }
    let other = run()
    #expect(reference.0 == other.0)
    #expect(reference.1 == other.1)
  }

  @Test func `what stands after a sequence's end changes nothing, be it NaN`() {
    var generator = Generator(seed: 4)
    let network = GRU<Double>(
      inputSize: 2, hiddenSize: 3, layers: 2, isBidirectional: true, using: &generator)
    let x = Tensor<Double>.normal([2, 3, 2], using: &generator)
    var padded = Tensor<Double>.concatenated([x, .zeros([2, 2, 2])], axis: 1)
    for t in 3..<5 { for i in 0..<2 { padded[0, t, i] = .nan } }
    padded[1, 3, 0] = .infinity
    let whole = network(x)
    let cut = network(padded, lengths: [3, 3])
    #expect(cut.outputs.narrowed(axis: 1, to: 0..<3) == whole.outputs)
    #expect(cut.outputs.narrowed(axis: 1, to: 3..<5) == .zeros([2, 2, 6]))
    #expect(cut.finalStates[1] == whole.finalStates[1])
    #expect(cut.reverseFinalStates[0] == whole.reverseFinalStates[0])
    let one = valueWithGradient(at: network) { $0(x).outputs.sum() }.gradients
    let other = valueWithGradient(at: network) {
      $0(padded, lengths: [3, 3]).outputs.sum()
    }.gradients
    for (name, parameter) in network.parameters {
      let box = parameter as! Parameter<Double>
      // Weight gradients sum over more rows, of which the further ones are zero.
      #expect(abs(one[box]! - other[box]!).max().scalar < 1e-13, "\(name)")
    }
  }

  /// A cell of a user: half of the old state, half of what comes in.
  private struct Leaky: RecurrentCell {
    typealias Scalar = Double
    let hiddenSize = 2
    @Parameter var gain = Tensor<Double>([0.5, 2])
    func initialState(batch: Int) -> Tensor<Double> { .zeros([batch, 2]) }
    func callAsFunction(_ x: Tensor<Double>, _ state: Tensor<Double>) -> Tensor<Double> {
      state * 0.5 + x * gain
    }
  }

  @Test func `a user's own cell runs in both directions and respects lengths`() {
    let network = Recurrent<Leaky>(inputSize: 2, isBidirectional: true) { _ in Leaky() }
    let x = Tensor<Double>([1, 1, 1, 1, 1, 1, 1, 1], shape: [2, 2, 2])
    let result = network(x, lengths: [2, 1])
    #expect(
      result.outputs.scalars == [0.5, 2, 0.75, 3, 0.75, 3, 0.5, 2, 0.5, 2, 0.5, 2, 0, 0, 0, 0])
    #expect(result.finalStates[0] == Tensor([[0.75, 3], [0.5, 2]]))
    #expect(result.reverseFinalStates[0] == Tensor([[0.75, 3], [0.5, 2]]))
  }
}
