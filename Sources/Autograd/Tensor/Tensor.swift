import Kernels

/// An array of numbers with any number of axes up to eight: a value, copied when it is mutated
/// and somebody else holds it too.
///
/// `Tensor<Float>` and `Tensor<Double>` are differentiated; `Tensor<Int32>` holds whole numbers and
/// indices, `Tensor<UInt8>` bytes, `Tensor<Bool>` truth values and masks.
public struct Tensor<Scalar: TensorScalar>: @unchecked Sendable {
  // Unchecked: a tensor's memory is written only through a tensor that nothing else refers to, and
  // a tape refuses tensors of another thread.
  package var untyped: UntypedTensor

  @inline(__always)
  package init(_ untyped: UntypedTensor) { self.untyped = untyped }

  /// Extents of the axes.
  public var shape: Shape { untyped.shape }
  /// Number of axes.
  public var rank: Int { untyped.shape.rank }
  /// Number of elements.
  public var count: Int { untyped.count }
}

// MARK: Making tensors

extension Tensor {
  /// A tensor of the given shape; `scalars` lie in row-major order, as many as the shape has.
  ///
  /// Inlined, so that the loop over a collection of any kind is compiled for it.
  @inlinable
  public init(_ scalars: some Collection<Scalar>, shape: Shape) {
    self.init(count: scalars.count, shape: shape) { _ = $0.initialize(from: scalars) }
  }

  /// A tensor whose memory the closure fills.
  @usableFromInline
  init(count: Int, shape: Shape, _ fill: (UnsafeMutableBufferPointer<Scalar>) -> Void) {
    if count != shape.elementCount {
      trap("a tensor of shape \(shape) has \(shape.elementCount) elements, not \(count)")
    }
    let untyped = UntypedTensor(Scalar.scalarType, shape)
    fill(UnsafeMutableBufferPointer(start: untyped.pointer(Scalar.self), count: untyped.count))
    self.init(untyped)
  }

  /// A vector: one axis.
  public init(_ scalars: [Scalar]) { self.init(scalars, shape: [scalars.count]) }

  /// A matrix of equally long rows.
  ///
  /// Disfavoured, so that `Tensor<Float>([])` is a vector.
  @_disfavoredOverload
  public init(_ rows: [[Scalar]]) {
    let columns = rows.first?.count ?? 0
    if let odd = rows.first(where: { $0.count != columns }) {
      trap("the rows of a matrix are equally long; here are \(columns) and \(odd.count)")
    }
    self.init(rows.flatMap { $0 }, shape: [rows.count, columns])
  }

  /// A tensor without axes.
  public init(_ scalar: Scalar) { self.init(repeating: scalar, shape: []) }

  /// Every element the same.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Int32)
  @_specialize(where Scalar == Bool)
  @_specialize(where Scalar == UInt8)
  public init(repeating scalar: Scalar, shape: Shape) {
    if Outline.contains(shape) {
      self.init(.outline(shape, of: Tensor(scalar).untyped))
      return
    }
    let untyped = UntypedTensor(Scalar.scalarType, shape)
    untyped.pointer(Scalar.self).initialize(repeating: scalar, count: untyped.count)
    self.init(untyped)
  }
}

extension Tensor where Scalar: NumericScalar {
  /// All zeros.
  public static func zeros(_ shape: Shape) -> Tensor {
    Tensor(Compute.filled(Scalar.scalarType, shape, 0))
  }
  /// All ones.
  public static func ones(_ shape: Shape) -> Tensor { Tensor(repeating: 1, shape: shape) }

  /// The numbers of a range, each `step` after the other: from its first, or, where the step is
  /// negative, from its last backwards. Traps where the scalar type does not have one of them.
  public static func range(_ range: Range<Int>, by step: Int = 1) -> Tensor {
    if step == 0 { trap("range: the step is 0") }
    let count = (range.count + Swift.abs(step) - 1) / Swift.abs(step)
    let first = step > 0 ? range.lowerBound : range.upperBound - 1
    return Tensor(
      (0..<count).map { place in
        let number = first + place * step
        guard let scalar = Scalar(exactly: number) else {
          trap("range: \(number) is no \(Scalar.scalarType)")
        }
        return scalar
      })
  }

