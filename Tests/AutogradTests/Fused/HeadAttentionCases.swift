import Autograd

extension DerivativeCase {
  static let headAttention: [DerivativeCase] = [
    .init("headAttention", [[2, 2, 3, 2], [2, 2, 4, 2], [2, 2, 4, 3], [5, 6], [5]]) {
      attention($0, mask: nil, dropout: nil)
    },
    .init(
      "headAttention, masked, dropout", [[2, 2, 3, 2], [2, 2, 4, 2], [2, 2, 4, 3], [5, 6], [5]]
    ) {
      let mask = Tensor<Bool>(
        (0..<24).map { ![1, 6, 8, 9, 10, 11, 23].contains($0) }, shape: [2, 1, 3, 4])
      let dropout = Tensor<Double>(
        (0..<48).map { $0 % 5 < 3 ? 1.25 : 0 }, shape: [2, 2, 3, 4])
      return attention($0, mask: mask, dropout: dropout)
    },
    .init("headAttention of positions", [[2, 3, 2, 2], [2, 4, 2, 2], [2, 4, 2, 2], [3, 4]]) {
      attention(
        $0[..<3].map { $0.transposed(axes: 1, 2) } + [$0[3]], mask: nil, dropout: nil)
    },
  ]

  private static func attention(
    _ operands: [Tensor<Double>], mask: Tensor<Bool>?, dropout: Tensor<Double>?
  ) -> Tensor<Double> {
    let bias = operands.count > 4 ? operands[4].untyped : nil
    return Tensor(
      Autograd.headAttention(
        operands[0].untyped, operands[1].untyped, operands[2].untyped,
        projection: (operands[3].untyped, bias), mask: mask?.untyped, dropout: dropout?.untyped,
        scale: 0.7))
  }
}
