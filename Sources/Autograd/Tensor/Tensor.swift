import Kernels

/// An array of numbers with any number of axes up to eight: a value, copied when it is mutated
/// and somebody else holds it too.
///
/// `Tensor<Float>` and `Tensor<Double>` are differentiated, `Tensor<Int32>` holds indices,
/// `Tensor<Bool>` masks.
public struct Tensor<Scalar: TensorScalar>: @unchecked Sendable {
  // Unchecked: a value's memory is written only through a tensor that nothing else refers to, and
  // a tape refuses values of another thread.
  package var value: Value

  @inline(__always)
  package init(_ value: Value) { self.value = value }

  /// Extents of the axes.
  public var shape: Shape { value.shape }
  /// Number of axes.
  public var rank: Int { value.shape.rank }
  /// Number of elements.
  public var count: Int { value.count }
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
    let value = Value(Scalar.scalarType, shape)
    fill(UnsafeMutableBufferPointer(start: value.pointer(Scalar.self), count: value.count))
    self.init(value)
  }

  /// A vector: one axis.
  public init(_ scalars: [Scalar]) { self.init(scalars, shape: [scalars.count]) }

  /// A matrix of equally long rows.
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
  public init(repeating scalar: Scalar, shape: Shape) {
    let value = Value(Scalar.scalarType, shape)
    value.pointer(Scalar.self).initialize(repeating: scalar, count: value.count)
    self.init(value)
  }
}

extension Tensor where Scalar: FloatingPointScalar {
  /// All zeros.
  public static func zeros(_ shape: Shape) -> Tensor {
    Tensor(Compute.filled(Scalar.scalarType, shape, 0))
  }
  /// All ones.
  public static func ones(_ shape: Shape) -> Tensor { Tensor(repeating: 1, shape: shape) }

  /// Independent numbers from an interval without its upper bound, `0..<1` unless given. Traps where
  /// the interval is empty.
  @_specialize(where Scalar == Float, Source == Generator)
  @_specialize(where Scalar == Double, Source == Generator)
  public static func uniform<Source: RandomNumberGenerator>(
    _ shape: Shape, in range: Range<Scalar> = 0..<1, using generator: inout Source
  ) -> Tensor {
    if range.isEmpty { trap("uniform: there are no numbers in \(range)") }
    return uniform(shape, range.lowerBound, range.upperBound, using: &generator)
  }

  /// Independent numbers from an interval with its upper bound.
  @_specialize(where Scalar == Float, Source == Generator)
  @_specialize(where Scalar == Double, Source == Generator)
  public static func uniform<Source: RandomNumberGenerator>(
    _ shape: Shape, in range: ClosedRange<Scalar>, using generator: inout Source
  ) -> Tensor {
    uniform(shape, range.lowerBound, range.upperBound, using: &generator)
  }

  @_specialize(where Scalar == Float, Source == Generator)
  @_specialize(where Scalar == Double, Source == Generator)
  private static func uniform<Source: RandomNumberGenerator>(
    _ shape: Shape, _ low: Scalar, _ high: Scalar, using generator: inout Source
  ) -> Tensor {
    let value = Value(Scalar.scalarType, shape)
    let target = value.pointer(Scalar.self)
    let width = Double(high) - Double(low)
    for i in 0..<value.count { target[i] = Scalar(Double(low) + width * generator.uniform()) }
    return Tensor(value)
  }

  /// Independent numbers of the normal distribution (Box and Muller, 1958). Their last bits depend on
  /// the instruction set, as those of `log` and `cos` do.
  @_specialize(where Scalar == Float, Source == Generator)
  @_specialize(where Scalar == Double, Source == Generator)
  public static func normal<Source: RandomNumberGenerator>(
    _ shape: Shape, mean: Scalar = 0, deviation: Scalar = 1,
    using generator: inout Source
  ) -> Tensor {
    let value = Value(Scalar.scalarType, shape)
    let target = value.pointer(Scalar.self)
    // In pieces, whose logarithms and cosines the kernels take together.
    let piece = 512
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * piece) { scratch in
      let logarithms = scratch.baseAddress!
      let cosines = logarithms + piece
      for start in stride(from: 0, to: value.count, by: piece) {
        let count = Swift.min(piece, value.count - start)
        for i in 0..<count {
          logarithms[i] = 1 - generator.uniform()
          cosines[i] = 2 * Double.pi * generator.uniform()
        }
        Double.kernels.unary(.log, logarithms, logarithms, count)
        Double.kernels.unary(.cos, cosines, cosines, count)
        for i in 0..<count {
          let radius = (-2 * logarithms[i]).squareRoot()
          target[start + i] = mean + deviation * Scalar(radius * cosines[i])
        }
      }
    }
    return Tensor(value)
  }
}

