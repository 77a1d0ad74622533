import Autograd

extension DerivativeCase {
  static let pooling: [DerivativeCase] = [
    .init("maxPool2d", [[1, 2, 4, 5]]) {
      maxPool2d($0[0], PoolingWindow([3, 2], stride: [2, 2], padding: [1, 1]))
    },
    .init("averagePool2d", [[2, 4, 5]]) {
      averagePool2d(
        $0[0], PoolingWindow([3, 2], stride: [2, 2], padding: [1, 1]), divisor: .inputCells)
    },
  ]
}
