/// Scaled dot-product attention (Vaswani et al., 2017):
/// `softmax(query keyᵀ scale + bias) value`, over the keys that the mask allows.
///
/// A query that may attend to nothing gets zeros, and sends no gradient. What stands at a key that a
/// query may not attend to, be it NaN, reaches neither that query's result nor its gradient, and
/// neither does such a query the key's.
///
/// - Parameters:
///   - query: `[..., queries, features]`
///   - key: `[..., keys, features]`
///   - value: `[..., keys, values]`
///   - mask: true = may attend; broadcasts to `[..., queries, keys]`.
///   - bias: added to the scores; broadcasts likewise.
///   - isCausal: whether query i may attend to keys 0 ... i only.
///   - scale: 1 / sqrt(features) unless given.
/// - Returns: `[..., queries, values]`
public func scaledDotProductAttention<Scalar: FloatingPointScalar>(
  queries query: Tensor<Scalar>, keys key: Tensor<Scalar>, values value: Tensor<Scalar>,
  mask: Tensor<Bool>? = nil, bias: Tensor<Scalar>? = nil, isCausal: Bool = false,
  scale: Scalar? = nil
) -> Tensor<Scalar> {
  if query.rank < 2 || key.rank < 2 || value.rank < 2
    || query.shape[query.rank - 1] != key.shape[key.rank - 1]
    || key.shape[key.rank - 2] != value.shape[value.rank - 2]
  {
    trap(
      "scaledDotProductAttention: [..., queries, features], [..., keys, features] and "
        + "[..., keys, values] are expected, not \(query.shape), \(key.shape) and \(value.shape)")
  }
  checkScores(query.shape, key.shape, mask: mask?.shape, bias: bias?.shape)
  var (query, key, value) = (query, key, value)
  var allowed = mask
  if isCausal {
    let (queries, keys) = (query.shape[query.rank - 2], key.shape[key.rank - 2])
    let causal = Tensor<Bool>(
      (0..<(queries * keys)).map { $0 % keys <= $0 / keys }, shape: [queries, keys])
    allowed = allowed.map { $0 & causal } ?? causal
  }
  if let mask = allowed {
    let table = mask.rank < 2 ? mask.reshaped([1, mask.count] as Shape) : mask
    // [..., 1, keys], then [..., keys, 1]
    let isUnseen = !table.any(axes: -2, keepsAxes: true).transposed()
    query = query.filled(where: !table.any(axes: -1, keepsAxes: true), with: 0)
    key = key.filled(where: isUnseen, with: 0)
    value = value.filled(where: isUnseen, with: 0)
  }
  if let scale { expect(Double(scale), .finite, "scaledDotProductAttention", "scale") }
  let factor = scale ?? Scalar(1 / Double(Swift.max(query.shape[query.rank - 1], 1)).squareRoot())
  let table = allowed?.untyped
  var scores = Tensor<Scalar>(maskedScores((query * factor).untyped, key.untyped, table))
  if let bias { scores = scores + bias }
  let weights = softmax(scores, axis: -1, mask: allowed)
  return Tensor(maskedProduct(weights.untyped, value.untyped, table))
}

/// Traps unless a mask and a bias broadcast to the scores.
private func checkScores(_ query: Shape, _ key: Shape, mask: Shape?, bias: Shape?) {
  guard let batch = Shape(query.dropLast(2)).broadcast(with: Shape(key.dropLast(2))) else {
    trap("scaledDotProductAttention: the axes before \(query) and \(key) do not broadcast")
  }
  let scores = Shape(batch + [query[query.rank - 2], key[key.rank - 2]])
  for (name, shape) in [("mask", mask), ("bias", bias)] {
    if let shape, shape.broadcast(with: scores) != scores {
      trap(
        "scaledDotProductAttention: a \(name) of shape \(shape) for [..., queries, keys] = \(scores)"
      )
    }
  }
}
