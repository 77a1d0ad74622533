import Autograd

extension DerivativeCase {
  static let products: [DerivativeCase] = [
    .init("matmul", [[2, 3], [3, 4]]) { matmul($0[0], $0[1]) },
    .init("matmul of transposes", [[3, 2], [4, 3]]) {
      matmul($0[0].transposed(), $0[1].transposed())
    },
    .init("matmul, batch", [[2, 2, 3], [2, 3, 2]]) { matmul($0[0], $0[1]) },
    .init("matmul, one right side", [[2, 2, 3], [3, 2]]) { matmul($0[0], $0[1]) },
    .init("matmul, batches broadcast", [[2, 1, 2, 3], [3, 3, 2]]) { matmul($0[0], $0[1]) },
    .init("matmul of vectors", [[3], [3]]) { matmul($0[0], $0[1]) },
    .init("matmul, row", [[3], [3, 2]]) { matmul($0[0], $0[1]) },
    .init("matmul, column", [[2, 3], [3]]) { matmul($0[0], $0[1]) },
    .init("linear", [[2, 3], [4, 3], [4]]) { linear($0[0], $0[1], $0[2]) },
    .init("linear, any axes", [[2, 2, 3], [4, 3]]) { linear($0[0], $0[1]) },
  ]
}
