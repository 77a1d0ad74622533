/// Elementwise functions of one argument.
public enum UnaryFunction: UInt8, CaseIterable, Sendable {
  case negate, absolute, sign, square, squareRoot, reciprocalSquareRoot, reciprocal
  case floor, ceiling, rounded
  case exp, expm1, log, log1p, sin, cos, tanh, sigmoid, erf, relu
  /// `x / 2 (1 + erf(x / sqrt(2)))`, and its derivative.
  case gelu, geluSlope
  /// `x sigmoid(x)`, and its derivative.
  case silu, siluSlope
  /// `log(1 + exp(x))`.
  case softplus
}

/// Elementwise functions of two arguments.
///
/// The last ones are derivatives, written as one pass because they stand on hot paths: `a` is the
/// gradient with respect to the result, `b` what the function's own pass has saved.
public enum BinaryFunction: UInt8, CaseIterable, Sendable {
  case add, subtract, multiply, divide
  /// `a * b`, but 0 where b is 0, be a infinite or NaN: what has no weight is left out.
  case weigh
  /// NaN where either is NaN.
  case maximum, minimum
  case power
  /// `a * (1 - b * b)`, b = tanh x.
  case tanhGradient
  /// `a * b * (1 - b)`, b = sigmoid x.
  case sigmoidGradient
  /// `b <= 0 ? 0 : a`.
  case reluGradient
}

/// Elementwise comparisons of two arguments.
public enum Comparison: UInt8, CaseIterable, Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// Reductions along one axis.
public enum Reduction: UInt8, CaseIterable, Sendable {
  case sum, product
  /// NaN where any element is NaN; infinite over no elements.
  case maximum, minimum
}
