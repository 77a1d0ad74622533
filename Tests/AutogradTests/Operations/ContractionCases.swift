import Autograd

extension DerivativeCase {
  static let contractions: [DerivativeCase] = [
    .init("einsum, product", [[2, 3], [3, 4]]) { einsum("ij,jk->ik", $0) },
    .init("einsum, batch", [[2, 4, 3], [2, 5, 3]]) { einsum("bqd,bkd->bqk", $0) },
    .init("einsum, trace", [[3, 3]]) { einsum("ii", $0) },
    .init("einsum, three tensors", [[2, 3], [3], [3, 2]]) { einsum("ab,b,bc->ca", $0) },
    .init("einsum with other axes", [[2, 1, 3], [2, 3]]) { einsum("...k,...k->...", $0) },
  ]
}
