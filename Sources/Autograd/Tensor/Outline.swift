import Platform

/// What is made for its shapes alone, as a model is that a file claims to hold.
///
/// While an outline is drawn, a large tensor that is filled, with one number or with random ones, has
/// its shape and one number in memory, which stands for all: a tensor that is broadcast. Whatever is
/// computed of it takes the memory that it takes elsewhere.
package enum Outline {
  /// Tensors with fewer elements are made as ever, so that they need not ask.
  private static let smallest = 256

  private static let mark = ThreadLocal()

  /// Runs the body, whose large tensors have no memory, on this thread.
  package static func draw<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = mark.address
    mark.address = UnsafeMutableRawPointer(bitPattern: 1)
    defer { mark.address = outer }
    return try body()
  }

  /// Whether a tensor of this shape is only outlined.
  @inline(__always)
  static func contains(_ shape: Shape) -> Bool {
    shape.elementCount >= smallest && mark.address != nil
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
}