  /// `0, 1, ..., count - 1`.
  public static func range(_ count: Int) -> Tensor {
    if count < 0 || count > Int32.max {
      trap("range: a count of \(count); from 0 to \(Int32.max) is expected")
    }
    return range(0..<count)
  }
}

extension Tensor where Scalar: FloatingPointScalar {
  /// Independent numbers from an interval without its upper bound, `0..<1` unless given. Traps where
  /// the interval is empty, or a bound is not finite.
  @_specialize(where Scalar == Float, Source == Generator)
  @_specialize(where Scalar == Double, Source == Generator)
  public static func uniform<Source: RandomNumberGenerator>(
    _ shape: Shape, in range: Range<Scalar> = 0..<1, using generator: inout Source
  ) -> Tensor {
    uniform(shape, UniformInterval(range), using: &generator)
  }

  /// Independent numbers from an interval with its upper bound. Traps where a bound is not finite.
  @_specialize(where Scalar == Float, Source == Generator)
  @_specialize(where Scalar == Double, Source == Generator)
  public static func uniform<Source: RandomNumberGenerator>(
    _ shape: Shape, in range: ClosedRange<Scalar>, using generator: inout Source
  ) -> Tensor {
    uniform(shape, UniformInterval(range), using: &generator)
  }

  @_specialize(where Scalar == Float, Source == Generator)
  @_specialize(where Scalar == Double, Source == Generator)
  private static func uniform<Source: RandomNumberGenerator>(
    _ shape: Shape, _ interval: UniformInterval<Scalar>, using generator: inout Source
  ) -> Tensor {
    if Outline.awaitsWeights { return awaited(shape)! }
    if Outline.contains(shape) {
      return Tensor(.outline(shape, of: Tensor(interval.number(using: &generator)).untyped))
    }
    let untyped = UntypedTensor(Scalar.scalarType, shape)
    let target = untyped.pointer(Scalar.self)
    for i in 0..<untyped.count { target[i] = interval.number(using: &generator) }
    return Tensor(untyped)
  }

  /// Independent numbers of the normal distribution (Box and Muller, 1958). Their last bits depend on
  /// the instruction set, as those of `log` and `cos` do.
  @_specialize(where Scalar == Float, Source == Generator)
  @_specialize(where Scalar == Double, Source == Generator)
  public static func normal<Source: RandomNumberGenerator>(
    _ shape: Shape, mean: Scalar = 0, deviation: Scalar = 1,
    using generator: inout Source
  ) -> Tensor {
    expect(Double(mean), .finite, "normal", "mean")
    expect(Double(deviation), .notNegative, "normal", "deviation")
    if Outline.awaitsWeights { return awaited(shape)! }
    if Outline.contains(shape) { return Tensor(.outline(shape, of: Tensor(mean).untyped)) }
    let untyped = UntypedTensor(Scalar.scalarType, shape)
    let target = untyped.pointer(Scalar.self)
    // In pieces, whose logarithms and cosines the kernels take together.
    let piece = 512
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * piece) { scratch in
      let logarithms = scratch.baseAddress!
      let cosines = logarithms + piece
      for start in stride(from: 0, to: untyped.count, by: piece) {
        let count = Swift.min(piece, untyped.count - start)
        for i in 0..<count {
          logarithms[i] = 1 - generator.uniform()
          cosines[i] = 2 * Double.pi * generator.uniform()
        }
        Double.kernels.unary(.log, logarithms, to: logarithms, count: count)
        Double.kernels.unary(.cos, cosines, to: cosines, count: count)
        for i in 0..<count {
          let radius = (-2 * logarithms[i]).squareRoot()
          target[start + i] = mean + deviation * Scalar(radius * cosines[i])
        }
      }
    }
    return Tensor(untyped)
  }
}
