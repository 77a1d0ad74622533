import Platform

/// What is made for its shapes alone, as a model is that a file claims to hold, or one whose weights
/// follow.
///
/// While an outline is drawn, a large tensor that is filled, with one number or with random ones, has
/// its shape and one number in memory, which stands for all: a tensor that is broadcast. Whatever is
/// computed of it takes the memory that it takes elsewhere. While weights are awaited, that is so of
/// random numbers alone, and the number is 0.
package enum Outline {
  /// Tensors with fewer elements are made as ever, so that they need not ask.
  private static let smallest = 256

  private static let current = ThreadLocal()

  private enum Mark: UInt {
    case drawing = 1
    case awaitingWeights
  }

  /// Runs the body, whose large tensors have no memory, on this thread.
  package static func draw<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try marked(.drawing, body)
  }

  /// Runs the body, in which no random numbers are drawn for tensors, on this thread.
  package static func awaitWeights<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try marked(.awaitingWeights, body)
  }

  private static func marked<Result, Failure: Error>(
    _ mark: Mark, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = current.address
    current.address = UnsafeMutableRawPointer(bitPattern: mark.rawValue)
    defer { current.address = outer }
    return try body()
  }

  /// Whether a tensor of this shape is only outlined.
  @inline(__always)
  static func contains(_ shape: Shape) -> Bool {
    shape.elementCount >= smallest && isMarked(.drawing)
  }

  /// Whether weights are awaited, which take the place of random numbers.
  static var awaitsWeights: Bool { isMarked(.awaitingWeights) }

  private static func isMarked(_ mark: Mark) -> Bool {
    UInt(bitPattern: current.address) == mark.rawValue
  }
}

extension UntypedTensor {
  /// One number everywhere, which is in memory once.
  ///
  /// - Parameter number: a tensor without axes.
  static func outline(_ shape: Shape, of number: UntypedTensor) -> UntypedTensor {
    UntypedTensor(viewing: number, shape, Strides(repeating: 0))
  }
}

extension Tensor where Scalar: NumericScalar {
  /// A tensor of zeros without memory while an outline is drawn; nil elsewhere, and for small shapes.
  package static func outline(_ shape: Shape) -> Tensor? {
    Outline.contains(shape) ? .zeros(shape) : nil
  }

  /// Zeros in place of random numbers, which the weights that are awaited replace; nil where none are.
  package static func awaited(_ shape: Shape) -> Tensor? {
    if !Outline.awaitsWeights { return outline(shape) }
    return Tensor(.outline(shape, of: Tensor(0).untyped))
  }
}
