import Autograd

/// A programming error, and what its message must say: what was given, what was expected, and the
/// operation.
struct FailingCall: Sendable {
  let name: String
  /// A part of the message.
  let sentence: String
  let call: @Sendable () -> Void

  init(_ name: String, _ sentence: String, _ call: @escaping @Sendable () -> Void) {
    self.name = name
    self.sentence = sentence
    self.call = call
  }

  static let all: [FailingCall] =
    tensors + arithmetic + reductions + shapes + rearrangements + indexing + products + windows
    + normalizations + differentiation + subscripts + recorded + wholeNumbers + arguments

  static func named(_ name: String) -> FailingCall { all.first { $0.name == name }! }

  private static func zeros(_ shape: Shape) -> Tensor<Double> { .zeros(shape) }

  // MARK: Tensors

  private static let tensors: [FailingCall] = [
    .init("scalars that do not fill a shape", "a tensor of shape [2, 2] has 4 elements, not 3") {
      _ = Tensor<Float>([1, 2, 3], shape: [2, 2])
    },
    .init("rows of a matrix", "the rows of a matrix are equally long; here are 2 and 1") {
      _ = Tensor<Float>([[1, 2], [3]])
    },
    .init("a negative extent", "a shape has no negative extent: -1 for axis 1 of [2]") {
      _ = zeros([2, -1])
    },
    .init("a ninth axis", "a tensor has at most 8 axes: [1, 1, 1, 1, 1, 1, 1, 1] and one more") {
      _ = zeros([1, 1, 1, 1, 1, 1, 1, 1, 1])
    },
    .init("an extent beyond 32 bits", "an axis has at most 2147483647 positions, not 2147483648") {
      _ = zeros([2_147_483_648])
    },
    .init(
      "more elements than an Int", "[2000000000, 2000000000, 2000000000] has more elements than"
    ) {
      _ = zeros([2_000_000_000, 2_000_000_000, 2_000_000_000])
    },
    .init("more bytes than an Int", "[2000000000, 2000000000] has more bytes than an Int can") {
      _ = zeros([2_000_000_000, 2_000_000_000])
    },
    .init("an axis of a shape", "axis 2 of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).shape[2]
    },
    .init("the scalar of many", "scalar: a tensor of shape [2, 3] has 6 elements, not one") {
      _ = zeros([2, 3]).scalar
    },
    .init("a range of negative length", "range: a count of -1") { _ = Tensor<Int32>.range(-1) },
  ]

  // MARK: Arguments

