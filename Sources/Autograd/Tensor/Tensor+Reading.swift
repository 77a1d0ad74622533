// Plain numbers from a tensor, and into it. A number is a constant to every gradient, so none is
// read unseen from a tensor that is being recorded.

extension Tensor {
  /// All elements, in row-major order. Traps where the tensor is being recorded.
  public var scalars: [Scalar] {
    withUnsafeScalars("scalars") { Array($0) }
  }

  /// The only element; traps where there is not exactly one, and where the tensor is being recorded.
  public var scalar: Scalar {
    if count != 1 { trap("scalar: a tensor of shape \(shape) has \(count) elements, not one") }
    untyped.checkIsNotRecorded("scalar")
    return withExtendedLifetime(untyped) { untyped.pointer(Scalar.self).pointee }
  }

  /// Calls the body with the elements in row-major order. Traps where the tensor is being recorded.
  public func withUnsafeScalars<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafeScalars("withUnsafeScalars", body)
  }

  private func withUnsafeScalars<Result, Failure: Error>(
    _ name: StaticString, _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    untyped.checkIsNotRecorded(name)
    let value = Compute.contiguous(untyped)
    return try withExtendedLifetime(value) { () throws(Failure) in
      try body(UnsafeBufferPointer(start: value.pointer(Scalar.self), count: value.count))
    }
  }

  /// Calls the body with the elements in row-major order, to be changed. Copies them first where
  /// another tensor holds them too. Traps where the tensor is being recorded: assign to a part of it
  /// (`x[0] = y`), which is differentiated.
  public mutating func withUnsafeMutableScalars<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    untyped.checkIsNotRecorded("withUnsafeMutableScalars")
    makeUnique()
    return try body(
      UnsafeMutableBufferPointer(start: untyped.pointer(Scalar.self), count: untyped.count))
  }

  /// Copies the elements, unless nobody else holds them.
  mutating func makeUnique() {
    if isKnownUniquelyReferenced(&untyped) && untyped.owner == nil && untyped.index < 0 {
      return untyped.forgetLayout()
    }
    let label = untyped.label
    untyped = Compute.copy(untyped)
    untyped.label = label
  }

  /// The same numbers, not recorded: a constant to every gradient.
  public var detached: Tensor { Tensor(untyped.detached) }
}

extension UntypedTensor {
  /// Whether a gradient that is being taken depends on what is computed from this tensor: it is
  /// recorded, or has a tangent, and neither is switched off.
  package var isBeingRecorded: Bool {
    guard index >= 0, let tape, tape.isRecording else { return false }
    guard let forward = tape.forward else { return true }
    return forward.isReversing && isOn(forward.tape)
      || forward.active.contains { tangent(at: $0) != nil }
  }

  /// Ends the program where plain numbers are asked for that a gradient depends on.
  @inline(__always)
  package func checkIsNotRecorded(_ name: StaticString) {
    if index >= 0 { trapIfRecorded(name) }
  }

  @inline(never)
  private func trapIfRecorded(_ name: StaticString) {
    if !isBeingRecorded { return }
    if tape?.forward?.isTransposing == true {
      trap(
        "\(name): forward mode needs a pullback written in tensor operations, or a pushforward; this "
          + "one asks for plain numbers")
    }
    trap(
      "\(name): a gradient of this tensor of shape \(shape) is being taken\(Compute.layerPath(self)), "
        + "and its plain numbers would be constants to it: compute with tensors (`x[0]` is one), "
        + "or read `x.detached.\(name)` where a constant is meant")
  }
}

extension Tensor: Equatable {
  /// Same shape and equal elements; NaN is not equal to itself. A truth value has no gradient, so
  /// tensors that are being recorded are compared, too.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && Compute.equal(a.untyped, b.untyped)
  }
}
