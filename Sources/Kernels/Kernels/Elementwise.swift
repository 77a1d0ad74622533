public import Platform

/// Elementwise loops.
///
/// Each loop is a function of its own and not inlined into the switch over all of them: in a
/// function that large the compiler stops inlining, and splits wide vectors into narrow ones.
extension VectorInstructions {
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

  // MARK: Loops

  /// `result[i] = f(x[i])` for functions of a few instructions: four vectors at a time, what is
  /// left one by one.
  @inlinable @inline(never)
  static func mapShort<Function: VectorFunction>(
    _: Function.Type, _ x: UnsafePointer<Stored>,
    _ result: UnsafeMutablePointer<Stored>, _ count: Int
  ) where Function.Set == Self {
    var i = 0
    while i &+ 4 &* width <= count {
      let a = Function.apply(load(x + i))
      let b = Function.apply(load(x + (i &+ width)))
      let c = Function.apply(load(x + (i &+ 2 &* width)))
      let d = Function.apply(load(x + (i &+ 3 &* width)))
      store(a, result + i)
      store(b, result + (i &+ width))
      store(c, result + (i &+ 2 &* width))
      store(d, result + (i &+ 3 &* width))
      i &+= 4 &* width
    }
    while i &+ width <= count {
      store(Function.apply(load(x + i)), result + i)
      i &+= width
    }
    while i < count {
      result[i] = Stored(storing: Function.apply(splat(x[i].computed))[0])
      i &+= 1
    }
  }

  /// `result[i] = f(x[i])` for functions of many instructions: what is left over shares a vector.
  @inlinable @inline(never)
  static func mapLong<Function: VectorFunction>(
    _: Function.Type, _ x: UnsafePointer<Stored>,
    _ result: UnsafeMutablePointer<Stored>, _ count: Int
  ) where Function.Set == Self {
    var i = 0
    while i &+ width <= count {
      store(Function.apply(load(x + i)), result + i)
      i &+= width
    }
    if i < count {
      store(Function.apply(load(x + i, first: count &- i)), result + i, first: count &- i)
    }
  }

  /// `result[i] = f(a[i], b[i])`, strides 1 or 0.
  @inlinable @inline(never)
  static func map2<Function: VectorFunction2>(
    _: Function.Type, _ a: UnsafePointer<Stored>, _ strideA: Int,
    _ b: UnsafePointer<Stored>, _ strideB: Int,
    _ result: UnsafeMutablePointer<Stored>, _ count: Int
  ) where Function.Set == Self {
    guard count > 0 else { return }
    var i = 0
    if strideA != 0 && strideB != 0 {
      while i &+ 2 &* width <= count {
        let first = Function.apply(load(a + i), load(b + i))
        let second = Function.apply(load(a + (i &+ width)), load(b + (i &+ width)))
        store(first, result + i)
        store(second, result + (i &+ width))
        i &+= 2 &* width
      }
      if i &+ width <= count {
        store(Function.apply(load(a + i), load(b + i)), result + i)
        i &+= width
      }
      while i < count {
        result[i] = Stored(storing: Function.apply(splat(a[i].computed), splat(b[i].computed))[0])
        i &+= 1
      }
    } else if strideA != 0 {
      let b = splat(b[0].computed)
      while i &+ width <= count {
        store(Function.apply(load(a + i), b), result + i)
        i &+= width
      }
      while i < count {
        result[i] = Stored(storing: Function.apply(splat(a[i].computed), b)[0])
        i &+= 1
      }
    } else if strideB != 0 {
      let a = splat(a[0].computed)
      while i &+ width <= count {
        store(Function.apply(a, load(b + i)), result + i)
        i &+= width
      }
      while i < count {
        result[i] = Stored(storing: Function.apply(a, splat(b[i].computed))[0])
        i &+= 1
      }
    } else {
      result.update(
        repeating: Stored(storing: Function.apply(splat(a[0].computed), splat(b[0].computed))[0]),
        count: count)
    }
  }

  // MARK: Kernels

