public import Autograd

/// Several attentions side by side, each to its own projection of queries, keys and values
/// (Vaswani et al., 2017, section 3.2.2).
///
/// With E features in H heads, head h has the features `h E/H ..< (h + 1) E/H` of each projection:
/// `weights = softmax(q k / sqrt(E/H))`, `output = outputWeight [all heads' weights v] + outputBias`.
/// A query with nothing to attend to has zero weights, so its output is `outputBias`, and neither
/// gets nor causes any other gradient.
public struct MultiHeadAttention<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// Number of heads.
  public let heads: Int
  /// `[size, size]`
  @Parameter public var queryWeight: Tensor<Scalar>
  /// `[size, keySize]`
  @Parameter public var keyWeight: Tensor<Scalar>
  /// `[size, valueSize]`
  @Parameter public var valueWeight: Tensor<Scalar>
  /// `[size, size]`
  @Parameter public var outputWeight: Tensor<Scalar>
  /// `[size]`, or nil.
  @OptionalParameter public var queryBias: Tensor<Scalar>?
  /// `[size]`, or nil.
  @OptionalParameter public var keyBias: Tensor<Scalar>?
  /// `[size]`, or nil.
  @OptionalParameter public var valueBias: Tensor<Scalar>?
  /// `[size]`, or nil.
  @OptionalParameter public var outputBias: Tensor<Scalar>?
  /// Turns queries and keys by their positions; nil if they do not know of any.
  public let rotary: RotaryPositions<Scalar>?
  private let dropout: Dropout<Scalar>

  /// - Parameters:
  ///   - size: E, extent of queries and output; a multiple of `heads`.
  ///   - heads: H, number of attentions.
  ///   - keySize: extent of the keys; `size` if nil.
  ///   - valueSize: extent of the values; `size` if nil.
  ///   - bias: whether vectors are added; they start at 0.
  ///   - dropout: share of the weights that training sets to zero.
  ///   - rotary: turns queries and keys by their positions; of `size / heads` features.
  ///   - generator: weights start Glorot-uniform.
  public init(
    _ size: Int, heads: Int, keySize: Int? = nil, valueSize: Int? = nil, bias: Bool = true,
    dropout: Double = 0, rotary: RotaryPositions<Scalar>? = nil,
    using generator: inout some RandomNumberGenerator
  ) {
    if heads < 1 || size % heads != 0 {
      trap("MultiHeadAttention: \(size) features cannot be shared evenly by \(heads) heads")
    }
    self.heads = heads
    _queryWeight = Parameter(wrappedValue: .glorotUniform([size, size], using: &generator))
    _keyWeight = Parameter(
      wrappedValue: .glorotUniform([size, keySize ?? size], using: &generator))
    _valueWeight = Parameter(
      wrappedValue: .glorotUniform([size, valueSize ?? size], using: &generator))
    _outputWeight = Parameter(wrappedValue: .glorotUniform([size, size], using: &generator))
    // Each its own: a tensor has one label.
    _queryBias = OptionalParameter(wrappedValue: bias ? .zeros([size]) : nil)
    _keyBias = OptionalParameter(wrappedValue: bias ? .zeros([size]) : nil)
    _valueBias = OptionalParameter(wrappedValue: bias ? .zeros([size]) : nil)
    _outputBias = OptionalParameter(wrappedValue: bias ? .zeros([size]) : nil)
    self.rotary = rotary
    self.dropout = Dropout(dropout)
  }

  /// - Parameters:
  ///   - queries: `[batch, queries, size]`
  ///   - keys: `[batch, keys, keySize]`
  ///   - values: `[batch, keys, valueSize]`; the keys if nil.
  ///   - keyMask: true = may be attended to: `[batch, keys]`.
  ///   - mask: true = may attend: `[queries, keys]`, `[batch, queries, keys]`, or for each head by
  ///     itself `[batch, heads, queries, keys]`. Of both masks, both must say true.
  ///   - averagesWeights: whether the weights are the mean of the heads', or each head's.
  /// - Returns: output `[batch, queries, size]`; weights `[batch, queries, keys]`, or
  ///   `[batch, heads, queries, keys]`.
  public func callAsFunction(
    queries: Tensor<Scalar>, keys: Tensor<Scalar>, values: Tensor<Scalar>? = nil,
    keyMask: Tensor<Bool>? = nil, mask: Tensor<Bool>? = nil, averagesWeights: Bool = true
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    let heads = projected(queries, keys, values, keyMask, mask)
    return attend(heads.queries, heads.keys, heads.values, heads.allowed, averagesWeights)
  }

  /// The output alone, for which the weights need not be kept.
  func output(
    queries: Tensor<Scalar>, keys: Tensor<Scalar>, keyMask: Tensor<Bool>?, mask: Tensor<Bool>?
  ) -> Tensor<Scalar> {
    let heads = projected(queries, keys, nil, keyMask, mask)
    let shape: Shape = [keys.shape[0], self.heads, queries.shape[1], keys.shape[1]]
    return Tensor(
      headAttention(
        heads.queries.untyped, heads.keys.untyped, heads.values.untyped,
        projection: (outputWeight.untyped, outputBias?.untyped), mask: heads.allowed?.untyped,
        dropout: dropout.drawMask(shape)?.untyped, scale: Double(scale(heads.queries))))
  }

  /// The heads' queries, keys and values, and what they may attend to.
  private func projected(
    _ queries: Tensor<Scalar>, _ keys: Tensor<Scalar>, _ values: Tensor<Scalar>?,
    _ keyMask: Tensor<Bool>?, _ mask: Tensor<Bool>?
  ) -> (
    queries: Tensor<Scalar>, keys: Tensor<Scalar>, values: Tensor<Scalar>, allowed: Tensor<Bool>?
  ) {
    checkAttention(keys: keys, values: values, keyMask: keyMask, in: self)
    if queries.rank != 3 || queries.shape[0] != keys.shape[0] {
      trap(
        "MultiHeadAttention: queries of shape \(queries.shape) for keys of \(keys.shape): "
          + "[batch, queries, size] is expected\(layerPath)")
    }
    let shape: Shape = [keys.shape[0], heads, queries.shape[1], keys.shape[1]]
    let allowed = joined(keyMask, mask, shape)
    let seen = allowed.map { HeadMask($0, shape) }
    let keys = keys.cleared(where: seen?.unusedKeys)
    let values = values?.cleared(where: seen?.unusedKeys) ?? keys
    let queries = queries.cleared(where: seen?.emptyQueries)

    let (k, v) = projected(keys: keys, values: values, from: 0)
    return (projected(queries: queries, from: 0), k, v, allowed)
  }

  /// The heads' queries, `[batch, heads, queries, E/H]`, the first at position `start`.
  func projected(queries: Tensor<Scalar>, from start: Int) -> Tensor<Scalar> {
    turned(split(linear(queries, queryWeight, queryBias)), from: start)
  }

  /// The heads' keys and values, `[batch, heads, keys, E/H]`, the first at position `start`.
  func projected(
    keys: Tensor<Scalar>, values: Tensor<Scalar>, from start: Int
  ) -> (keys: Tensor<Scalar>, values: Tensor<Scalar>) {
    (
      turned(split(linear(keys, keyWeight, keyBias)), from: start),
      split(linear(values, valueWeight, valueBias))
    )
  }

  /// What the heads attend to, joined.
  ///
  /// - Parameters:
  ///   - q: `[batch, heads, queries, E/H]`
  ///   - k: `[batch, heads, keys, E/H]`
  ///   - v: of the same shape.
  ///   - allowed: true = may attend; broadcasts to `[batch, heads, queries, keys]`.
  func attend(
    _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, _ allowed: Tensor<Bool>?,
    _ averagesWeights: Bool
  ) -> (output: Tensor<Scalar>, weights: Tensor<Scalar>) {
    let weights = dropout(
      Tensor<Scalar>(
        headWeights(q.untyped, k.untyped, mask: allowed?.untyped, scale: Double(scale(q)))))
    let context = Tensor<Scalar>(headContexts(weights.untyped, v.untyped, mask: allowed?.untyped))
    return (
      linear(context, outputWeight, outputBias), averagesWeights ? weights.mean(axes: 1) : weights
    )
  }

  private func scale(_ queries: Tensor<Scalar>) -> Scalar {
    1 / Scalar(queries.shape[3]).squareRoot()
  }

  /// `[batch, time, E]` to `[batch, heads, time, E/H]`.
  private func split(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.reshaped([x.shape[0], x.shape[1], heads, x.shape[2] / heads] as Shape).transposed(axes: 1, 2)
  }

  private func turned(_ x: Tensor<Scalar>, from start: Int) -> Tensor<Scalar> {
    rotary.map { $0(x, from: start) } ?? x
  }

  /// Both masks as one that broadcasts to `[batch, heads, queries, keys]`.
  private func joined(
    _ keyMask: Tensor<Bool>?, _ mask: Tensor<Bool>?, _ shape: Shape
  ) -> Tensor<Bool>? {
    let mask = mask.map { mask in
      let fits: [Shape] = [
        [shape[2], shape[3]], [shape[0], shape[2], shape[3]], shape,
      ]
      if !fits.contains(mask.shape) {
        trap(
          "MultiHeadAttention: a mask of shape \(mask.shape) for [batch, heads, queries, keys] = "
            + "\(shape): [queries, keys], [batch, queries, keys] or all four are expected\(layerPath)"
        )
      }
      return mask.rank == 3 ? mask.unsqueezed(axis: 1) : mask
    }
    guard let keyMask = keyMask?.reshaped([shape[0], 1, 1, shape[3]] as Shape) else { return mask }
    return mask.map { $0 & keyMask } ?? keyMask
  }
}

/// The keys and queries that no head uses, to be replaced by zeros: see `AttentionMask`.
private struct HeadMask {
  let unusedKeys: Tensor<Bool>?
  let emptyQueries: Tensor<Bool>?

  /// - Parameters:
  ///   - allowed: broadcasts to `shape`.
  ///   - shape: `[batch, heads, queries, keys]`
  init(_ allowed: Tensor<Bool>, _ shape: Shape) {
    let (batch, keys) = (shape[0], shape[3])
    // What heads or queries share is looked at once.
    let own = Array(repeating: 1, count: 4 - allowed.rank) + Array(allowed.shape)
    let (heads, queries) = (own[1], own[2])
    let rows = allowed.expanded(to: [batch, heads, queries, keys])
    let mask = AttentionMask(rows.reshaped([batch, heads * queries, keys] as Shape))
    unusedKeys = mask.unusedKeys
    emptyQueries = mask.emptyQueries.map { empty in
      let isEmpty = empty.scalars
      let isEmptyInAll = (0..<(batch * queries)).map { row in
        (0..<heads).allSatisfy { head in
          isEmpty[(row / queries * heads + head) * queries + row % queries]
        }
      }
      return Tensor(isEmptyInAll, shape: [batch, queries, 1])
    }
  }
}
