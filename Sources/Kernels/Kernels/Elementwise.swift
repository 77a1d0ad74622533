/// Elementwise loops.
extension InstructionSet {
  // MARK: Loops

  /// `result[i] = f(x[i])` for functions of a few instructions: four vectors at a time, what is
  /// left one by one.
  @inlinable @inline(__always)
  static func mapShort(
    _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>, _ count: Int,
    _ f: (Vector) -> Vector
  ) {
    var i = 0
    while i &+ 4 &* width <= count {
      let a = load(x + i)
      let b = load(x + (i &+ width))
      let c = load(x + (i &+ 2 &* width))
      let d = load(x + (i &+ 3 &* width))
      store(f(a), result + i)
      store(f(b), result + (i &+ width))
      store(f(c), result + (i &+ 2 &* width))
      store(f(d), result + (i &+ 3 &* width))
      i &+= 4 &* width
    }
    while i &+ width <= count {
      store(f(load(x + i)), result + i)
      i &+= width
    }
    while i < count {
      result[i] = f(splat(x[i]))[0]
      i &+= 1
    }
  }

  /// `result[i] = f(x[i])` for functions of many instructions: what is left over shares a vector.
  @inlinable @inline(__always)
  static func mapLong(
    _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>, _ count: Int,
    _ f: (Vector) -> Vector
  ) {
    var i = 0
    while i &+ width <= count {
      store(f(load(x + i)), result + i)
      i &+= width
    }
    if i < count {
      store(f(load(x + i, first: count &- i)), result + i, first: count &- i)
    }
  }

  /// `result[i] = f(a[i], b[i])`, strides 1 or 0.
  @inlinable @inline(__always)
  static func map2(
    _ a: UnsafePointer<Scalar>, _ strideA: Int, _ b: UnsafePointer<Scalar>, _ strideB: Int,
    _ result: UnsafeMutablePointer<Scalar>, _ count: Int, _ f: (Vector, Vector) -> Vector
  ) {
    if strideA != 0 && strideB != 0 {
      var i = 0
      while i &+ 2 &* width <= count {
        let first = f(load(a + i), load(b + i))
        let second = f(load(a + (i &+ width)), load(b + (i &+ width)))
        store(first, result + i)
        store(second, result + (i &+ width))
        i &+= 2 &* width
      }
      while i < count {
        result[i] = f(splat(a[i]), splat(b[i]))[0]
        i &+= 1
      }
    } else if count > 0 {
      let number = strideA == 0 ? splat(a[0]) : splat(b[0])
      if strideA != 0 {
        mapShort(a, result, count) { f($0, number) }
      } else if strideB != 0 {
        mapShort(b, result, count) { f(number, $0) }
      } else {
        let value = f(number, splat(b[0]))[0]
        result.update(repeating: value, count: count)
      }
    }
  }

  // MARK: Kernels

  /// `KernelTable.unary`.
  @inlinable
  public static func unary(
    _ function: UnaryFunction, _ x: UnsafePointer<Scalar>,
    _ result: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    switch function {
    case .negate: mapShort(x, result, count) { negated($0) }
    case .absolute: mapShort(x, result, count) { absolute($0) }
    case .sign:
      mapShort(x, result, count) { x in
        select(less(zero, x), splat(1), select(less(x, zero), splat(-1), x))
      }
    case .square: mapShort(x, result, count) { $0 * $0 }
    case .squareRoot: mapLong(x, result, count) { squareRoot($0) }
    case .reciprocalSquareRoot: mapLong(x, result, count) { splat(1) / squareRoot($0) }
    case .reciprocal: mapLong(x, result, count) { splat(1) / $0 }
    case .floor: mapShort(x, result, count) { floor($0) }
    case .ceiling: mapShort(x, result, count) { ceiling($0) }
    case .rounded: mapShort(x, result, count) { rounded($0) }
    case .exp: mapLong(x, result, count) { exp($0) }
    case .expm1: mapLong(x, result, count) { expm1($0) }
    case .log: mapLong(x, result, count) { log($0) }
    case .log1p: mapLong(x, result, count) { log1p($0) }
    case .sin: mapLong(x, result, count) { sin($0) }
    case .cos: mapLong(x, result, count) { cos($0) }
    case .tanh: mapLong(x, result, count) { tanh($0) }
    case .sigmoid: mapLong(x, result, count) { sigmoid($0) }
    case .erf: mapLong(x, result, count) { erf($0) }
    case .relu: mapShort(x, result, count) { max(zero, $0) }
    }
  }

