import Kernels

// Arithmetic of whole numbers, which wrap around where a result does not fit. Loops over single
// elements: a compiler that knows the operation takes several at a time.

extension Compute {
  /// What is done with each pair of elements.
  private enum IntegerFunction: String {
    case add, subtract, multiply, divide, remainder, maximum, minimum
  }

  static func integers<Scalar: IntegerScalar>(
    _: Scalar.Type, _ function: BinaryFunction, _ a: UntypedTensor, _ b: UntypedTensor
  ) -> UntypedTensor {
    switch function {
    case .add: combined(Scalar.self, .add, a, b)
    case .subtract: combined(Scalar.self, .subtract, a, b)
    case .multiply: combined(Scalar.self, .multiply, a, b)
    case .divide: combined(Scalar.self, .divide, a, b)
    case .maximum: combined(Scalar.self, .maximum, a, b)
    case .minimum: combined(Scalar.self, .minimum, a, b)
    case .weigh, .power, .tanhGradient, .sigmoidGradient, .reluGradient:
      wrongType("\(function)", a.type)
    }
  }

  /// Remainders, with the sign of the dividend.
  static func remainder(_ a: UntypedTensor, _ b: UntypedTensor) -> UntypedTensor {
    a.type.integer(
      "remainder", combined(Int32.self, .remainder, a, b), combined(UInt8.self, .remainder, a, b))
  }

  @inline(__always)
  private static func combined<Scalar: IntegerScalar>(
    _: Scalar.Type, _ function: IntegerFunction, _ a: UntypedTensor, _ b: UntypedTensor
  ) -> UntypedTensor {
    func run(_ combine: (Scalar, Scalar) -> Scalar) -> UntypedTensor {
      pairs(function.rawValue, a, b, Scalar.scalarType, combine)
    }
    func checked(_ divisor: Scalar) -> Scalar {
      if divisor == 0 {
        trap("\(function.rawValue): a whole number divided by zero\(layerPath(a, b))")
      }
      return divisor
    }
    return switch function {
    case .add: run { $0 &+ $1 }
    case .subtract: run { $0 &- $1 }
    case .multiply: run { $0 &* $1 }
    case .divide: run { $0.dividedReportingOverflow(by: checked($1)).partialValue }
    case .remainder: run { $0.remainderReportingOverflow(dividingBy: checked($1)).partialValue }
    case .maximum: run { $0 < $1 ? $1 : $0 }
    case .minimum: run { $1 < $0 ? $1 : $0 }
    }
  }

  static func compare<Scalar: IntegerScalar>(
    integers _: Scalar.Type, _ comparison: Comparison, _ a: UntypedTensor, _ b: UntypedTensor
  ) -> UntypedTensor {
    func run(_ holds: (Scalar, Scalar) -> Bool) -> UntypedTensor {
      pairs("\(comparison)", a, b, .bool, holds)
    }
    return switch comparison {
    case .equal: run { $0 == $1 }
    case .notEqual: run { $0 != $1 }
    case .less: run { $0 < $1 }
    case .lessOrEqual: run { $0 <= $1 }
    case .greater: run { $0 > $1 }
    case .greaterOrEqual: run { $0 >= $1 }
    }
  }

  /// A function of each pair of elements of two tensors that broadcast.
  @inline(__always)
  private static func pairs<From, To>(
    _ name: @autoclosure () -> String, _ a: UntypedTensor, _ b: UntypedTensor, _ type: ScalarType,
    _ combine: (From, From) -> To
  ) -> UntypedTensor {
    broadcast(name(), a, b, type) {
      offsetA, strideA, offsetB, strideB, result, at, count, a, b in
      let (left, right) = (a.pointer(From.self) + offsetA, b.pointer(From.self) + offsetB)
      let to = result.pointer(To.self) + at
      if strideA == 1 && strideB == 1 {
        for i in 0..<count { to[i] = combine(left[i], right[i]) }
      } else {
        for i in 0..<count { to[i] = combine(left[i &* strideA], right[i &* strideB]) }
      }
    }
  }

  /// The functions of one element that whole numbers have too.
  static func integers(_ function: UnaryFunction, _ x: UntypedTensor) -> UntypedTensor {
    let zero = filled(x.type, [], 0)
    switch function {
    case .negate: return binary(.subtract, zero, x)
    case .absolute: return x.type == .uint8 ? x : binary(.maximum, x, binary(.subtract, zero, x))
    default: wrongType("\(function)", x.type)
    }
  }

  // MARK: Conversion

  /// The same numbers as another scalar type; to whole numbers towards zero.
  package static func converted(_ x: UntypedTensor, to type: ScalarType) -> UntypedTensor {
    let x = contiguous(x)
    let result = UntypedTensor(type, x.shape)
    // One loop for each pair of types, without a choice in it.
    @inline(__always)
    func write<From, To>(_ convert: (From) -> To) {
      let (from, to) = (x.pointer(From.self), result.pointer(To.self))
      for i in 0..<x.count { to[i] = convert(from[i]) }
    }
    @inline(__always)
    func read<From: TensorScalar>(_: From.Type, _ number: (From) -> Double) {
      switch type {
      case .float: write { (from: From) in Float(number(from)) }
      case .double: write { (from: From) in number(from) }
      case .int32: write { (from: From) in whole(number(from), Int32.self) }
      case .uint8: write { (from: From) in whole(number(from), UInt8.self) }
      case .bool: write { (from: From) in number(from) != 0 }
      }
    }
    switch x.type {
    case .float: read(Float.self) { Double($0) }
    case .double: read(Double.self) { $0 }
    case .int32: read(Int32.self) { Double($0) }
    case .uint8: read(UInt8.self) { Double($0) }
    case .bool: read(Bool.self) { $0 ? 1 : 0 }
    }
    withExtendedLifetime(x) {}
    return result
  }

  @inline(__always)
  private static func whole<Whole: IntegerScalar>(_ number: Double, _: Whole.Type) -> Whole {
    let rounded = number.rounded(.towardZero)
    // Also false for NaN.
    if rounded >= Double(Whole.min) && rounded <= Double(Whole.max) { return Whole(rounded) }
    trap("converted: \(number) is no \(Whole.scalarType)")
  }
}
