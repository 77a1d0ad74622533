import Autograd

extension DerivativeCase {
  static let crossEntropy: [DerivativeCase] = [
    .init("softmaxCrossEntropy", [[3, 4]]) {
      Tensor(softmaxCrossEntropy($0[0].untyped, Tensor<Int32>([2, 0, 3]).untyped))
    },
    .init("softmaxCrossEntropy, mean", [[3, 1, 4]]) {
      Tensor(
        softmaxCrossEntropy(
          $0[0].untyped, Tensor<Int32>([2, 0, 3], shape: [3, 1]).untyped, sumOver: 3))
    },
  ]
}
