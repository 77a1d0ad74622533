import Autograd

extension DerivativeCase {
  static let statistics: [DerivativeCase] = [
    .init("product", [[2, 3]]) { $0[0].product() },
    .init("product of an axis", [[2, 5, 2]]) { $0[0].product(axes: 1) },
    .init("product with a factor 0", [[3]]) { ($0[0] * Tensor([1, 0, 1])).product() },
    .init("standardDeviation", [[2, 4]]) { $0[0].standardDeviation(axes: 1) },
    .init("standardDeviation of all") { $0[0].standardDeviation(correction: 0) },
    .init("norm of all", [[2, 4]]) { $0[0].norm() },
    .init("norm of order 1", in: 0.5...2) { $0[0].norm(.one, axes: 1) },
    .init("norm of order 2") { $0[0].norm(axes: 1, keepsAxes: true) },
    .init("norm of infinite order") { $0[0].norm(.infinity, axes: 0) },
    .init("normalized") { $0[0].normalized(axis: 1) },
    .init("cosineSimilarity", [[2, 3], [2, 3]]) { cosineSimilarity($0[0], $0[1], axis: 1) },
    .init("cumulativeSum", [[2, 3, 2]]) { $0[0].cumulativeSum(axis: 1) },
  ]
}
