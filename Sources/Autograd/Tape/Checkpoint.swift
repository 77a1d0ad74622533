/// Runs a segment of a computation without keeping what its operations save, and runs it once more
/// when its gradient is taken (Griewank and Walther, 2000; Chen et al., 2016): memory for time.
///
/// Nothing of the segment stays but its inputs and what it returns. The second run draws the same
/// random numbers, and parameters that the segment reads get their gradients. Segments may hold
/// segments, and gradients of gradients work. In forward mode, which keeps nothing anyway, and
/// where nothing is differentiated, the function just runs.
///
/// Cut a long chain of n steps into about √n segments, and memory falls to that of 2√n steps, for
/// one more run of the forward pass; `checkpointedScan` does so.
///
/// - Parameters:
///   - inputs: all that the segment depends on, but for parameters and constants. A tensor that is
///     being differentiated and is used without being named here ends the program with a sentence.
///   - function: any number of tensors of any shape; it must compute the same when it runs again.
public func checkpointed<Scalar: FloatingPointScalar>(
  _ inputs: [Tensor<Scalar>],
  _ function: @escaping ([Tensor<Scalar>]) -> [Tensor<Scalar>]
) -> [Tensor<Scalar>] {
  guard let tape = Tape.current, tape.forward == nil, tape.isReversing else {
    return function(inputs)
  }
  let segment = Segment(on: tape) { inputs in function(inputs.map { Tensor($0) }).map { $0.untyped }
  }
  return segment.run(inputs.map { $0.untyped }).map { Tensor($0) }
}

/// Runs a function from one tensor to one without keeping what its operations save, and once more
/// when its gradient is taken: `checkpointed(_:_:)` of a single input.
public func checkpointed<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, _ function: @escaping (Tensor<Scalar>) -> Tensor<Scalar>
) -> Tensor<Scalar> {
  checkpointed([x]) { [function($0[0])] }[0]
}

/// Runs a recurrence of many steps in segments that are each `checkpointed`.
///
/// - Parameters:
///   - steps: number of steps, n.
///   - initialState: before the first step, in any number of tensors.
///   - segments: about √n unless given.
///   - step: `(t, state)`: the state after step t, 0 ≤ t < n, with the shapes that it had before.
/// - Returns: the state after the last step.
public func checkpointedScan<Scalar: FloatingPointScalar>(
  steps: Int, initialState: [Tensor<Scalar>], segments: Int? = nil,
  step: @escaping (_ t: Int, _ state: [Tensor<Scalar>]) -> [Tensor<Scalar>]
) -> [Tensor<Scalar>] {
  expect(steps, atLeast: 0, "checkpointedScan", "steps")
  var state = initialState
  for range in segmentRanges(steps, segments) {
    state = checkpointed(state) { state in range.reduce(state) { step($1, $0) } }
  }
  return state
}

/// Equal pieces of a number of steps, about its square root in number unless given.
package func segmentRanges(_ steps: Int, _ segments: Int?) -> [Range<Int>] {
  if let segments, segments < 1 { trap("checkpointed: \(segments) segments") }
  let count = Swift.min(segments ?? Int(Double(steps).squareRoot().rounded(.up)), steps)
  return (0..<count).map { $0 * steps / count..<($0 + 1) * steps / count }
}

/// One checkpointed segment.
private final class Segment {
  private let tape: Tape
  private let function: ([UntypedTensor]) -> [UntypedTensor]
  private let mode: Tape.Mode
  /// The boxes of the parameters that the segment has read, and what they were then.
  private var parameters: [(box: AnyObject, value: UntypedTensor)] = []

  init(on tape: Tape, _ function: @escaping ([UntypedTensor]) -> [UntypedTensor]) {
    self.tape = tape
    self.function = function
    mode = (tape.scopes.last?.mode ?? .unspecified).saved
  }

  /// The first run, and its record.
  func run(_ inputs: [UntypedTensor]) -> [UntypedTensor] {
    // The layers' own mode, not the saved one: what comes after draws on from here.
    tape.scopes.append(Tape.Scope(collectingIn: tape.scopes.last?.mode ?? .unspecified))
    tape.isReversing = false
    let outputs = function(inputs.map { $0.detached })
    tape.isReversing = true
    let met = tape.scopes.removeLast()
    parameters = zip(met.collected, met.leaves.tensors).filter { $1.isOn(tape) }.map { ($0, $1) }
    let operands = inputs + parameters.map { $0.value }
    guard recording(operands) != nil else { return outputs }
    // Copies of the outputs: the function may return an input, or a tensor twice.
    let results = outputs.map { output in
      let output = output.detached
      return UntypedTensor(viewing: output, output.shape, output.strides)
    }
    if results.isEmpty { return [] }
    tape.record(
      "checkpoint", results, of: operands,
      by: .vectorJacobianProducts { [self] gradients, _ in takeBack(gradients, inputs) })
    return results
  }

  /// The second run, and the way back through it.
  private func takeBack(_ gradients: [UntypedTensor?], _ inputs: [UntypedTensor])
    -> [UntypedTensor?]
  {
    let isDifferentiable = tape.isReversing
    let start = tape.records.count
    let read = Identities(parameters.map { ObjectIdentifier($0.box) })
    tape.scopes.append(Tape.Scope(mode: mode.saved, parameters: read))
    tape.isReversing = true
    tape.rerunDepth += 1
    let leaves = inputs.map { tape.leaf($0) }
    let outputs = function(leaves)
    tape.rerunDepth -= 1
    let met = tape.scopes.removeLast()
    tape.checkSegment(from: start)
    tape.isReversing = isDifferentiable
    var seeds: [(value: UntypedTensor, gradient: UntypedTensor)] = []
    for (output, gradient) in zip(outputs, gradients) {
      if let gradient { seeds.append((output, gradient)) }
    }
    let boxes = parameters.map { met.leaves.leaf(of: $0.box) }
    let found = tape.gradients(
      of: seeds, at: (leaves + boxes.compactMap { $0 }).map { $0.index }, from: start,
      isDifferentiable: isDifferentiable)
    if !isDifferentiable { tape.drop(from: start) }
    var rest = found.dropFirst(leaves.count)
    return found.prefix(leaves.count) + boxes.map { $0 == nil ? nil : rest.removeFirst() }
  }
}

extension Tape.Mode {
  /// This mode with a generator of its own, in the state that it has now.
  fileprivate var saved: Tape.Mode {
    guard case .training(let randomness) = self else { return self }
    return .training(Tape.Randomness(randomness.generator))
  }
}

extension Tape {
  /// Ends the program where the second run of a checkpointed segment, whose records begin at
  /// `start`, has used a tensor from outside that has a gradient.
  fileprivate func checkSegment(from start: Int) {
    for record in records[start...] {
      // A leaf may well be that of a tensor from outside.
      if record.name.utf8Start == Self.identity.utf8Start { continue }
      var operands = [record.first, record.second, record.third]
      switch record.pullback {
      case .all(let places, _): operands = places.operands
      case .renewable(let renewal, _): operands = renewal.operands
      default: break
      }
      if operands.contains(where: { $0 >= 0 && $0 < start }) {
        trap(
          "checkpointed: \(record.name) uses a tensor that is being differentiated and is no input "
            + "of the segment; name it among the inputs")
      }
    }
  }
}
