import Autograd

extension DerivativeCase {
  static let maskedProducts: [DerivativeCase] = [
    .init("maskedScores and maskedProduct", [[2, 3, 2], [2, 4, 2], [2, 4, 3]]) {
      let mask = Tensor<Bool>(
        (0..<24).map { ![1, 6, 8, 9, 10, 11, 23].contains($0) }, shape: [2, 3, 4])
      let scores = Tensor<Double>(maskedScores($0[0].untyped, $0[1].untyped, mask.untyped))
      let weights = softmax(scores, axis: -1, mask: mask)
      return Tensor(maskedProduct(weights.untyped, $0[2].untyped, mask.untyped))
    }
  ]
}
