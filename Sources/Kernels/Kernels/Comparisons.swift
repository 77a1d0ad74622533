/// An elementwise comparison as a type, for the same reason as `VectorFunction`.
public protocol ScalarComparison {
  /// `Float` or `Double`.
  associatedtype Scalar: KernelScalar
  /// Whether it holds.
  static func holds(_ a: Scalar, _ b: Scalar) -> Bool
}

@usableFromInline
enum Comparing<Scalar: KernelScalar> {
  @usableFromInline
  enum Equal: ScalarComparison {
    @inlinable @inline(__always)
    static func holds(_ a: Scalar, _ b: Scalar) -> Bool { a == b }
  }
  @usableFromInline
  enum NotEqual: ScalarComparison {
    @inlinable @inline(__always)
    static func holds(_ a: Scalar, _ b: Scalar) -> Bool { a != b }
  }
  @usableFromInline
  enum Less: ScalarComparison {
    @inlinable @inline(__always)
    static func holds(_ a: Scalar, _ b: Scalar) -> Bool { a < b }
  }
  @usableFromInline
  enum LessOrEqual: ScalarComparison {
    @inlinable @inline(__always)
    static func holds(_ a: Scalar, _ b: Scalar) -> Bool { a <= b }
  }
}

/// Comparisons, whose results are bytes.
extension VectorInstructions {
  /// `KernelSet.compare`.
  @inlinable
  public static func compare(
    _ comparison: Comparison, _ a: UnsafePointer<Stored>, stride strideA: Int,
    _ b: UnsafePointer<Stored>, stride strideB: Int,
    to result: UnsafeMutablePointer<Bool>, count: Int
  ) {
    switch comparison {
    case .equal: compare(Comparing.Equal.self, a, strideA, b, strideB, result, count)
    case .notEqual: compare(Comparing.NotEqual.self, a, strideA, b, strideB, result, count)
    case .less: compare(Comparing.Less.self, a, strideA, b, strideB, result, count)
    case .lessOrEqual: compare(Comparing.LessOrEqual.self, a, strideA, b, strideB, result, count)
    case .greater: compare(Comparing.Less.self, b, strideB, a, strideA, result, count)
    case .greaterOrEqual:
      compare(Comparing.LessOrEqual.self, b, strideB, a, strideA, result, count)
    }
  }

  /// The compiler vectorises these loops, the narrowing to bytes included, better than the SIMD
  /// types can say it.
  @inlinable @inline(never)
  static func compare<Test: ScalarComparison>(
    _: Test.Type, _ a: UnsafePointer<Stored>, _ strideA: Int,
    _ b: UnsafePointer<Stored>, _ strideB: Int,
    _ result: UnsafeMutablePointer<Bool>, _ count: Int
  ) where Test.Scalar == Scalar {
    guard count > 0 else { return }
    var i = 0
    if strideA != 0 && strideB != 0 {
      while i < count {
        result[i] = Test.holds(a[i].computed, b[i].computed)
        i &+= 1
      }
    } else if strideA != 0 {
      let number = b[0].computed
      while i < count {
        result[i] = Test.holds(a[i].computed, number)
        i &+= 1
      }
    } else {
      let number = a[0].computed
      while i < count {
        result[i] = Test.holds(number, b[i &* strideB].computed)
        i &+= 1
      }
    }
  }
}