  /// `KernelTable.binary`.
  @inlinable
  public static func binary(
    _ function: BinaryFunction, _ a: UnsafePointer<Scalar>, _ strideA: Int,
    _ b: UnsafePointer<Scalar>, _ strideB: Int,
    _ result: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    switch function {
    case .add: map2(a, strideA, b, strideB, result, count) { $0 + $1 }
    case .subtract: map2(a, strideA, b, strideB, result, count) { $0 - $1 }
    case .multiply: map2(a, strideA, b, strideB, result, count) { $0 * $1 }
    case .divide: map2(a, strideA, b, strideB, result, count) { $0 / $1 }
    case .maximum: map2(a, strideA, b, strideB, result, count) { maximum($0, $1) }
    case .minimum: map2(a, strideA, b, strideB, result, count) { minimum($0, $1) }
    case .power: power(a, strideA, b, strideB, result, count)
    case .tanhGradient:
      map2(a, strideA, b, strideB, result, count) { $0 * fma(negated($1), $1, splat(1)) }
    case .sigmoidGradient:
      map2(a, strideA, b, strideB, result, count) { $0 * $1 * (splat(1) - $1) }
    case .reluGradient:
      map2(a, strideA, b, strideB, result, count) { select(less(zero, $1), $0, zero) }
    }
  }

  /// The larger, NaN where either is NaN.
  @inlinable @inline(__always)
  public static func maximum(_ a: Vector, _ b: Vector) -> Vector {
    select(equal(a, a), max(a, b), a)
  }

  /// The smaller, NaN where either is NaN.
  @inlinable @inline(__always)
  public static func minimum(_ a: Vector, _ b: Vector) -> Vector {
    select(equal(a, a), min(a, b), a)
  }

  /// IEEE 754 `pow`, one by one through the C library in `Double`.
  @inlinable
  static func power(
    _ a: UnsafePointer<Scalar>, _ strideA: Int, _ b: UnsafePointer<Scalar>, _ strideB: Int,
    _ result: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    if count > 0 && strideB == 0 && b[0] == 2 {
      return map2(a, strideA, a, strideA, result, count) { $0 * $1 }
    }
    var i = 0
    while i < count {
      result[i] = Scalar(powerOfDoubles(Double(a[i &* strideA]), Double(b[i &* strideB])))
      i &+= 1
    }
  }

  /// `KernelTable.addScaled`.
  @inlinable
  public static func addScaled(
    _ a: UnsafePointer<Scalar>, _ factor: Scalar, _ result: UnsafeMutablePointer<Scalar>,
    _ count: Int
  ) {
    let factor = splat(factor)
    map2(a, 1, UnsafePointer(result), 1, result, count) { fma(factor, $0, $1) }
  }

  /// `KernelTable.compare`.
  @inlinable
  public static func compare(
    _ comparison: Comparison, _ a: UnsafePointer<Scalar>, _ strideA: Int,
    _ b: UnsafePointer<Scalar>, _ strideB: Int,
    _ result: UnsafeMutablePointer<Bool>, _ count: Int
  ) {
    switch comparison {
    case .equal: mapToBool(a, strideA, b, strideB, result, count) { $0 == $1 }
    case .notEqual: mapToBool(a, strideA, b, strideB, result, count) { $0 != $1 }
    case .less: mapToBool(a, strideA, b, strideB, result, count) { $0 < $1 }
    case .lessOrEqual: mapToBool(a, strideA, b, strideB, result, count) { $0 <= $1 }
    case .greater: mapToBool(a, strideA, b, strideB, result, count) { $0 > $1 }
    case .greaterOrEqual: mapToBool(a, strideA, b, strideB, result, count) { $0 >= $1 }
    }
  }

  /// The compiler vectorises these loops, the narrowing to bytes included, better than the SIMD
  /// types can say it.
  @inlinable @inline(__always)
  static func mapToBool(
    _ a: UnsafePointer<Scalar>, _ strideA: Int, _ b: UnsafePointer<Scalar>, _ strideB: Int,
    _ result: UnsafeMutablePointer<Bool>, _ count: Int, _ f: (Scalar, Scalar) -> Bool
  ) {
    guard count > 0 else { return }
    var i = 0
    if strideA != 0 && strideB != 0 {
      while i < count {
        result[i] = f(a[i], b[i])
        i &+= 1
      }
    } else if strideA != 0 {
      let number = b[0]
      while i < count {
        result[i] = f(a[i], number)
        i &+= 1
      }
    } else {
      let number = a[0]
      while i < count {
        result[i] = f(number, b[i &* strideB])
        i &+= 1
      }
    }
  }
}
