import Autograd

/// Products, windows, normalisations and differentiation.
extension FailingCall {
  // MARK: Products

  static let products: [FailingCall] = [
    .init("matmul", "matmul: [2, 3] x [4, 5]: inner sizes 3 and 4 differ") {
      _ = matmul(zeros([2, 3]), zeros([4, 5]))
    },
    .init("matmul, batches", "matmul: [2, 1, 3] x [3, 3, 1]: the batch axes do not broadcast") {
      _ = matmul(zeros([2, 1, 3]), zeros([3, 3, 1]))
    },
    .init("matmul of a number", "matmul: [] x [3]: a tensor without axes is no matrix") {
      _ = matmul(zeros([]), zeros([3]))
    },
    .init("linear", "linear: an input of shape [7, 2] for a weight of shape [4, 3]") {
      _ = linear(zeros([7, 2]), zeros([4, 3]))
    },
    .init("linear, bias", "linear: a bias of shape [3] for a weight of shape [4, 3]") {
      _ = linear(zeros([7, 3]), zeros([4, 3]), zeros([3]))
    },
    .init("einsum, extents", "einsum: ij,jk->ik: extents 3 and 4 of one letter differ") {
      _ = einsum("ij,jk->ik", zeros([2, 3]), zeros([4, 2]))
    },
    .init("einsum, tensors", "einsum: ij,jk->ik is for 2 tensors, not 1") {
      _ = einsum("ij,jk->ik", zeros([2, 3]))
    },
    .init("einsum, axes", "einsum: ij->i: the term ij is not for a tensor of 1 axes") {
      _ = einsum("ij->i", zeros([2]))
    },
    .init("einsum, letter", "einsum: ij->k: the result has a letter that no tensor has") {
      _ = einsum("ij->k", zeros([2, 3]))
    },
    .init("einsum, twice", "einsum: ij->ii: the result has a letter twice") {
      _ = einsum("ij->ii", zeros([2, 3]))
    },
    .init("einsum, sign", "einsum: i1->i: unexpected 1") { _ = einsum("i1->i", zeros([2, 3])) },
    .init(
      "additive scores",
      "additiveScores: queries [2, 3], keys [2, 4, 5], v [5]: [batch, queries, size]"
    ) {
      _ = additiveScores(queries: zeros([2, 3]), keys: zeros([2, 4, 5]), v: zeros([5]))
    },
    .init(
      "scaled dot-product attention", "are expected, not [2, 3], [4, 5] and [4, 5]"
    ) {
      _ = scaledDotProductAttention(
        queries: zeros([2, 3]), keys: zeros([4, 5]), values: zeros([4, 5]))
    },
    .init(
      "scaled dot-product attention, mask",
      "scaledDotProductAttention: a mask of shape [3, 3] for [..., queries, keys] = [2, 4]"
    ) {
      _ = scaledDotProductAttention(
        queries: zeros([2, 3]), keys: zeros([4, 3]), values: zeros([4, 5]),
        mask: Tensor(repeating: true, shape: [3, 3]))
    },
    .init(
      "scaled dot-product attention, bias",
      "scaledDotProductAttention: a bias of shape [5, 2, 4] for [..., queries, keys] = [2, 4]"
    ) {
      _ = scaledDotProductAttention(
        queries: zeros([2, 3]), keys: zeros([4, 3]), values: zeros([4, 5]), bias: zeros([5, 2, 4]))
    },
    .init(
      "scaled dot-product attention, batch", "the axes before [2, 1, 3] and [3, 4, 3] do not"
    ) {
      _ = scaledDotProductAttention(
        queries: zeros([2, 1, 3]), keys: zeros([3, 4, 3]), values: zeros([3, 4, 5]))
    },
  ]

  // MARK: Windows

  static let windows: [FailingCall] = [
    .init("flip, axis", "flip: axis 1 of a tensor of shape [3], which has 1 axes") {
      _ = zeros([3]).flipped(axes: 1)
    },
    .init("flip, axis twice", "flip: axis 0 of a tensor of shape [3] is named twice") {
      _ = zeros([3]).flipped(axes: 0, -1)
    },
    .init("diagonal, axes", "diagonal: a tensor of shape [3] has fewer than two axes") {
      _ = zeros([3]).diagonal()
    },
    .init("diagonal, itself", "diagonal: axis 0 of a tensor of shape [3, 3] with itself") {
      _ = zeros([3, 3]).diagonal(axes: 0, 0)
    },
    .init("pad", "pad: widths [(before: -2, after: -2)] for a tensor of shape [3]") {
      _ = zeros([3]).padded([(-2, -2)])
    },
    .init("triangle", "triangle: a tensor of shape [3] has fewer than two axes") {
      _ = zeros([3]).lowerTriangle()
    },
    .init("convolution, axes", "convolution: [batch, channels, height, width] and") {
      _ = conv2d(zeros([2, 3]), zeros([1, 2, 3, 3]))
    },
    .init(
      "convolution, channels",
      "convolution: 2 channels, a weight of shape [1, 3, 1, 1] and 1 groups do not fit"
    ) {
      _ = conv2d(zeros([1, 2, 3, 3]), zeros([1, 3, 1, 1]))
    },
    .init(
      "convolution, window", "convolution: a window of shape [4, 4], dilation [1, 1], is larger"
    ) {
      _ = conv2d(zeros([1, 1, 3, 3]), zeros([1, 1, 4, 4]))
    },
    .init("convolution, stride", "convolution: stride [0, 1] and dilation [1, 1]: one number >= 1")
    {
      _ = conv2d(zeros([1, 1, 3, 3]), zeros([1, 1, 1, 1]), stride: [0, 1])
    },
    .init("convolution, padding", "convolution: padding [1]: one number >= 0 an axis is expected") {
      _ = conv2d(zeros([1, 1, 3, 3]), zeros([1, 1, 1, 1]), padding: .each([1]))
    },
    .init("convolution, same", "convolution: padding `same` goes with stride 1, not [2, 2]") {
      _ = conv2d(zeros([1, 1, 3, 3]), zeros([1, 1, 1, 1]), stride: [2, 2], padding: .same)
    },
    .init("convolution, bias", "convolution: a bias of shape [2] for a weight of [1, 1, 1, 1]") {
      _ = conv2d(zeros([1, 1, 3, 3]), zeros([1, 1, 1, 1]), bias: zeros([2]))
    },
    .init("convolution, one axis", "convolution: [batch, channels, length] and") {
      _ = conv1d(zeros([2]), zeros([1, 2, 3]))
    },
    .init("convolution without a window", "convolution: a weight of shape [1, 1, 0, 1]") {
      _ = conv2d(zeros([1, 1, 3, 3]), zeros([1, 1, 0, 1]))
    },
    .init("pooling, window", "pooling: a window of shape [4, 4] is larger than a tensor of shape") {
      _ = maxPool2d(zeros([1, 1, 3, 3]), PoolingWindow([4, 4]))
    },
    .init("pooling, numbers", "pooling: two numbers each are expected") {
      _ = maxPool2d(zeros([1, 1, 3, 3]), PoolingWindow([2]))
    },
    .init("pooling, padding", "pooling: a padding of 2 is more than half of a window of [2, 2]") {
      _ = maxPool2d(zeros([1, 1, 3, 3]), PoolingWindow([2, 2], padding: [2, 2]))
    },
    .init("pooling, axes", "pooling: a tensor of shape [3] has fewer than two axes") {
      _ = averagePool2d(zeros([3]), PoolingWindow([1, 1]))
    },
    .init("averages, dilation", "averagePool2d: a dilation of [2, 1]; averages are of neighbours") {
      _ = averagePool2d(zeros([3, 3]), PoolingWindow([1, 1], dilation: [2, 1]))
    },
  ]