extension Tensor where Scalar == Int32 {
  /// `0, 1, ..., count - 1`.
  public static func range(_ count: Int) -> Tensor {
    guard let end = Int32(exactly: count), end >= 0 else {
      trap("range: a count of \(count); from 0 to \(Int32.max) is expected")
    }
    return Tensor((0..<end).map { $0 })
  }
}

// MARK: Reading

extension Tensor {
  /// All elements, in row-major order.
  public var scalars: [Scalar] {
    let value = Compute.contiguous(value)
    return withExtendedLifetime(value) {
      Array(UnsafeBufferPointer(start: value.pointer(Scalar.self), count: value.count))
    }
  }

  /// The only element; traps where there is not exactly one.
  public var scalar: Scalar {
    if count != 1 { trap("scalar: a tensor of shape \(shape) has \(count) elements, not one") }
    return withExtendedLifetime(value) { value.pointer(Scalar.self).pointee }
  }

  /// Calls the body with the elements in row-major order.
  public func withUnsafeScalars<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let value = Compute.contiguous(value)
    return try withExtendedLifetime(value) { () throws(Failure) in
      try body(UnsafeBufferPointer(start: value.pointer(Scalar.self), count: value.count))
    }
  }

  /// Calls the body with the elements in row-major order, to be changed. Copies them first where
  /// another tensor, or a tape, holds them too. The result is on no tape.
  public mutating func withUnsafeMutableScalars<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&value) || value.owner != nil || value.index >= 0 {
      let label = value.label
      value = Compute.copy(value)
      value.label = label
    }
    return try body(
      UnsafeMutableBufferPointer(start: value.pointer(Scalar.self), count: value.count))
  }

  /// The element at a position, one index an axis; setting it copies where the tensor is shared.
  public subscript(position: Int...) -> Scalar {
    get { withExtendedLifetime(value) { value.pointer(Scalar.self)[offset(position)] } }
    set {
      var strides = shape.contiguousStrides
      let target = offset(position, &strides)
      withUnsafeMutableScalars { $0[target] = newValue }
    }
  }

  private func offset(_ position: [Int]) -> Int {
    var strides = value.strides
    return offset(position, &strides)
  }

  private func offset(_ position: [Int], _ strides: inout Strides) -> Int {
    if position.count != rank { trap("position \(position) in a tensor of shape \(shape)") }
    var result = 0
    for axis in 0..<rank {
      if position[axis] < 0 || position[axis] >= shape[axis] {
        trap("position \(position) is outside a tensor of shape \(shape)")
      }
      result += position[axis] * strides[axis]
    }
    return result
  }

  /// The same numbers, not recorded: a constant to every gradient.
  public var detached: Tensor { Tensor(value.detached) }

  /// The elements as another floating-point type; the gradient is converted back.
  public func converted<Other: FloatingPointScalar>(to _: Other.Type) -> Tensor<Other>
  where Scalar: FloatingPointScalar {
    Tensor<Other>(Autograd.converted(value, to: Other.scalarType))
  }

  /// 1 where true, else 0.
  public func converted<Other: FloatingPointScalar>(to _: Other.Type) -> Tensor<Other>
  where Scalar == Bool {
    Tensor<Other>(Compute.converted(value, to: Other.scalarType))
  }

  /// The integers as floating-point numbers.
  public func converted<Other: FloatingPointScalar>(to _: Other.Type) -> Tensor<Other>
  where Scalar == Int32 {
    Tensor<Other>(Compute.converted(value, to: Other.scalarType))
  }
}

/// The same numbers as another floating-point type.
package func converted(_ x: Value, to type: ScalarType) -> Value {
  if x.type == type { return x }
  let y = Compute.converted(x, to: type)
  recording(x)?.record("convert", y, x, linear: { converted($0, to: type) }) {
    converted($0, to: x.type)
  }
  return y
}

extension Tensor: Equatable {
  /// Same shape and equal elements; NaN is not equal to itself.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && Compute.equal(a.value, b.value)
  }
}
