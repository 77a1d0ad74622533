import Autograd

extension DerivativeCase {
  static let attention: [DerivativeCase] = [
    .init("scaledDotProductAttention", [[2, 3, 2], [2, 4, 2], [2, 4, 3]]) {
      scaledDotProductAttention(queries: $0[0], keys: $0[1], values: $0[2])
    },
    .init("scaledDotProductAttention, causal", [[3, 2], [4, 2], [4, 3]]) {
      scaledDotProductAttention(queries: $0[0], keys: $0[1], values: $0[2], isCausal: true)
    },
    .init("scaledDotProductAttention, masked", [[2, 2], [3, 2], [3, 2], [2, 3]]) {
      scaledDotProductAttention(
        queries: $0[0], keys: $0[1], values: $0[2],
        mask: Tensor([[true, false, true], [false, false, false]]),
        bias: $0[3], scale: 0.7)
    },
  ]
}
