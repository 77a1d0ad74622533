/// A tensor of scalars of whatever type; `Tensor` is the one that there is.
///
/// Functions that plain numbers have as well (`exp`, `abs`, ...) take their operand by this
/// protocol: from a parameter of type `Tensor<Scalar>`, with `Scalar` to be found, the compiler
/// can't tell early that a literal is not meant, and tries every function of such a name with every
/// other one in the expression.
public protocol TensorProtocol<Scalar> {
  /// The type of the elements.
  associatedtype Scalar: TensorScalar
  /// The tensor itself.
  var tensor: Tensor<Scalar> { get }
}

extension Tensor: TensorProtocol {
  /// The tensor itself.
  public var tensor: Tensor { self }
}