  private static let arguments: [FailingCall] = [
    .init("uniform, nothing in between", "uniform: there are no numbers in 1.0..<1.0") {
      var generator = Generator(seed: 1)
      _ = Tensor<Double>.uniform([2], in: 1..<1, using: &generator)
    },
    .init("uniform, infinite", "uniform: bounds are 0.0 and inf, not finite") {
      var generator = Generator(seed: 1)
      _ = Tensor<Float>.uniform([2], in: 0..<Float.infinity, using: &generator)
    },
    .init("uniform, infinite and closed", "uniform: bounds are -inf and 0.0, not finite") {
      var generator = Generator(seed: 1)
      _ = Tensor<Double>.uniform([2], in: -Double.infinity...0, using: &generator)
    },
    .init("normal, deviation", "normal: deviation is -1.0, not at least 0") {
      var generator = Generator(seed: 1)
      _ = Tensor<Float>.normal([2], deviation: -1, using: &generator)
    },
    .init("normal, mean", "normal: mean is nan, not finite") {
      var generator = Generator(seed: 1)
      _ = Tensor<Double>.normal([2], mean: .nan, using: &generator)
    },
    .init("softplus, beta", "softplus: beta is 0.0, not finite and other than 0") {
      _ = softplus(zeros([2]), beta: 0)
    },
    .init("softplus, threshold", "softplus: threshold is nan, not a number") {
      _ = softplus(zeros([2]), threshold: .nan)
    },
    .init("elu, alpha", "elu: alpha is inf, not finite") {
      _ = elu(zeros([2]), alpha: .infinity)
    },
    .init("leaky relu, slope", "leakyReLU: slope is nan, not finite") {
      _ = leakyReLU(zeros([2]), slope: .nan)
    },
    .init("variance, correction", "variance: correction is -1.0, not at least 0") {
      _ = zeros([2]).variance(correction: -1)
    },
    .init("deviation, correction", "standardDeviation: correction is nan, not finite") {
      _ = zeros([2]).standardDeviation(correction: .nan)
    },
    .init("normalized, epsilon", "normalized: epsilon is -1.0, not at least 0") {
      _ = zeros([2]).normalized(axis: 0, epsilon: -1)
    },
    .init("cosine, epsilon", "cosineSimilarity: epsilon is -1.0, not at least 0") {
      _ = cosineSimilarity(zeros([2]), zeros([2]), axis: 0, epsilon: -1)
    },
    .init("layer norm, epsilon", "layerNorm: epsilon is -1.0, not at least 0") {
      _ = layerNorm(zeros([2]), shape: [2], epsilon: -1)
    },
    .init("root-mean-square norm, epsilon", "rmsNorm: epsilon is nan, not finite") {
      _ = rmsNorm(zeros([2]), shape: [2], epsilon: .nan)
    },
    .init("batch norm, epsilon", "batchNorm: epsilon is -1.0, not at least 0") {
      _ = batchNorm(zeros([2, 2]), epsilon: -1)
    },
    .init("attention, scale", "scaledDotProductAttention: scale is nan, not finite") {
      _ = scaledDotProductAttention(
        queries: zeros([2, 2]), keys: zeros([2, 2]), values: zeros([2, 2]), scale: .nan)
    },
    .init("a recurrence, steps", "checkpointedScan: steps is -1, not at least 0") {
      _ = checkpointedScan(steps: -1, initialState: [zeros([2])]) { _, state in state }
    },
  ]

  // MARK: Arithmetic

  private static let arithmetic: [FailingCall] = [
    .init("add", "add: [2, 3] and [4] do not broadcast: 3 and 4 differ at axis -1") {
      _ = zeros([2, 3]) + zeros([4])
    },
    .init("subtract", "subtract: [2, 3] and [3, 3] do not broadcast: 2 and 3 differ at axis -2") {
      _ = zeros([2, 3]) - zeros([3, 3])
    },
    .init("multiply", "multiply: [2] and [3] do not broadcast") { _ = zeros([2]) * zeros([3]) },
    .init("divide", "divide: [2] and [3] do not broadcast") { _ = zeros([2]) / zeros([3]) },
    .init("power", "power: [2] and [3] do not broadcast") { _ = pow(zeros([2]), zeros([3])) },
    .init("larger of pairs", "maximum: [2] and [3] do not broadcast") {
      _ = max(zeros([2]), zeros([3]))
    },
    .init("comparison", "less: [2] and [3] do not broadcast") { _ = zeros([2]) .< zeros([3]) },
    .init("select, values", "select: [2] and [3] do not broadcast") {
      _ = select(Tensor(true), zeros([2]), zeros([3]))
    },
    .init("select, condition", "select: [4] and [3] do not broadcast: 4 and 3 differ") {
      _ = select(Tensor([true, false, true, true]), zeros([3]), zeros([3]))
    },
    .init("filled", "select: [2] and [3] do not broadcast") {
      _ = zeros([3]).filled(where: Tensor([true, false]), with: 0)
    },
    .init("and", "and: [2] and [3] do not broadcast") {
      _ = Tensor([true, false]) & Tensor([true, false, true])
    },
  ]

  // MARK: Reductions

