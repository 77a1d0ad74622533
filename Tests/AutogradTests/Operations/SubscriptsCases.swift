import Autograd

extension DerivativeCase {
  static let subscripts: [DerivativeCase] = [
    .init("one position", [[3, 4]]) { $0[0][1] * $0[0][.last] },
    .init("one element", [[2, 3]]) { $0[0].sum() * $0[0][0, 1] },
    .init("positions of several axes", [[3, 4, 5]]) { $0[0][1, ..., 2..<5] },
    .init("each second position, reversed", [[3, 6]]) { $0[0][.all.by(-1), (1...).by(2)] },
    .init("new axes", [[2, 3]]) { $0[0][.newAxis, ..., .newAxis] * $0[0][0..., .newAxis, 0...] },
    .init("part of a transpose", [[3, 4]]) { $0[0].transposed()[.dropFirst(), 1] },
    .init("rows by indices", [[4, 3]]) { $0[0][Tensor<Int32>([[2, 0], [2, 3]])] },
    .init("positions of the last axis by indices", [[2, 4]]) { $0[0][..., [3, 0, 3]] },
    .init("positions of two axes by indices", [[3, 4, 2]]) {
      $0[0][Tensor<Int32>([[2], [0]]), [1, 3, 1], 0]
    },
    .init("choice by a mask", [[2, 3, 2]]) {
      $0[0][Tensor([[true, false, true], [false, false, true]])]
    },
    .init("assignment to a part", [[3, 4], [4]]) { inputs in
      var x = inputs[0]
      x[1] = inputs[1]
      x[..., 0] = x[..., 1] * x[..., 2]
      return x * inputs[0]
    },
    .init("assignment of a constant", [[3, 4]]) { inputs in
      var x = inputs[0]
      x[0..<2, .suffix(2)] = 3
      return x * inputs[0]
    },
    .init("assignment to a constant", [[2, 2]]) { inputs in
      var x = Tensor<Double>.ones([2, 3])
      x[..., .suffix(2).by(-1)] = inputs[0]
      return x * x
    },
    .init("assignment to rows by indices", [[4, 3], [3, 3]]) { inputs in
      var x = inputs[0]
      x[[2, 0, 2]] = inputs[1]
      return x * x
    },
    .init("assignment where a mask is true", [[2, 3], [3]]) { inputs in
      var x = inputs[0]
      x[Tensor([[true, false, true], [false, false, true]])] = inputs[1]
      x[Tensor([[false, true, false], [false, false, true]])] = inputs[1][0] * x.sum()
      return x * x
    },
  ]
}
