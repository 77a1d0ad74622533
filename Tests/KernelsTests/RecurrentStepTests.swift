import Foundation
import Kernels
import Testing

/// The arithmetic of the recurrent cells' steps against their formulas in `Float80`; derivatives are
/// tested where the layers are, by finite differences.
@Suite struct RecurrentStepTests {
  /// Extents around the widths of all vectors.
  static let sizes = [1, 3, 4, 8, 15, 16, 17, 33]
  private static let rows = 5

  private func sigmoid(_ x: Float80) -> Float80 { 1 / (1 + exp(-x)) }

  /// Gates of all sizes: open, shut, and far beyond what an exponential can hold.
  private func gates<Scalar: TestedScalar>(_ count: Int, _ numbers: inout Numbers) -> [Scalar] {
    let usual: [Scalar] = numbers.uniform(count, -8, 8)
    let edges: [Scalar] = [-2000, -700, -120, -86.5, -40, 40, 86.5, 120, 700, 2000]
    return usual.indices.map { $0 % 7 == 0 ? edges[$0 / 7 % edges.count] : usual[$0] }
  }

  /// A few units in the last place of the terms, whose sum may cancel.
  private func expectClose<Scalar: TestedScalar>(
    _ result: Scalar, _ exact: Float80, terms: Float80
  ) {
    let bound = 8 * Float80(Scalar.ulpOfOne) * terms + Float80(Scalar.leastNormalMagnitude) * 4
    #expect((Float80(result) - exact).magnitude <= bound)
  }

  private func checkLSTM<Scalar: TestedScalar>(_: Scalar.Type, _ size: Int, _ machine: Machine) {
    var numbers = Numbers(31)
    let count = Self.rows * size
    let before: [Scalar] = gates(4 * count, &numbers)
    let previous: [Scalar] = numbers.uniform(count, -3, 3)
    var after = before
    var previousCell = previous
    var previousHidden = [Scalar](repeating: 0, count: count)
    var (cell, hidden, squashed) = (previousHidden, previousHidden, previousHidden)
    step(
      .lstm, size, machine, &after, nil, &previousHidden, &hidden, &previousCell, &cell, &squashed)
    for row in 0..<Self.rows {
      for i in 0..<size {
        let place = row * size + i
        func gate(_ block: Int) -> (x: Float80, after: Scalar) {
          let index = row * 4 * size + block * size + i
          return (Float80(before[index]), after[index])
        }
        let (input, forget) = (sigmoid(gate(0).x), sigmoid(gate(1).x))
        let (candidate, output) = (tanh(gate(2).x), sigmoid(gate(3).x))
        let old = forget * Float80(previous[place])
        let new = input * candidate
        expectClose(gate(0).after, input, terms: input)
        expectClose(gate(1).after, forget, terms: forget)
        expectClose(gate(2).after, candidate, terms: candidate.magnitude)
        expectClose(gate(3).after, output, terms: output)
        let terms = old.magnitude + new.magnitude
        expectClose(cell[place], old + new, terms: terms)
        expectClose(hidden[place], output * tanh(old + new), terms: output * min(terms, 1))
        expectClose(squashed[place], tanh(old + new), terms: min(terms, 1))
      }
    }
  }

  @Test(arguments: sizes, Machine.all)
  func `an LSTM's step follows its formulas`(size: Int, machine: Machine) {
    checkLSTM(Float.self, size, machine)
    checkLSTM(Double.self, size, machine)
  }

  private func checkGRU<Scalar: TestedScalar>(_: Scalar.Type, _ size: Int, _ machine: Machine) {
    var numbers = Numbers(32)
    let count = Self.rows * size
    let before: [Scalar] = gates(3 * count, &numbers)
    let fromState: [Scalar] = numbers.uniform(3 * count, -2, 2)
    let previous: [Scalar] = numbers.uniform(count, -1, 1)
    var (after, hiddenGates, previousHidden) = (before, fromState, previous)
    var hidden = [Scalar](repeating: 0, count: count)
    step(.gru, size, machine, &after, &hiddenGates, &previousHidden, &hidden, nil, nil)
    for row in 0..<Self.rows {
      for i in 0..<size {
        let place = row * size + i
        let index = row * 3 * size + i
        func sum(_ block: Int) -> Float80 {
          Float80(before[index + block * size] + fromState[index + block * size])
        }
        let (reset, update) = (sigmoid(sum(0)), sigmoid(sum(1)))
        let candidate = Float80(fromState[index + 2 * size])
        let inner = reset * candidate + Float80(before[index + 2 * size])
        // What the sum has lost by cancellation is no error of the tanh.
        let slack = reset * candidate.magnitude + Float80(before[index + 2 * size].magnitude)
        let new = tanh(inner)
        let old = Float80(previous[place])
        expectClose(after[index], reset, terms: reset)
        expectClose(after[index + size], update, terms: update)
        #expect(after[index + 2 * size] == fromState[index + 2 * size])
        expectClose(
          hidden[place], new + update * (old - new),
          terms: 1 + (1 - new * new) * slack)
      }
    }
  }

  @Test(arguments: sizes, Machine.all)
  func `a GRU's step follows its formulas`(size: Int, machine: Machine) {
    checkGRU(Float.self, size, machine)
    checkGRU(Double.self, size, machine)
  }

  @Test(arguments: Machine.all)
  func `a gate that is not a number stays so`(machine: Machine) {
    for payload in [0, 1, 0x1234] as [UInt16] {
      for size in [1, 16, 19] {
        let nan = Float.notANumber(payload: payload)
        var gates = [Float](repeating: nan, count: 4 * Self.rows * size)
        var states = [Float](repeating: 0.5, count: Self.rows * size)
        var (hidden, cells, cell) = (states, states, states)
        step(.lstm, size, machine, &gates, nil, &states, &hidden, &cells, &cell)
        for results in [gates, hidden, cell] { #expect(results.allSatisfy { $0.isNaN }) }
      }
    }
  }

  private func step<Scalar: TestedScalar>(
    _ kind: RecurrentCellKind, _ size: Int, _ machine: Machine,
    _ gates: UnsafeMutablePointer<Scalar>, _ hiddenGates: UnsafeMutablePointer<Scalar>?,
    _ previousHidden: UnsafeMutablePointer<Scalar>, _ hidden: UnsafeMutablePointer<Scalar>,
    _ previousCell: UnsafeMutablePointer<Scalar>?, _ cell: UnsafeMutablePointer<Scalar>?,
    _ squashed: UnsafeMutablePointer<Scalar>? = nil
  ) {
    let step = RecurrentStep(
      rows: Self.rows, size: size, gates: gates, hiddenGates: hiddenGates,
      previousHidden: previousHidden, hidden: hidden, previousCell: previousCell, cell: cell,
      squashed: squashed)
    // A product of no depth, added: what the gates get from the state is there already.
    let product = MatrixProduct(
      m: Self.rows, n: kind.gateCount * size, k: 0, a: UnsafePointer(previousHidden), aRow: size,
      aColumn: 1, b: UnsafePointer(gates), bRow: 1, bColumn: 1, c: gates,
      cRow: kind.gateCount * size, accumulate: true)
    Scalar.table(machine).recurrentSteps(
      kind,
      RecurrentSteps(count: 1, step: step, product: product, strides: RecurrentStrides()))
  }
}
