// What is not a number has a sign and a payload, which depend on the instruction that made it: the
// processor's own 0 / 0 prints as "-nan". In all that the package writes it is "nan".

extension DefaultStringInterpolation {
  /// A number, or `nan`.
  package mutating func appendInterpolation(_ value: Double) {
    appendLiteral(value.isNaN ? "nan" : value.description)
  }

  /// A number, or `nan`.
  package mutating func appendInterpolation(_ value: Float) {
    appendLiteral(value.isNaN ? "nan" : value.description)
  }

  /// A number, or `nan`.
  package mutating func appendInterpolation<Scalar: FloatingPointScalar>(_ value: Scalar) {
    // Exact: a `Float` that is converted to print would have more digits.
    appendLiteral(value.isNaN ? "nan" : String(describing: value))
  }
}
