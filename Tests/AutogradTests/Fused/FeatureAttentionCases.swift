import Autograd

extension DerivativeCase {
  static let featureAttention: [DerivativeCase] = [
    .init("featureAttention", [[2, 3, 5], [2, 3, 5]]) {
      Autograd.featureAttention(scores: $0[0], states: $0[1])
    },
    .init("featureAttention, masked", [[2, 3, 5], [2, 3, 5]]) {
      Autograd.featureAttention(
        scores: $0[0], states: $0[1],
        keyMask: Tensor([true, false, true, false, false, false], shape: [2, 3]))
    },
    .init("featureAttention, projected", [[2, 3, 4], [4, 4], [4]]) {
      Autograd.featureAttention(states: $0[0], weight: $0[1], bias: $0[2], keyMask: nil)
    },
    .init("featureAttention, projected, masked, time-major", [[3, 2, 4], [4, 4]]) {
      Autograd.featureAttention(
        states: $0[0].transposed(axes: 0, 1), weight: $0[1], bias: nil,
        keyMask: Tensor([true, false, true, false, false, false], shape: [2, 3]))
    },
    .init("featureAttention, time-major", [[3, 2, 5], [3, 2, 5]]) {
      Autograd.featureAttention(
        scores: $0[0].transposed(axes: 0, 1), states: $0[1].transposed(axes: 0, 1))
    },
  ]
}
