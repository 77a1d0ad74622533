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

  static func zeros(_ shape: Shape) -> Tensor<Double> { .zeros(shape) }

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
}
