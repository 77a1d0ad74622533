import Platform

extension Tape {
  /// What one call of `valueWithGradient` adds to its tape: the parameters that it has met, and
  /// whether it trains.
  package struct Scope {
    var leaves = Leaves()
    /// The parameters that the call differentiates at, the others being constants to it.
    private let parameters: Identities?
    package var mode: Mode
    /// Whether the call is for one example of a batch, whose gradient is to be its own.
    package var isOneExample: Bool
    /// Whether all parameters are noted, as they are for the calls around, and get no leaf.
    let collects: Bool
    /// The boxes of parameters that are only noted, in the order of `leaves`: nobody else need hold
    /// them.
    fileprivate(set) var collected: [AnyObject] = []
    /// For a call of `jacobianVectorProduct`: where its parameters move.
    var direction: (level: ForwardMode.Level, tangent: (AnyObject) -> UntypedTensor)?

    /// - Parameter parameters: those that are to be differentiated at.
    package init(
      mode: Mode, parameters: Identities? = nil, isOneExample: Bool = false
    ) {
      self.mode = mode
      self.parameters = parameters
      self.isOneExample = isOneExample
      collects = false
    }

    /// A scope that only notes which parameters are met.
    init(collectingIn mode: Mode) {
      self.mode = mode
      parameters = nil
      isOneExample = false
      collects = true
    }

    /// Whether the call differentiates at the parameter.
    func isParameter(_ box: AnyObject) -> Bool {
      parameters?.position(of: ObjectIdentifier(box)) != nil
    }

    /// Which of the parameters it is; nil if it takes no part.
    func position(of box: AnyObject) -> Int? {
      collects ? leaves.count : parameters?.position(of: ObjectIdentifier(box))
    }
  }

  /// Whether layers that behave differently in training, as dropout does, are to do so.
  package enum Mode {
    /// They are not.
    case evaluation
    /// They are, and draw from this generator.
    case training(Randomness)
    /// The call did not say.
    case unspecified
  }

  /// A generator that all layers of one call draw from, in the order in which they run.
  package final class Randomness {
    package var generator: Generator
    package init(_ generator: Generator) { self.generator = generator }
  }

  private static let bound = ThreadLocal()

  /// The tape that a call of `valueWithGradient` has bound on this thread.
  package static var current: Tape? {
    guard let address = bound.address else { return nil }
    return address.assumingMemoryBound(to: Tape.self).pointee
  }

  /// Runs the body with the tape bound on this thread: the one that is bound already, so that an
  /// inner gradient can be differentiated by an outer call, or else a new one, which ends with it.
  package static func withTape<Result, Failure: Error>(
    _ scope: consuming Scope, _ body: (_ tape: Tape, _ isInner: Bool) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if let tape = current {
      let wasReversing = tape.isReversing
      tape.isReversing = true
      if case .unspecified = scope.mode, let outer = tape.scopes.last { scope.mode = outer.mode }
      tape.scopes.append(scope)
      defer {
        tape.scopes.removeLast()
        tape.isReversing = wasReversing
      }
      return try body(tape.forward?.tape ?? tape, wasReversing)
    }
    var tape = Tape.begin()
    swap(&scope.leaves, &tape.state.pointee.leaves)
    tape.scopes.append(scope)
    if let observers = Observers.current {
      tape.observers = observers
      tape.updateWatch()
    }
    return try withUnsafeMutablePointer(to: &tape) { address throws(Failure) in
      bound.address = UnsafeMutableRawPointer(address)
      defer {
        bound.address = nil
        address.pointee.finish()
      }
      return try body(address.pointee, false)
    }
  }

  /// Whether a call that runs differentiates at a parameter.
  package func differentiates(at box: AnyObject) -> Bool {
    scopes.contains { $0.isParameter(box) }
  }

  /// The leaf that stands for a parameter in the innermost call; it joins when first met.
  package func leaf(of box: AnyObject, _ stored: consuming UntypedTensor) -> UntypedTensor {
    leaf(of: box, stored, scope: state.pointee.scopes.count - 1)
  }

  private func leaf(
    of box: AnyObject, _ stored: consuming UntypedTensor, scope depth: Int
  ) -> UntypedTensor {
    if depth < 0 { return stored }
    // The scope is looked at where it is: one that is taken out counts references.
    if let known = state.pointee.scopes[depth].leaves.leaf(of: box) { return known }
    var leaf = self.leaf(of: box, stored, scope: depth - 1)
    guard let position = state.pointee.scopes[depth].position(of: box) else { return leaf }
    if state.pointee.scopes[depth].collects {
      state.pointee.scopes[depth].collected.append(box)
    } else if let forward {
      if let direction = state.pointee.scopes[depth].direction {
        leaf = forward.leaf(leaf, along: direction.tangent(box), direction.level)
      } else {
        leaf = forward.tape.leaf(leaf)
      }
    } else {
      return state.pointee.scopes[depth].leaves.append(
        leafOf: leaf, on: self, of: box, at: position)
    }
    state.pointee.scopes[depth].leaves.append(leaf, of: box, at: position)
    return leaf
  }
}

/// Runs the body without recording: its results are constants to the gradient that is being taken.
public func withoutGradient<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  guard let tape = Tape.current else { return try body() }
  let wasReversing = tape.isReversing
  let levels = tape.forward?.active
  tape.isReversing = false
  tape.forward?.active = []
  defer {
    tape.isReversing = wasReversing
    if let levels { tape.forward?.active = levels }
  }
  return try body()
}
