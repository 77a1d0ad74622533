/// How an operation takes a gradient back, before it has a position on a tape; see `Tape.Pullback`.
enum Derivative {
  case unary((UntypedTensor) -> UntypedTensor)
  case binary((UntypedTensor, Int) -> UntypedTensor)
  case many(([UntypedTensor?], [Bool]) -> [UntypedTensor?])
  case renewable(() -> UntypedTensor, ([UntypedTensor?], [Bool]) -> [UntypedTensor?])
  case part((UntypedTensor) -> UntypedTensor, (UntypedTensor, UntypedTensor) -> Void)

  /// Gradients of the operands, nil for those that are not needed.
  func gradients(_ results: [UntypedTensor], needed: [Bool]) -> [UntypedTensor?] {
    switch self {
    case .many(let pullback), .renewable(_, let pullback): pullback(results, needed)
    default: needed.indices.map { needed[$0] ? gradient(results[0], $0) : nil }
    }
  }

  /// The gradient of one operand of an operation with one result.
  func gradient(_ result: UntypedTensor, _ operand: Int) -> UntypedTensor {
    switch self {
    case .unary(let pullback): return pullback(result)
    case .binary(let pullback): return pullback(result, operand)
    case .part(let whole, _): return whole(result)
    case .many, .renewable: trap("an operation of many operands is not its own transpose")
    }
  }
}

extension Tape {
  /// The long way of recording, which forward mode and observers need.
  @inline(never)
  func recordWatched(
    _ name: StaticString, _ results: @autoclosure () -> [UntypedTensor],
    _ operands: @autoclosure () -> [UntypedTensor], _ derivative: Derivative,
    _ rule: @autoclosure () -> TangentRule
  ) {
    checkThread(name)
    // What computes a tangent is often of no further interest.
    if let forward, forward.isIdle { return }
    let (results, operands) = (results(), operands())
    let target = forward?.tape ?? self
    let indices = operands.map { $0.isOn(target) ? $0.index : -1 }
    var index: Int?
    if target.isReversing, indices.contains(where: { $0 >= 0 }) {
      index = target.records.count
      target.append(name, results, operands, indices, derivative)
    }
    forward?.push(results, operands, derivative, rule())
    // What is computed for a transpose may well be infinite where it does not matter.
    if forward?.isTransposing == true { return }
    target.observers?.computed(name, results, operands, on: target, at: index)
  }

  private func append(
    _ name: StaticString, _ results: [UntypedTensor], _ operands: [UntypedTensor],
    _ indices: [Int32],
    _ derivative: Derivative
  ) {
    func record(_ pullback: Pullback, _ first: Int32 = -1, _ second: Int32 = -1) -> Record {
      Record(name: name, first: first, second: second, pullback: pullback)
    }
    switch derivative {
    case .unary(let pullback): append(record(.unary(pullback), indices[0]), results[0])
    case .binary(let pullback):
      var body = record(.binary(pullback), indices[0], indices[1])
      if indices.count > 2 { body.third = indices[2] }
      append(body, results[0])
    case .part(let whole, let add):
      append(record(.part(shape: operands[0].shape, whole, add), indices[0]), results[0])
    case .renewable(let renewal, let pullback) where forward == nil:
      append(name, results[0], indices, renewal, pullback)
    // What is computed once more would be without its tangents.
    case .many(let pullback), .renewable(_, let pullback):
      append(name, results, indices, pullback)
    }
  }

  // MARK: Operations that know their tangents

  /// Appends the record of an operation whose pullback is its own transpose, as that of a function
  /// of single elements is.
  @inline(__always)
  package func record(
    selfAdjoint name: StaticString, _ result: UntypedTensor, _ x: UntypedTensor,
    _ pullback: consuming @escaping (UntypedTensor) -> UntypedTensor
  ) {
    if isWatched { return recordWatched(name, [result], [x], .unary(pullback), .selfAdjoint) }
    append(Record(name: name, first: x.index, second: -1, pullback: .unary(pullback)), result)
  }

  /// Appends the record of an operation of two operands whose pullback is its own transpose; either
  /// operand may be expanded to the result's shape.
  @inline(__always)
  package func record(
    selfAdjoint name: StaticString, _ result: UntypedTensor, _ a: UntypedTensor, _ b: UntypedTensor,
    _ pullback: consuming @escaping (UntypedTensor, Int) -> UntypedTensor
  ) {
    if isWatched {
      return recordWatched(name, [result], [a, b], .binary(pullback), .selfAdjoint)
    }
    append(a, b, name, result, .binary(pullback))
  }

  /// Appends the record of an operation of two operands whose pullback is its own transpose and
  /// captures nothing: what it needs of two values is saved with the record, which takes no
  /// allocation.
  @inline(__always)
  package func record(
    selfAdjoint name: StaticString, _ result: UntypedTensor, _ a: UntypedTensor, _ b: UntypedTensor,
    saving first: consuming Kept, _ second: UntypedTensor, _ rule: @escaping SavingRule
  ) {
    if isWatched {
      return recordWatched(
        name, [result], [a, b], .binary { [first] in rule($0, $1, first, second) }, .selfAdjoint)
    }
    append(a, b, name, result, .saving(first, second, rule))
  }

