import Autograd

extension RandomProgram {
  private static let unary: [(String, @Sendable (Tensor<Double>) -> Tensor<Double>)] = [
    ("exp", { exp(tanh($0)) }), ("expm1", { expm1($0 * 0.3) }),
    ("log", { log(square($0) + 0.5) }), ("log1p", { log1p(square($0)) }),
    ("sqrt", { sqrt(square($0) + 0.5) }), ("rsqrt", { rsqrt(square($0) + 0.5) }),
    ("square", { square($0) }), ("reciprocal", { reciprocal(square($0) + 0.5) }),
    ("sin", { sin($0) }), ("cos", { cos($0) }), ("tanh", { tanh($0) }),
    ("sigmoid", { sigmoid($0) }), ("erf", { erf($0) }), ("relu", { relu($0) }),
    ("abs", { abs($0) }), ("silu", { silu($0) }), ("gelu", { gelu($0) }),
    ("gelu tanh", { gelu($0, form: .tanh) }), ("softplus", { softplus($0, beta: 2, threshold: 2) }),
    ("elu", { elu($0, alpha: 0.7) }), ("leakyReLU", { leakyReLU($0, slope: 0.2) }),
    ("logSigmoid", { logSigmoid($0) }), ("negate", { -$0 }),
    ("numbers", { 3 - (2 * $0 + 1) / 4 - 1 }), ("number over", { 1 / (square($0) + 0.5) }),
    ("pow number", { pow(square($0) + 0.3, 1.5) }),
    ("clamped", { $0.clamped(to: -0.7...0.9) }),
    ("mappingGradient", { $0.mappingGradient { $0 * 1 } }),
    (
      "custom",
      { x in
        customOperation("cube", [x]) { x in
          Tensor(x[0].scalars.map { $0 * $0 * $0 * 0.2 }, shape: x[0].shape)
        } pullback: { gradient, x, _ in
          [gradient * square(x[0]) * 0.6]
        }
      }
    ),
  ]

  static func elementwise(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values) else { return nil }
    let (name, function) = draw.element(of: unary)
    return (name, { function($0[a]) })
  }

  private static let binary:
    [(String, @Sendable (Tensor<Double>, Tensor<Double>) -> Tensor<Double>)] = [
      ("add", { $0 + $1 }), ("subtract", { $0 - $1 }), ("multiply", { $0 * $1 }),
      ("divide", { $0 / (square($1) + 0.5) }), ("max", { max($0, $1) }), ("min", { min($0, $1) }),
      ("pow", { pow(square($0) + 0.5, tanh($1)) }),
      ("cosineSimilarity", { cosineSimilarity(tanh($0) + 2, tanh($1) - 2, axis: -1) }),
    ]

  static func arithmetic(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values) else { return nil }
    let partners = values.indices.filter {
      values[a].shape.broadcast(with: values[$0].shape) != nil
    }
    let b = draw.element(of: partners)
    let shape = values[a].shape.broadcast(with: values[b].shape)!
    if draw.number(in: 0...8) == 0 {
      let mask = draw.mask(shape)
      return ("select", { select(mask, $0[a], $0[b]) })
    }
    let (name, function) = draw.element(of: binary)
    if name == "cosineSimilarity" && shape.rank == 0 { return nil }
    return (name, { function($0[a], $0[b]) })
  }

  static func reduction(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values) else { return nil }
    let (axes, keeps) = (draw.axes(values[a].rank), draw.chance())
    switch draw.number(in: 0...10) {
    case 0: return ("sum", { $0[a].sum(axes: axes, keepsAxes: keeps) })
    case 1: return ("mean", { $0[a].mean(axes: axes, keepsAxes: keeps) })
    case 2: return ("max of axes", { $0[a].max(axes: axes, keepsAxes: keeps) })
    case 3: return ("min of axes", { $0[a].min(axes: axes, keepsAxes: keeps) })
    case 4:
      return ("variance", { $0[a].variance(axes: axes, correction: 0, keepsAxes: keeps) })
    case 5: return ("logSumExp", { $0[a].logSumExp(axes: axes, keepsAxes: keeps) })
    case 6: return ("product", { $0[a].product(axes: axes, keepsAxes: keeps) })
    case 7: return ("norm 1", { $0[a].norm(.one, axes: axes, keepsAxes: keeps) })
    case 8: return ("norm 2", { (tanh($0[a]) + 2).norm(.two, axes: axes, keepsAxes: keeps) })
    case 9: return ("norm infinite", { $0[a].norm(.infinity, axes: axes, keepsAxes: keeps) })
    default:
      guard values[a].rank > 0 else { return nil }
      let axis = draw.axis(values[a].rank)
      return ("cumulativeSum", { $0[a].cumulativeSum(axis: axis) })
    }
  }
}
