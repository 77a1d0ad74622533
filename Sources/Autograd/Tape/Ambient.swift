#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Tape {
  /// What one call of `valueWithGradient` adds to its tape: the parameters that it has met, and
  /// whether it trains.
  package final class Scope {
    /// A parameter's box and the leaf that stands for it.
    package struct Leaf {
      /// The box, which who decides on `contains` holds.
      package let box: ObjectIdentifier
      package let leaf: Value
    }

    /// In the order in which they were met. Models have tens or hundreds of parameters, which are
    /// found by looking at each more quickly than by hashing.
    package private(set) var leaves: [Leaf] = []
    /// Whether a parameter is one of those that the call differentiates at; the others are
    /// constants to it.
    let contains: (AnyObject) -> Bool
    package var mode: Mode
    /// Whether the call is for one example of a batch, whose gradient is to be its own.
    package var isOneExample = false
    /// Whether parameters are only noted, as they are for the calls around, and get no leaf.
    var collectsOnly = false
    /// The boxes of parameters that are only noted, in the order of `leaves`: nobody else need hold
    /// them.
    private(set) var collected: [AnyObject] = []
    /// For a call of `jacobianVectorProduct`: where its parameters move.
    var direction: (level: ForwardMode.Level, tangent: (AnyObject) -> Value)?

    /// - Parameter count: how many parameters there are to be met.
    package init(
      mode: Mode, count: Int = 0, contains: @escaping (AnyObject) -> Bool = { _ in false }
    ) {
      self.mode = mode
      self.contains = contains
      leaves.reserveCapacity(count)
    }

    /// The leaf of a parameter that has been met.
    @inline(__always)
    func leaf(of box: AnyObject) -> Value? {
      let identity = ObjectIdentifier(box)
      var index = 0
      while index < leaves.count {
        if leaves[index].box == identity { return leaves[index].leaf }
        index &+= 1
      }
      return nil
    }

    /// The leaf of a parameter in this call, the `depth`th around the tape; it joins when first met.
    fileprivate func leaf(
      of box: AnyObject, _ stored: consuming Value, on tape: Tape, depth: Int
    ) -> Value {
      if let known = leaf(of: box) { return known }
      var leaf = tape.leaf(of: box, stored, scope: depth - 1)
      guard contains(box) else { return leaf }
      if collectsOnly {
        collected.append(box)
      } else if let direction, let forward = tape.forward {
        leaf = forward.leaf(leaf, along: direction.tangent(box), direction.level)
      } else {
        leaf = (tape.forward?.tape ?? tape).leaf(leaf)
      }
      leaves.append(Leaf(box: ObjectIdentifier(box), leaf: leaf))
      return leaf
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

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// The tape that a call of `valueWithGradient` has bound on this thread.
  package static var current: Tape? {
    guard let address = pthread_getspecific(key) else { return nil }
    return address.assumingMemoryBound(to: Tape.self).pointee
  }

  /// Runs the body with the tape bound on this thread: the one that is bound already, so that an
  /// inner gradient can be differentiated by an outer call, or else a new one, which ends with it.
  package static func withTape<Result, Failure: Error>(
    _ scope: Scope, _ body: (_ tape: Tape, _ isInner: Bool) throws(Failure) -> Result
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
    tape.scopes.append(scope)
    if let observers = Observers.current {
      tape.observers = observers
      tape.updateWatch()
    }
    return try withUnsafeMutablePointer(to: &tape) { address throws(Failure) in
      pthread_setspecific(key, address)
      defer {
        pthread_setspecific(key, nil)
        address.pointee.finish()
      }
      return try body(address.pointee, false)
    }
  }

  /// The leaf that stands for a parameter in the innermost call; it joins when first met.
  package func leaf(of box: AnyObject, _ stored: consuming Value) -> Value {
    leaf(of: box, stored, scope: state.pointee.scopes.count - 1)
  }

  fileprivate func leaf(
    of box: AnyObject, _ stored: consuming Value, scope depth: Int
  ) -> Value {
    if depth < 0 { return stored }
    return state.pointee.scopes[depth].leaf(of: box, stored, on: self, depth: depth)
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