  /// Appends the record of a linear operation; `function` is the operation itself.
  @inline(__always)
  package func record(
    _ name: StaticString, _ result: UntypedTensor, _ x: UntypedTensor,
    linear function: (UntypedTensor) -> UntypedTensor,
    _ pullback: consuming @escaping (UntypedTensor) -> UntypedTensor
  ) {
    if isWatched {
      let derivative = Derivative.unary(pullback)
      return withoutActuallyEscaping(function) {
        recordWatched(name, [result], [x], derivative, .linear($0))
      }
    }
    append(Record(name: name, first: x.index, second: -1, pullback: .unary(pullback)), result)
  }

  /// Appends the record of an operation with a rule for its tangent: given those of the operands,
  /// nil standing for zeros.
  @inline(__always)
  package func record(
    _ name: StaticString, _ result: UntypedTensor, _ a: UntypedTensor, _ b: UntypedTensor,
    tangent: (UntypedTensor?, UntypedTensor?) -> UntypedTensor?,
    _ pullback: consuming @escaping (UntypedTensor, Int) -> UntypedTensor
  ) {
    if isWatched {
      let derivative = Derivative.binary(pullback)
      return withoutActuallyEscaping(tangent) { tangent in
        recordWatched(
          name, [result], [a, b], derivative, .direct { [tangent($0[0], $0[1])] })
      }
    }
    append(a, b, name, result, .binary(pullback))
  }

  /// Appends the record of an operation of three operands, of which the last may be lacking, with a
  /// rule for its tangent and a pullback that captures nothing.
  @inline(__always)
  package func record(
    _ name: StaticString, _ result: UntypedTensor, _ a: UntypedTensor, _ b: UntypedTensor,
    _ c: UntypedTensor?,
    tangent: (UntypedTensor?, UntypedTensor?, UntypedTensor?) -> UntypedTensor?,
    saving first: consuming Kept, _ second: UntypedTensor, _ rule: @escaping SavingRule
  ) {
    if isWatched {
      let derivative = Derivative.binary { [first] in rule($0, $1, first, second) }
      return withoutActuallyEscaping(tangent) { tangent in
        recordWatched(
          name, [result], c.map { [a, b, $0] } ?? [a, b], derivative,
          .direct { [tangent($0[0], $0[1], $0.count > 2 ? $0[2] : nil)] })
      }
    }
    append(
      Record(
        name: name, first: index(of: a), second: index(of: b), third: index(of: c),
        pullback: .saving(first, second, rule)), result)
  }

  /// Appends the record of an operation of any number of results, and of operands of which some may
  /// be lacking, with a rule for its tangents. An operand that is lacking keeps its position in the
  /// lists of tangents, of gradients and of what is needed.
  ///
  /// - Parameter indices: where the operands stand (`index(of:)`); they are listed themselves only
  ///   where that takes the long way.
  @inline(__always)
  package func record(
    _ name: StaticString, results: [UntypedTensor], operands: @autoclosure () -> [UntypedTensor?],
    at indices: consuming [Int32],
    tangents: ([UntypedTensor?]) -> [UntypedTensor?],
    _ pullback: consuming @escaping ([UntypedTensor?], [Bool]) -> [UntypedTensor?]
  ) {
    if isWatched {
      return recordWatched(name, results, present: operands(), tangents: tangents, pullback)
    }
    append(name, results, consume indices, consume pullback)
  }

  /// The long way for the operands that are there.
  func recordWatched(
    _ name: StaticString, _ results: [UntypedTensor], present operands: [UntypedTensor?],
    tangents: ([UntypedTensor?]) -> [UntypedTensor?], renewal: (() -> UntypedTensor)? = nil,
    _ pullback: @escaping ([UntypedTensor?], [Bool]) -> [UntypedTensor?]
  ) {
    let places = operands.indices.filter { operands[$0] != nil }
    func spread<Element>(_ list: [Element], over lacking: Element) -> [Element] {
      var all = [Element](repeating: lacking, count: operands.count)
      for (place, element) in zip(places, list) { all[place] = element }
      return all
    }
    let derivative: ([UntypedTensor?], [Bool]) -> [UntypedTensor?] = { gradients, needed in
      let all = pullback(gradients, spread(needed, over: false))
      return places.map { all[$0] }
    }
    withoutActuallyEscaping(tangents) { tangents in
      recordWatched(
        name, results, operands.compactMap { $0 },
        renewal.map { .renewable($0, derivative) } ?? .many(derivative),
        .direct { tangents(spread($0, over: nil)) })
    }
  }

  /// Appends the record of an operation of any number of operands and results, with a rule for its
  /// tangents.
  @inline(__always)
  package func record(
    _ name: StaticString, results: [UntypedTensor], operands: [UntypedTensor],
    tangents: ([UntypedTensor?]) -> [UntypedTensor?],
    _ pullback: consuming @escaping ([UntypedTensor?], [Bool]) -> [UntypedTensor?]
  ) {
    if isWatched {
      let derivative = Derivative.many(pullback)
      return withoutActuallyEscaping(tangents) {
        recordWatched(name, results, operands, derivative, .direct($0))
      }
    }
    record(name, results: results, operands: operands, pullback)
  }
}

/// The sum of two tangents, nil standing for zeros.
package func sumOfTangents(_ a: UntypedTensor?, _ b: UntypedTensor?) -> UntypedTensor? {
  guard let a, let b else { return a ?? b }
  return a + b
}
