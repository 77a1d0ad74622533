import Autograd

extension DerivativeCase {
  static let furtherNormalizations: [DerivativeCase] = [
    .init("rmsNorm", [[2, 4], [4]]) { rmsNorm($0[0], shape: [4], weight: $0[1]) },
    .init("batchNorm", [[3, 2, 2], [2], [2]]) {
      batchNorm($0[0], weight: $0[1], bias: $0[2]).output
    },
    .init("batchNorm by given statistics", [[3, 2]]) {
      batchNorm($0[0], mean: Tensor([0.5, -0.5]), variance: Tensor([2, 0.5]))
    },
  ]
}
