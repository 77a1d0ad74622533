import Autograd

extension DerivativeCase {
  static let convolutions: [DerivativeCase] = [
    .init("conv1d", [[2, 2, 5], [3, 2, 3], [3]]) {
      conv1d($0[0], $0[1], bias: $0[2], stride: 2, padding: .each([1]))
    },
    .init("conv2d", [[2, 2, 4, 5], [2, 2, 3, 2], [2]]) {
      conv2d($0[0], $0[1], bias: $0[2], stride: [2, 1], padding: .each([1, 0]))
    },
    .init("conv2d of channels by themselves", [[2, 2, 3, 6], [4, 1, 2, 3]]) {
      conv2d($0[0], $0[1], stride: [1, 2], padding: .each([1, 2]), groups: 2)
    },
    .init("conv2d, windows apart", [[1, 2, 5, 7], [2, 2, 1, 2], [2]]) {
      conv2d($0[0], $0[1], bias: $0[2], stride: [2, 3], dilation: [1, 2])
    },
    .init("conv2d in groups", [[1, 4, 5, 4], [2, 2, 2, 2]]) {
      conv2d($0[0], $0[1], padding: .same, dilation: [2, 1], groups: 2)
    },
  ]
}
