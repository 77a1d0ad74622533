import Autograd

extension DerivativeCase {
  static let layerNorms: [DerivativeCase] = [
    .init("layerNorm", [[2, 4], [4], [4]]) {
      layerNorm($0[0], shape: [4], weight: $0[1], bias: $0[2])
    },
    .init("layerNorm over two axes", [[2, 2, 3]]) { layerNorm($0[0], shape: [2, 3]) },
  ]
}
