/// The elementwise functions as types.
///
/// The loops take a type and not a closure: a closure that stands in a loop more than once is not
/// inlined, and then each vector goes through a call. A constant of an enumeration does not do
/// either: the compiler joins the cases' loops to one with the switch inside.
public protocol VectorFunction {
  /// The instruction set.
  associatedtype Set: VectorInstructions
  /// The function of each lane.
  static func apply(_ x: Set.Vector) -> Set.Vector
}

/// An elementwise function of two arguments as a type.
public protocol VectorFunction2 {
  /// The instruction set.
  associatedtype Set: VectorInstructions
  /// The function of each pair of lanes.
  static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector
}

/// The functions of one argument.
@usableFromInline
enum Unary<Set: VectorInstructions> {
  @usableFromInline
  enum Negate: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.negated(x) }
  }
  @usableFromInline
  enum Absolute: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.absolute(x) }
  }
  @usableFromInline
  enum Sign: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector {
      Set.select(
        Set.less(Set.zero, x), Set.splat(1),
        Set.select(Set.less(x, Set.zero), Set.splat(-1), Set.zero))
    }
  }
  @usableFromInline
  enum Square: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { x * x }
  }
  @usableFromInline
  enum SquareRoot: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.squareRoot(x) }
  }
  @usableFromInline
  enum ReciprocalSquareRoot: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.splat(1) / Set.squareRoot(x) }
  }
  @usableFromInline
  enum Reciprocal: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.splat(1) / x }
  }
  @usableFromInline
  enum Floor: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.floor(x) }
  }
  @usableFromInline
  enum Ceiling: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.ceiling(x) }
  }
  @usableFromInline
  enum Rounded: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.rounded(x) }
  }
  @usableFromInline
  enum Exp: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.exp(x) }
  }
  @usableFromInline
  enum Expm1: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.expm1(x) }
  }
  @usableFromInline
  enum Log: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.log(x) }
  }
  @usableFromInline
  enum Log1p: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.log1p(x) }
  }
  @usableFromInline
  enum Sin: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.sin(x) }
  }
  @usableFromInline
  enum Cos: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.cos(x) }
  }
  @usableFromInline
  enum Tanh: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.tanh(x) }
  }
  @usableFromInline
  enum Sigmoid: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.sigmoid(x) }
  }
  @usableFromInline
  enum Erf: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.erf(x) }
  }
  @usableFromInline
  enum Relu: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.max(Set.zero, x) }
  }
  @usableFromInline
  enum Gelu: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.gelu(x) }
  }
  @usableFromInline
  enum GeluSlope: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.geluSlope(x) }
  }
  @usableFromInline
  enum Silu: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.silu(x) }
  }
  @usableFromInline
  enum SiluSlope: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.siluSlope(x) }
  }
  @usableFromInline
  enum Softplus: VectorFunction {
    @inlinable @inline(__always)
    static func apply(_ x: Set.Vector) -> Set.Vector { Set.softplus(x) }
  }
}

/// The functions of two arguments; `power` is not among them.
@usableFromInline
enum Binary<Set: VectorInstructions> {
  @usableFromInline
  enum Add: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { a + b }
  }
  @usableFromInline
  enum Subtract: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { a - b }
  }
  @usableFromInline
  enum Multiply: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { a * b }
  }
  @usableFromInline
  enum Weigh: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector {
      Set.select(Set.equal(b, Set.zero), Set.zero, a * b)
    }
  }
  @usableFromInline
  enum Divide: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { a / b }
  }
  @usableFromInline
  enum Maximum: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { Set.maximum(a, b) }
  }
  @usableFromInline
  enum Minimum: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { Set.minimum(a, b) }
  }
  @usableFromInline
  enum TanhGradient: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector {
      a * Set.fma(Set.negated(b), b, Set.splat(1))
    }
  }
  @usableFromInline
  enum SigmoidGradient: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector { a * b * (Set.splat(1) - b) }
  }
  @usableFromInline
  enum ReluGradient: VectorFunction2 {
    @inlinable @inline(__always)
    static func apply(_ a: Set.Vector, _ b: Set.Vector) -> Set.Vector {
      Set.select(Set.lessOrEqual(b, Set.zero), Set.zero, a)
    }
  }
}