  /// `KernelSet.unary`.
  @inlinable
  public static func unary(
    _ function: UnaryFunction, _ x: UnsafePointer<Stored>, to result: UnsafeMutablePointer<Stored>,
    count: Int
  ) {
    switch function {
    case .negate: mapShort(Unary<Self>.Negate.self, x, result, count)
    case .absolute: mapShort(Unary<Self>.Absolute.self, x, result, count)
    case .sign: mapShort(Unary<Self>.Sign.self, x, result, count)
    case .square: mapShort(Unary<Self>.Square.self, x, result, count)
    case .squareRoot: mapLong(Unary<Self>.SquareRoot.self, x, result, count)
    case .reciprocalSquareRoot: mapLong(Unary<Self>.ReciprocalSquareRoot.self, x, result, count)
    case .reciprocal: mapLong(Unary<Self>.Reciprocal.self, x, result, count)
    case .floor: mapShort(Unary<Self>.Floor.self, x, result, count)
    case .ceiling: mapShort(Unary<Self>.Ceiling.self, x, result, count)
    case .rounded: mapShort(Unary<Self>.Rounded.self, x, result, count)
    case .exp: mapLong(Unary<Self>.Exp.self, x, result, count)
    case .expm1: mapLong(Unary<Self>.Expm1.self, x, result, count)
    case .log: mapLong(Unary<Self>.Log.self, x, result, count)
    case .log1p: mapLong(Unary<Self>.Log1p.self, x, result, count)
    case .sin: mapLong(Unary<Self>.Sin.self, x, result, count)
    case .cos: mapLong(Unary<Self>.Cos.self, x, result, count)
    case .tanh: mapLong(Unary<Self>.Tanh.self, x, result, count)
    case .sigmoid: mapLong(Unary<Self>.Sigmoid.self, x, result, count)
    case .erf: mapLong(Unary<Self>.Erf.self, x, result, count)
    case .relu: mapShort(Unary<Self>.Relu.self, x, result, count)
    case .gelu: mapLong(Unary<Self>.Gelu.self, x, result, count)
    case .geluSlope: mapLong(Unary<Self>.GeluSlope.self, x, result, count)
    case .silu: mapLong(Unary<Self>.Silu.self, x, result, count)
    case .siluSlope: mapLong(Unary<Self>.SiluSlope.self, x, result, count)
    case .softplus: mapLong(Unary<Self>.Softplus.self, x, result, count)
    }
  }

  /// `KernelSet.binary`.
  @inlinable
  public static func binary(
    _ function: BinaryFunction, _ a: UnsafePointer<Stored>, stride strideA: Int,
    _ b: UnsafePointer<Stored>, stride strideB: Int,
    to result: UnsafeMutablePointer<Stored>, count: Int
  ) {
    switch function {
    case .add:
      map2(Binary<Self>.Add.self, a, strideA, b, strideB, result, count)
    case .subtract:
      map2(Binary<Self>.Subtract.self, a, strideA, b, strideB, result, count)
    case .multiply:
      map2(Binary<Self>.Multiply.self, a, strideA, b, strideB, result, count)
    case .weigh:
      map2(Binary<Self>.Weigh.self, a, strideA, b, strideB, result, count)
    case .divide:
      map2(Binary<Self>.Divide.self, a, strideA, b, strideB, result, count)
    case .maximum:
      map2(Binary<Self>.Maximum.self, a, strideA, b, strideB, result, count)
    case .minimum:
      map2(Binary<Self>.Minimum.self, a, strideA, b, strideB, result, count)
    case .power: power(a, strideA, b, strideB, result, count)
    case .tanhGradient:
      map2(Binary<Self>.TanhGradient.self, a, strideA, b, strideB, result, count)
    case .sigmoidGradient:
      map2(Binary<Self>.SigmoidGradient.self, a, strideA, b, strideB, result, count)
    case .reluGradient:
      map2(Binary<Self>.ReluGradient.self, a, strideA, b, strideB, result, count)
    }
  }

  /// IEEE 754 `pow`, one by one through the C library in `Double`.
  @inlinable
  static func power(
    _ a: UnsafePointer<Stored>, _ strideA: Int, _ b: UnsafePointer<Stored>, _ strideB: Int,
    _ result: UnsafeMutablePointer<Stored>, _ count: Int
  ) {
    if count > 0 && strideB == 0 && b[0].computed == 2 {
      return map2(Binary<Self>.Multiply.self, a, strideA, a, strideA, result, count)
    }
    var i = 0
    while i < count {
      let power = Platform.pow(
        Double(a[i &* strideA].computed), Double(b[i &* strideB].computed))
      result[i] = Stored(storing: Scalar(power))
      i &+= 1
    }
  }

  /// `KernelSet.addScaled`.
  @inlinable
  public static func addScaled(
    _ a: UnsafePointer<Stored>, by factor: Scalar, to result: UnsafeMutablePointer<Stored>,
    count: Int
  ) {
    let factor = splat(factor)
    var i = 0
    while i &+ 2 &* width <= count {
      let first = fma(factor, load(a + i), load(result + i))
      let second = fma(factor, load(a + (i &+ width)), load(result + (i &+ width)))
      store(first, result + i)
      store(second, result + (i &+ width))
      i &+= 2 &* width
    }
    while i < count {
      result[i] = Stored(storing: fma(factor, splat(a[i].computed), splat(result[i].computed))[0])
      i &+= 1
    }
  }

  /// `KernelSet.addBlock`.
  @inlinable
  public static func addBlock(
    _ block: UnsafeMutablePointer<Stored>, to total: UnsafeMutablePointer<Stored>,
    excess: UnsafeMutablePointer<Stored>, count: Int
  ) {
    @inline(__always) func add(_ i: Int, _ lanes: Int) {
      var sum = load(UnsafePointer(total + i), lanes: lanes, else: 0)
      var surplus = load(UnsafePointer(excess + i), lanes: lanes, else: 0)
      Join<Self>.Sum.joinBlock(
        &sum, &surplus, load(UnsafePointer(block + i), lanes: lanes, else: 0))
      store(sum, total + i, lanes: lanes)
      store(surplus, excess + i, lanes: lanes)
      store(zero, block + i, lanes: lanes)
    }
    var i = 0
    while i &+ width <= count {
      add(i, width)
      i &+= width
    }
    if i < count { add(i, count &- i) }
  }
}
