package import Kernels

extension Compute {
  // MARK: One argument

  package static func unary(_ function: UnaryFunction, _ x: UntypedTensor) -> UntypedTensor {
    switch x.type {
    case .float: unary(Float.self, function, x)
    case .double: unary(Double.self, function, x)
    case .int32, .uint8: integers(function, x)
    case .bool: wrongType("\(function)", x.type)
    }
  }

  @inline(__always)
  private static func unary<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ function: UnaryFunction, _ x: UntypedTensor
  ) -> UntypedTensor {
    let x = contiguous(x)
    let result = UntypedTensor(like: x)
    let from = UnsafePointer<Scalar>(x.pointer(Scalar.self))
    let to = result.pointer(Scalar.self)
    let kernels = Scalar.kernels
    if x.count < elementwiseGrain {
      kernels.unary(function, from, to: to, count: x.count)
    } else {
      Threads.split(x.count, grain: elementwiseGrain) { range in
        kernels.unary(
          function, from + range.lowerBound, to: to + range.lowerBound, count: range.count)
      }
    }
    return result
  }

  // MARK: Two arguments

  package static func binary(_ function: BinaryFunction, _ a: UntypedTensor, _ b: UntypedTensor)
    -> UntypedTensor
  {
    switch a.type {
    case .float: binary(Float.self, function, a, b)
    case .double: binary(Double.self, function, a, b)
    case .int32: integers(Int32.self, function, a, b)
    case .uint8: integers(UInt8.self, function, a, b)
    case .bool: wrongType("\(function)", a.type)
    }
  }

  @inline(__always)
  private static func binary<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ function: BinaryFunction, _ a: UntypedTensor, _ b: UntypedTensor
  ) -> UntypedTensor {
    let kernels = Scalar.kernels
    if a.shape == b.shape, a.isContiguous, b.isContiguous, a.count < elementwiseGrain {
      let result = UntypedTensor(like: a)
      kernels.binary(
        function, a.pointer(Scalar.self), stride: 1, b.pointer(Scalar.self), stride: 1,
        to: result.pointer(Scalar.self), count: a.count)
      return result
    }
    return broadcast("\(function)", a, b, a.type) {
      offsetA, strideA, offsetB, strideB, result, at, count, a, b in
      kernels.binary(
        function, a.pointer(Scalar.self) + offsetA, stride: strideA,
        b.pointer(Scalar.self) + offsetB,
        stride: strideB, to: result.pointer(Scalar.self) + at, count: count)
    }
  }

  package static func compare(_ comparison: Comparison, _ a: UntypedTensor, _ b: UntypedTensor)
    -> UntypedTensor
  {
    switch a.type {
    case .float: compare(Float.self, comparison, a, b)
    case .double: compare(Double.self, comparison, a, b)
    case .int32: compare(integers: Int32.self, comparison, a, b)
    // A truth value is a byte of 0 or 1.
    case .uint8, .bool: compare(integers: UInt8.self, comparison, a, b)
    }
  }

  private static func compare<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ comparison: Comparison, _ a: UntypedTensor, _ b: UntypedTensor
  ) -> UntypedTensor {
    let kernels = Scalar.kernels
    return broadcast("\(comparison)", a, b, .bool) {
      offsetA, strideA, offsetB, strideB, result, at, count, a, b in
      kernels.compare(
        comparison, a.pointer(Scalar.self) + offsetA, stride: strideA,
        b.pointer(Scalar.self) + offsetB,
        stride: strideB, to: result.pointer(Bool.self) + at, count: count)
    }
  }

  /// A run of a broadcast loop: `(offsetA, strideA, offsetB, strideB, result, offset, count, a, b)`.
  typealias Run = (Int, Int, Int, Int, UntypedTensor, Int, Int, UntypedTensor, UntypedTensor) ->
    Void

  /// Runs a kernel that takes strides 0 and 1 over two tensors that broadcast.
  @inline(__always)
  static func broadcast(
    _ name: @autoclosure () -> String, _ a: UntypedTensor, _ b: UntypedTensor, _ type: ScalarType,
    _ body: Run
  ) -> UntypedTensor {
    guard let shape = a.shape.broadcast(with: b.shape) else { mismatch(name(), a, b) }
    let result = UntypedTensor(type, shape)
    if result.count == 0 { return result }
    var a = a
    var b = b
    while true {
      let strides: InlineArray<3, Strides> = [
        broadcastStrides(a, shape), broadcastStrides(b, shape), result.strides,
      ]
      let loop = StridedLoop<3>(shape, strides)
      let strideA = loop.strides[0][0]
      let strideB = loop.strides[1][0]
      if !(0...1).contains(strideA) || !(0...1).contains(strideB) {
        if !(0...1).contains(strideA) { a = copy(a) }
        if !(0...1).contains(strideB) { b = copy(b) }
        continue
      }
      let (x, y) = (a, b)
      if loop.outer == 1 {
        Threads.split(loop.inner, grain: elementwiseGrain) { range in
          body(
            range.lowerBound * strideA, strideA, range.lowerBound * strideB, strideB, result,
            range.lowerBound, range.count, x, y)
        }
      } else {
        let grain = Swift.max(elementwiseGrain / loop.inner, 1)
        Threads.split(loop.outer, grain: grain) { range in
          loop.run(range) { offsets in
            body(
              offsets[0], strideA, offsets[1], strideB, result, offsets[2], loop.inner, x, y)
          }
        }
      }
      return result
    }
  }

  static func mismatch(_ operation: String, _ a: UntypedTensor, _ b: UntypedTensor) -> Never {
    let offset = a.rank - b.rank
    for axis in (0..<a.rank).reversed() where axis - offset >= 0 {
      let (m, n) = (a.shape[axis], b.shape[axis - offset])
      if m != n && m != 1 && n != 1 {
        trap(
          "\(operation): \(a.shape) and \(b.shape) do not broadcast: \(m) and \(n) differ "
            + "at axis \(axis - a.rank)\(layerPath(a, b))")
      }
    }
    trap("\(operation): \(a.shape) and \(b.shape) do not broadcast\(layerPath(a, b))")
  }

  /// Where in the model an operation stands, as far as its operands' labels tell.
  package static func layerPath(_ operands: UntypedTensor?...) -> String {
    for operand in operands {
      guard let label = operand?.label else { continue }
      let path = label.split(separator: ".").dropLast().joined(separator: ".")
      return " (in \(path.isEmpty ? label : path))"
    }
    return ""
  }

  // MARK: With a number

  /// `x` and one number, the number on the right.
  package static func binary(_ function: BinaryFunction, _ x: UntypedTensor, _ number: Double)
    -> UntypedTensor
  {
    switch x.type {
    case .float: binary(Float.self, function, x, number, isLeft: false)
    case .double: binary(Double.self, function, x, number, isLeft: false)
    case .int32, .uint8: binary(function, x, filled(x.type, [], number))
    case .bool: wrongType("\(function)", x.type)
    }
  }

  /// One number and `x`, the number on the left.
  package static func binary(_ function: BinaryFunction, _ number: Double, _ x: UntypedTensor)
    -> UntypedTensor
  {
    switch x.type {
    case .float: binary(Float.self, function, x, number, isLeft: true)
    case .double: binary(Double.self, function, x, number, isLeft: true)
    case .int32, .uint8: binary(function, filled(x.type, [], number), x)
    case .bool: wrongType("\(function)", x.type)
    }
  }

  private static func binary<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ function: BinaryFunction, _ x: UntypedTensor, _ number: Double, isLeft: Bool
  ) -> UntypedTensor {
    let x = contiguous(x)
    let result = UntypedTensor(like: x)
    let from = UnsafePointer<Scalar>(x.pointer(Scalar.self))
    let to = result.pointer(Scalar.self)
    let kernels = Scalar.kernels
    Threads.split(x.count, grain: elementwiseGrain) { range in
      let part = from + range.lowerBound
      withUnsafePointer(to: Scalar(number)) { constant in
        if isLeft {
          kernels.binary(
            function, constant, stride: 0, part, stride: 1, to: to + range.lowerBound,
            count: range.count)
        } else {
          kernels.binary(
            function, part, stride: 1, constant, stride: 0, to: to + range.lowerBound,
            count: range.count)
        }
      }
    }
    return result
  }

  // MARK: Choice and conversion

  /// `condition ? a : b`, all three of the result's shape.
  package static func select(_ condition: UntypedTensor, _ a: UntypedTensor, _ b: UntypedTensor)
    -> UntypedTensor
  {
    let condition = contiguous(condition)
    let a = contiguous(a)
    let b = contiguous(b)
    let result = UntypedTensor(a.type, a.shape)
    func run<Word>(_: Word.Type) {
      let (mask, x, y) = (condition.pointer(Bool.self), a.pointer(Word.self), b.pointer(Word.self))
      let target = result.pointer(Word.self)
      for i in 0..<result.count { target[i] = mask[i] ? x[i] : y[i] }
    }
    a.type.word(run(UInt8.self), run(UInt32.self), run(UInt64.self))
    return result
  }

  // MARK: Truth values

  /// Where `x` is false.
  package static func not(_ x: UntypedTensor) -> UntypedTensor { combined(x, x) { x, _ in x ^ 1 } }

  /// Where both are true; both have the same shape.
  package static func and(_ a: UntypedTensor, _ b: UntypedTensor) -> UntypedTensor {
    combined(a, b) { $0 & $1 }
  }

  /// Where either is true; both have the same shape.
  package static func or(_ a: UntypedTensor, _ b: UntypedTensor) -> UntypedTensor {
    combined(a, b) { $0 | $1 }
  }

  /// The function sees true as 1 and false as 0: an operation on `Bool` is a branch for each.
  @inline(__always)
  private static func combined(
    _ a: UntypedTensor, _ b: UntypedTensor, _ function: (UInt8, UInt8) -> UInt8
  ) -> UntypedTensor {
    let (a, b) = (contiguous(a), contiguous(b))
    let result = UntypedTensor(.bool, a.shape)
    let (left, right) = (a.pointer(UInt8.self), b.pointer(UInt8.self))
    let to = result.pointer(UInt8.self)
    for i in 0..<result.count { to[i] = function(left[i], right[i]) }
    withExtendedLifetime((a, b)) {}
    return result
  }

  /// Whether all elements are equal; both have the same type and shape.
  package static func equal(_ a: UntypedTensor, _ b: UntypedTensor) -> Bool {
    let (a, b) = (contiguous(a), contiguous(b))
    func run<Scalar: Equatable>(_: Scalar.Type) -> Bool {
      let (left, right) = (a.pointer(Scalar.self), b.pointer(Scalar.self))
      for i in 0..<a.count where left[i] != right[i] { return false }
      return true
    }
    return withExtendedLifetime((a, b)) {
      switch a.type {
      case .float: run(Float.self)
      case .double: run(Double.self)
      case .int32: run(Int32.self)
      case .uint8, .bool: run(UInt8.self)
      }
    }
  }

  // MARK: In place

  /// `target += x`; both have the same shape, and nobody else sees `target`.
  package static func add(_ x: UntypedTensor, into target: UntypedTensor) {
    x.type.floatingPoint(
      "add", addScaled(Float.self, x, 1, target), addScaled(Double.self, x, 1, target))
  }

  private static func addScaled<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ x: UntypedTensor, _ factor: Double, _ target: UntypedTensor
  ) {
    let kernels = Scalar.kernels
    let factor = Scalar(factor)
    let to = target.pointer(Scalar.self)
    if x.isContiguous, x.count < elementwiseGrain {
      return kernels.addScaled(x.pointer(Scalar.self), by: factor, to: to, count: x.count)
    }
    let x = contiguous(x)
    let from = UnsafePointer<Scalar>(x.pointer(Scalar.self))
    Threads.split(x.count, grain: elementwiseGrain) { range in
      kernels.addScaled(
        from + range.lowerBound, by: factor, to: to + range.lowerBound, count: range.count)
    }
  }

  /// `target = function(target, x)` in place, for tensors of one shape; the target is contiguous.
  package static func apply(
    _ function: BinaryFunction, _ x: UntypedTensor, to target: UntypedTensor
  ) {
    let x = contiguous(x)
    apply(function, target, x, into: target)
    withExtendedLifetime(x) {}
  }

  /// `target = function(a, b)`, all contiguous and of one shape; the target may be `a` or `b`.
  package static func apply(
    _ function: BinaryFunction, _ a: UntypedTensor, _ b: UntypedTensor, into target: UntypedTensor
  ) {
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let kernels = Scalar.kernels
      let (left, right) = (a.pointer(Scalar.self), b.pointer(Scalar.self))
      let to = target.pointer(Scalar.self)
      Threads.split(target.count, grain: elementwiseGrain) { range in
        let start = range.lowerBound
        kernels.binary(
          function, left + start, stride: 1, right + start, stride: 1, to: to + start,
          count: range.count)
      }
    }
    target.type.floatingPoint("\(function)", run(Float.self), run(Double.self))
  }

  /// `target = function(target, number)` in place, for a contiguous target.
  package static func apply(_ function: BinaryFunction, _ number: Double, to target: UntypedTensor)
  {
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let kernels = Scalar.kernels
      let to = target.pointer(Scalar.self)
      Threads.split(target.count, grain: elementwiseGrain) { range in
        var number = Scalar(number)
        let start = range.lowerBound
        kernels.binary(
          function, to + start, stride: 1, &number, stride: 0, to: to + start, count: range.count)
      }
    }
    target.type.floatingPoint("\(function)", run(Float.self), run(Double.self))
  }

  /// `target = function(target)` in place, for a contiguous target.
  package static func apply(_ function: UnaryFunction, to target: UntypedTensor) {
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let kernels = Scalar.kernels
      let to = target.pointer(Scalar.self)
      Threads.split(target.count, grain: elementwiseGrain) { range in
        kernels.unary(
          function, to + range.lowerBound, to: to + range.lowerBound, count: range.count)
      }
    }
    target.type.floatingPoint("\(function)", run(Float.self), run(Double.self))
  }
}
