/// A value of an ONNX graph: what stands for a tensor while a model is written.
///
/// Operators and functions make nodes, so that a layer's ONNX form reads like the layer.
public struct ONNXValue {
  /// The graph that it is part of.
  public let graph: ONNXGraph
  /// What it is called there.
  public let name: String
  /// The type of its elements.
  public let type: ONNXElementType

  /// The result of an operator of one input that keeps the type.
  func applying(
    _ operation: String, _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> ONNXValue {
    graph.node(operation, [self], attributes)
  }

  /// A number of this value's type.
  func like(_ number: Double) -> ONNXValue { graph.constant(number, type) }
}

// MARK: - Arithmetic, which broadcasts

extension ONNXValue {
  /// The sum.
  public static func + (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("Add", [a, b]) }
  /// The sum.
  public static func + (a: ONNXValue, b: Double) -> ONNXValue { a + a.like(b) }
  /// The difference.
  public static func - (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("Sub", [a, b]) }
  /// The difference.
  public static func - (a: Double, b: ONNXValue) -> ONNXValue { b.like(a) - b }
  /// The product.
  public static func * (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("Mul", [a, b]) }
  /// The product.
  public static func * (a: ONNXValue, b: Double) -> ONNXValue { a * a.like(b) }
  /// The difference.
  public static func - (a: ONNXValue, b: Double) -> ONNXValue { a - a.like(b) }
  /// The quotient; of whole numbers, rounded towards 0.
  public static func / (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("Div", [a, b]) }
  /// The quotient; of whole numbers, rounded towards 0.
  public static func / (a: ONNXValue, b: Double) -> ONNXValue { a / a.like(b) }
}

/// The hyperbolic tangent.
public func tanh(_ x: ONNXValue) -> ONNXValue { x.applying("Tanh") }
/// `1 / (1 + exp(-x))`
public func sigmoid(_ x: ONNXValue) -> ONNXValue { x.applying("Sigmoid") }
/// `max(x, 0)`
public func relu(_ x: ONNXValue) -> ONNXValue { x.applying("Relu") }
/// The exponential.
public func exp(_ x: ONNXValue) -> ONNXValue { x.applying("Exp") }
/// The natural logarithm.
public func log(_ x: ONNXValue) -> ONNXValue { x.applying("Log") }
/// The square root.
public func sqrt(_ x: ONNXValue) -> ONNXValue { x.applying("Sqrt") }
/// The sine.
public func sin(_ x: ONNXValue) -> ONNXValue { x.applying("Sin") }
/// The cosine.
public func cos(_ x: ONNXValue) -> ONNXValue { x.applying("Cos") }
/// The absolute value.
public func abs(_ x: ONNXValue) -> ONNXValue { x.applying("Abs") }
/// -1, 0 or 1.
public func sign(_ x: ONNXValue) -> ONNXValue { x.applying("Sign") }
/// `x * x`
public func square(_ x: ONNXValue) -> ONNXValue { x * x }

/// `x` times the normal distribution's share below it.
public func gelu(_ x: ONNXValue) -> ONNXValue {
  x * ((x * 0.5.squareRoot()).applying("Erf") + 1) * 0.5
}

// MARK: - Comparisons

extension ONNXValue {
  /// Whether each element is less.
  public static func .< (a: ONNXValue, b: ONNXValue) -> ONNXValue {
    a.graph.node("Less", [a, b], type: .bool)
  }
  /// Whether each element is less or equal.
  public static func .<= (a: ONNXValue, b: ONNXValue) -> ONNXValue {
    a.graph.node("LessOrEqual", [a, b], type: .bool)
  }
  /// Whether elements are equal.
  public static func .== (a: ONNXValue, b: ONNXValue) -> ONNXValue {
    a.graph.node("Equal", [a, b], type: .bool)
  }
  /// Whether both are true.
  public static func & (a: ONNXValue, b: ONNXValue) -> ONNXValue { a.graph.node("And", [a, b]) }
  /// Whether it is false.
  public static prefix func ! (a: ONNXValue) -> ONNXValue { a.applying("Not") }

  /// Elements of another type.
  public func converted(to type: ONNXElementType) -> ONNXValue {
    type == self.type
      ? self : graph.node("Cast", [self], ["to": .integer(type.rawValue)], type: type)
  }

  /// A number where the mask is true.
  public func filled(where mask: ONNXValue, with number: Double) -> ONNXValue {
    select(mask, like(number), self)
  }
}

/// `a` where the mask is true, else `b`.
public func select(_ mask: ONNXValue, _ a: ONNXValue, _ b: ONNXValue) -> ONNXValue {
  mask.graph.node("Where", [mask, a, b], type: a.type)
}

// MARK: - Products, softmax and sums

/// The matrix product of the last two axes.
public func matmul(_ a: ONNXValue, _ b: ONNXValue) -> ONNXValue { a.graph.node("MatMul", [a, b]) }

/// `x weightᵀ + bias` over the last axis of `x`.
///
/// - Parameters:
///   - weight: `[out, in]`
///   - bias: `[out]`, or nil.
public func linear(_ x: ONNXValue, _ weight: ONNXValue, _ bias: ONNXValue? = nil) -> ONNXValue {
  let product = matmul(x, weight.transposed([1, 0]))
  return bias.map { product + $0 } ?? product
}

/// exp(x) over its sum along an axis.
///
/// - Parameter mask: true = may have weight; broadcasts to `x`. Where nothing may, weights are 0.
public func softmax(_ x: ONNXValue, axis: Int, mask: ONNXValue? = nil) -> ONNXValue {
  let axis: KeyValuePairs<String, ONNXAttribute> = ["axis": .integer(axis)]
  guard let mask else { return x.applying("Softmax", axis) }
  return select(
    mask, select(mask, x, x.like(x.type.lowest)).applying("Softmax", axis), x.like(0))
}

/// The logarithm of `softmax`.
public func logSoftmax(_ x: ONNXValue, axis: Int) -> ONNXValue {
  x.applying("LogSoftmax", ["axis": .integer(axis)])
}

extension ONNXValue {
  /// The sum along axes.
  public func sum(axes: [Int], keepsAxes: Bool = false) -> ONNXValue {
    graph.node(
      "ReduceSum", [self, graph.constant(axes)], ["keepdims": .integer(keepsAxes ? 1 : 0)])
  }

  /// The mean along axes.
  public func mean(axes: [Int], keepsAxes: Bool = false) -> ONNXValue {
    applying(
      "ReduceMean", ["axes": .integers(axes), "keepdims": .integer(keepsAxes ? 1 : 0)])
  }

  /// The largest along axes.
  public func max(axes: [Int], keepsAxes: Bool = false) -> ONNXValue {
    applying("ReduceMax", ["axes": .integers(axes), "keepdims": .integer(keepsAxes ? 1 : 0)])
  }

  /// Where along an axis the largest stands, the first of equals; without that axis.
  public func argmax(axis: Int) -> ONNXValue {
    graph.node(
      "ArgMax", [self], ["axis": .integer(axis), "keepdims": .integer(0)], type: .int64)
  }
}