  // MARK: Normalisations

  static let normalizations: [FailingCall] = [
    .init("softmax, axis", "softmax: axis 2 of a tensor of shape [2, 3], which has 2 axes") {
      _ = softmax(zeros([2, 3]), axis: 2)
    },
    .init("softmax, mask", "softmax: a mask of shape [2] for [2, 3]") {
      _ = softmax(zeros([2, 3]), axis: 1, mask: Tensor([true, false]))
    },
    .init("log-softmax, mask", "logSoftmax: a mask of shape [2, 2, 3] for [2, 3]") {
      _ = logSoftmax(zeros([2, 3]), axis: 1, mask: Tensor(repeating: true, shape: [2, 2, 3]))
    },
    .init("layer norm", "layerNorm: the last axes of [2, 3] are not [4]") {
      _ = layerNorm(zeros([2, 3]), shape: [4])
    },
    .init("layer norm, weight", "layerNorm: a weight or bias of shape [1] for axes of shape [3]") {
      _ = layerNorm(zeros([2, 3]), shape: [3], weight: zeros([1]))
    },
    .init("layer norm, bias", "layerNorm: a weight or bias of shape [2, 3] for axes of shape [3]") {
      _ = layerNorm(zeros([2, 3]), shape: [3], bias: zeros([2, 3]))
    },
    .init("rms norm", "rmsNorm: the last axes of [2, 3] are not [2]") {
      _ = rmsNorm(zeros([2, 3]), shape: [2])
    },
    .init("rms norm, weight", "rmsNorm: a weight or bias of shape [1] for axes of shape [3]") {
      _ = rmsNorm(zeros([2, 3]), shape: [3], weight: zeros([1]))
    },
    .init("batch norm", "batchNorm: [batch, channels, ...] is expected, not [3]") {
      _ = batchNorm(zeros([3]))
    },
    .init("batch norm, weight", "batchNorm: a weight or bias of shape [2] for 3 channels") {
      _ = batchNorm(zeros([2, 3]), weight: zeros([2]))
    },
    .init("batch norm, statistics", "not [2, 3], [2] and [3]") {
      _ = batchNorm(zeros([2, 3]), mean: zeros([2]), variance: zeros([3]))
    },
  ]

  // MARK: Differentiation

  static let differentiation: [FailingCall] = [
    .init("the gradient of many", "a tensor of shape [2]: reduce it, with sum() or mean()") {
      _ = gradient(at: zeros([2])) { $0 * 2 }
    },
    .init("a cotangent's shape", "a cotangent of shape [3] for an output of shape [2]") {
      _ = vectorJacobianProduct(at: [zeros([2])]) {
        $0
      } cotangents: { _ in
        [zeros([3])]
      }
    },
    .init("the number of cotangents", "2 cotangents for 1 outputs") {
      _ = vectorJacobianProduct(at: [zeros([2])]) {
        $0
      } cotangents: {
        $0 + $0
      }
    },
    .init("a pullback's gradients", "mine: the pullback gave 0 gradients for 1 inputs") {
      _ = gradient(at: Tensor<Double>(1)) { x in
        customOperation("mine", [x]) {
          $0[0]
        } pullback: { _, _, _ in
          []
        }
      }
    },
    .init("a pullback's shape", "mine: a gradient of shape [2] for an input of []") {
      _ = gradient(at: Tensor<Double>(1)) { x in
        customOperation("mine", [x]) {
          $0[0]
        } pullback: { _, _, _ in
          [zeros([2])]
        }
      }
    },
    .init("a mapped gradient's shape", "mappingGradient: a gradient of shape [2] for one of []") {
      _ = gradient(at: Tensor<Double>(1)) { $0.mappingGradient { _ in zeros([2]) } }
    },
  ]
}
