import Autograd

extension DerivativeCase {
  static let reductions: [DerivativeCase] = [
    .init("sum") { $0[0].sum() },
    .init("sum of an axis", [[2, 3, 4]]) { $0[0].sum(axes: 1) },
    .init("sum of axes", [[2, 3, 4]]) { $0[0].sum(axes: 0, -1, keepsAxes: true) },
    .init("mean", [[2, 3, 4]]) { $0[0].mean(axes: 0, 2) },
    .init("max of an axis") { $0[0].max(axes: 1) },
    .init("min of all") { $0[0].min() },
    .init("variance") { $0[0].variance(axes: 1) },
    .init("logSumExp") { $0[0].logSumExp(axes: 1) },
  ]
}