  private static let reductions: [FailingCall] = [
    .init("sum, axis", "sum: axis 2 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).sum(axes: 2)
    },
    .init("sum, axis twice", "sum: axis 1 of a tensor of shape [2, 3] is named twice") {
      _ = zeros([2, 3]).sum(axes: 1, -1)
    },
    .init("sum of a number, axis", "sum: axis 1 of a tensor of shape [], which has 0 axes") {
      _ = zeros([]).sum(axes: 1)
    },
    .init("mean, axis", "mean: axis -3 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).mean(axes: -3)
    },
    .init("max, axis", "max: axis 2 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).max(axes: 2)
    },
    .init("max, axis twice", "max: axis 0 of a tensor of shape [2, 3] is named twice") {
      _ = zeros([2, 3]).max(axes: 0, 0)
    },
    .init("min, axis", "min: axis 2 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).min(axes: 2)
    },
    .init("product, axis twice", "product: axis 0 of a tensor of shape [2, 3] is named twice") {
      _ = zeros([2, 3]).product(axes: 0, -2)
    },
    .init("variance, axis", "variance: axis 5 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).variance(axes: 5)
    },
    .init("norm, axis", "norm: axis 5 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).norm(axes: 5)
    },
    .init("logSumExp, axis", "logSumExp: axis 2 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).logSumExp(axes: 2)
    },
    .init("argmax, axis", "argmax: axis 2 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).argmax(axis: 2)
    },
    .init("argmin of nothing", "argmin: a tensor of shape [2, 0] has no elements to choose from") {
      _ = zeros([2, 0]).argmin(axis: 1)
    },
    .init("cumulative sum, axis", "cumulativeSum: axis 1 of a tensor of shape [2], which has 1") {
      _ = zeros([2]).cumulativeSum(axis: 1)
    },
    .init("all, axis", "all: axis 1 of a tensor of shape [2], which has 1 axes") {
      _ = Tensor([true, false]).all(axes: 1)
    },
    .init("sort, axis", "sort: axis 1 of a tensor of shape [2], which has 1 axes") {
      _ = zeros([2]).sorted(axis: 1)
    },
    .init("topK, count", "topK: 4 elements of axis -1 of a tensor of shape [3]") {
      _ = zeros([3]).topK(4)
    },
    .init("cosine", "cosineSimilarity: [2] and [3] do not broadcast") {
      _ = cosineSimilarity(zeros([2]), zeros([3]), axis: 0)
    },
  ]

  // MARK: Shapes

  private static let shapes: [FailingCall] = [
    .init("reshape", "reshape: [2, 3] has 6 elements, [4] has 4") {
      _ = zeros([2, 3]).reshaped([4] as Shape)
    },
    .init("reshape, inferred", "reshape: [2, 3], 6 elements, does not fit into [4, -1]") {
      _ = zeros([2, 3]).reshaped([4, -1])
    },
    .init("reshape, two inferred", "reshape: only one extent can be inferred, not 2") {
      _ = zeros([2, 3]).reshaped([-1, -1])
    },
    .init("reshape of nothing, inferred", "reshape: [0], 0 elements, does not fit into [0, -1]") {
      _ = zeros([0]).reshaped([0, -1])
    },
    .init("reshape, negative", "a shape has no negative extent: -2") {
      _ = zeros([4]).reshaped([-2, -1])
    },
    .init("uniform", "uniform: there are no numbers in 1.0..<1.0") {
      var generator = Generator(seed: 1)
      _ = Tensor<Float>.uniform([2], in: 1..<1, using: &generator)
    },
    .init("flatten", "flatten: no axis of shape [2, 3] lies in -1...0") {
      _ = zeros([2, 3]).flattened(axes: -1...0)
    },
    .init("flatten, upper bound", "flatten: axis 2 of a tensor") {
      _ = zeros([2, 3]).flattened(axes: 0...2)
    },
    .init("permute", "permute: [0, 0] does not name each of the 2 axes of [2, 3] once") {
      _ = zeros([2, 3]).permuted(axes: [0, 0])
    },
    .init("transpose", "transpose: axis -2 of a tensor of shape [3], which has 1 axes") {
      _ = zeros([3]).transposed()
    },
    .init("unsqueeze", "unsqueeze: axis 4 of the result of a tensor of shape [2, 3]") {
      _ = zeros([2, 3]).unsqueezed(axis: 4)
    },
    .init("squeeze", "squeeze: axis 2 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).squeezed(axes: 2)
    },
    .init("expand", "expand: [2, 3] does not expand to [2, 4]") {
      _ = zeros([2, 3]).expanded(to: [2, 4])
    },
    .init("narrow", "narrow: 1..<4 of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3]).narrowed(axis: 1, to: 1..<4)
    },
    .init("one position", "select: index 3 of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3]).selected(axis: 1, at: 3)
    },
    .init("unstack", "unstack: a tensor without axes has no positions") {
      _ = zeros([]).unstacked(axis: 0)
    },
    .init("concatenate", "concatenate: [2, 3] and [3, 3] differ elsewhere than at axis 1") {
      _ = Tensor.concatenated([zeros([2, 3]), zeros([3, 3])], axis: 1)
    },
    .init("concatenate nothing", "concatenate: there is no tensor") {
      _ = Tensor<Double>.concatenated([], axis: 0)
    },
    .init("stack", "stack: [2] and [3] differ") {
      _ = Tensor.stacked([zeros([2]), zeros([3])], axis: 0)
    },
    .init("stack nothing", "stack: there is no tensor") {
      _ = Tensor<Double>.stacked([], axis: 0)
    },
  ]

  private static let rearrangements: [FailingCall] = [
    .init("split", "split: lengths [1, 1] of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3]).split(axis: 1, lengths: [1, 1])
    },
    .init("split, every", "split: pieces of length 0 of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3]).split(axis: 1, every: 0)
    },
    .init("chunk", "chunk: 0 pieces of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3]).chunked(axis: 1, into: 0)
    },
    .init("roll", "roll: axis 2 of a tensor of shape [2, 3], which has 2 axes") {
      _ = zeros([2, 3]).rolled(axis: 2, by: 1)
    },
    .init("tile", "tile: negative number in [-1]") { _ = zeros([2]).tiled([-1]) },
    .init("index, outside", "rows: index 2 of a table with 2 rows") {
      _ = zeros([2]).indexed(axis: 0, at: Tensor([2]))
    },
  ]

  // MARK: Indexing

  private static let indexing: [FailingCall] = [
    .init("rows", "rows: index 2 of a table with 2 rows") { _ = zeros([2, 3]).rows(Tensor([2])) },
    .init("rows, negative", "rows: index -1 of a table with 2 rows") {
      _ = zeros([2, 3]).rows(Tensor([-1]))
    },
    .init("rows of a number", "rows: a tensor without axes has no rows") {
      _ = zeros([]).rows(Tensor([0]))
    },
    .init("gather, index", "gather: index 3 of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3]).gathered(axis: 1, at: Tensor([[3]]))
    },
    .init("gather, axes", "gather: an index of shape [1] for [2, 3]") {
      _ = zeros([2, 3]).gathered(axis: 1, at: Tensor([0]))
    },
    .init("gather, extent", "gather: the index of shape [3, 1] is longer than [2, 3] at axis 0") {
      _ = zeros([2, 3]).gathered(axis: 1, at: Tensor([[0], [0], [0]]))
    },
    .init("scatter, index", "scatterAdd: index 3 of axis 1 of a tensor of shape [2, 3]") {
      _ = zeros([2, 3]).scatterAdding(zeros([1, 1]), axis: 1, at: Tensor([[3]]))
    },
    .init("scatter, source", "scatterAdd: index [1, 2], source [1, 1] and target [2, 3] at axis 1")
    {
      _ = zeros([2, 3]).scatterAdding(zeros([1, 1]), axis: 1, at: Tensor([[0, 1]]))
    },
  ]

  // MARK: Products

  private static let products: [FailingCall] = [
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

  private static let windows: [FailingCall] = [
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

  private static let normalizations: [FailingCall] = [
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

  private static let differentiation: [FailingCall] = [
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
