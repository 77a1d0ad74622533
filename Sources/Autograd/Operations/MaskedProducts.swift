// The two matrix products of attention, of which a pair of query and key counts only where a mask
// says so. A weight of 0 does not keep a NaN or an infinity out of a sum, since 0 times either is
// NaN; so what stands at a masked pair is taken out of these products, and of their derivatives,
// altogether. That costs one sum over a result as long as all numbers are finite.

/// `a bᵀ`, in which an element where the mask is false is of no meaning: the score of a query and
/// a key that it may not attend to. What follows must not look at it and send it the gradient 0, as
/// `softmax` with the same mask does.
///
/// - Parameters:
///   - a: `[..., m, k]`
///   - b: `[..., n, k]`
///   - mask: broadcasts to `[..., m, n]`; nil where all is true.
package func maskedScores(_ a: UntypedTensor, _ b: UntypedTensor, _ mask: UntypedTensor?)
  -> UntypedTensor
{
  guard let mask else { return matmul(a, transposed(b)) }
  let y = Compute.matrixProduct(a, Compute.transposedView(b))
  recording(a, b)?.record(
    "maskedScores", y, of: a, b,
    by: .vectorJacobianProduct { dy, operand in
      operand == 0
        ? summed(maskedProduct(dy, b, mask), to: a.shape)
        : summed(maskedProduct(transposed(dy), a, Compute.transposedView(mask)), to: b.shape)
    })
  return y
}

/// `a b`, where `a` is 0 wherever the mask is false and stays 0 there against anything in `b`.
///
/// - Parameters:
///   - a: `[..., m, k]`
///   - b: `[..., k, n]`
///   - mask: broadcasts to `[..., m, k]`; nil where all is true.
package func maskedProduct(_ a: UntypedTensor, _ b: UntypedTensor, _ mask: UntypedTensor?)
  -> UntypedTensor
{
  guard let mask else { return matmul(a, b) }
  let y = Compute.maskedProduct(a, b, mask)
  recording(a, b)?.record(
    "maskedProduct", y, of: a, b,
    by: .vectorJacobianProduct { dy, operand in
      if operand == 0 {
        return summed(finite(maskedScores(dy, b, mask), where: mask), to: a.shape)
      }
      return summed(
        maskedProduct(transposed(a), dy, Compute.transposedView(mask)), to: b.shape)
    })
  return y
}

/// `x` with 0 where the mask is false, if any number is not finite; else as it is, since what is
/// there then does no harm.
private func finite(_ x: UntypedTensor, where mask: UntypedTensor) -> UntypedTensor {
  if Compute.isFinite(x) { return x }
  let mask = Compute.expanded(mask, x.shape)
  return select(mask, x, Compute.zeros(like: x))
}

extension Compute {
  /// The last two axes exchanged, off the tape; a vector is a row.
  static func transposedView(_ x: UntypedTensor) -> UntypedTensor {
    let matrix = x.rank < 2 ? reshaped(x, [1, x.count]) : x
    var (shape, strides) = (matrix.shape, matrix.strides)
    let last = matrix.rank - 1
    (shape[last - 1], shape[last]) = (shape[last], shape[last - 1])
    (strides[last - 1], strides[last]) = (strides[last], strides[last - 1])
    return UntypedTensor(viewing: matrix, shape, strides)
  }

  /// False where a number is NaN or infinite, or the sum of all overflows: a cheap look that errs
  /// on the side of caution.
  package static func isFinite(_ x: UntypedTensor) -> Bool {
    let sum = reduce(.sum, x)
    return x.type.floatingPoint(
      "matmul", sum.pointer(Float.self).pointee.isFinite, sum.pointer(Double.self).pointee.isFinite)
  }

  static func maskedProduct(_ a: UntypedTensor, _ b: UntypedTensor, _ mask: UntypedTensor)
    -> UntypedTensor
  {
    let y = matrixProduct(a, b)
    if isFinite(y) { return y }
    return b.type.floatingPoint(
      "matmul", apart(Float.self, a, b, mask), apart(Double.self, a, b, mask))
  }

  /// The product with 0 in place of what is not finite in `b`, so that all else has the bits that
  /// it would have without; then those numbers, each times the elements of `a` that the mask
  /// lets it meet.
  private static func apart<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ a: UntypedTensor, _ b: UntypedTensor, _ mask: UntypedTensor
  ) -> UntypedTensor {
    let clean = copy(b)
    let numbers = clean.pointer(Scalar.self)
    for i in 0..<clean.count where !numbers[i].isFinite { numbers[i] = 0 }
    let y = matrixProduct(a, clean)
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    let batch = y.count / Swift.max(m * n, 1)
    let front = y.shape.dropLast(2)
    let left = contiguous(expanded(a, Shape(front + [m, k])))
    let right = contiguous(expanded(b, Shape(front + [k, n])))
    let allowed = contiguous(expanded(mask, Shape(front + [m, k])))
    let (x, z) = (left.pointer(Scalar.self), right.pointer(Scalar.self))
    let (isAllowed, result) = (allowed.pointer(Bool.self), y.pointer(Scalar.self))
    for place in 0..<batch {
      for inner in 0..<k {
        for column in 0..<n {
          let number = z[(place * k + inner) * n + column]
          if number.isFinite { continue }
          for row in 0..<m where isAllowed[(place * m + row) * k + inner] {
            result[(place * m + row) * n + column] += x[(place * m + row) * k + inner] * number
          }
        }
      }
    }
    return withExtendedLifetime((left, right, allowed)) { y }
  }
}

extension Tensor where Scalar: FloatingPointScalar {
  /// The tensor with 0 in place of numbers that are NaN or infinite where the mask, which
  /// broadcasts to it, is true; they get no gradient. Itself where there are none.
  package func finite(where mask: Tensor<Bool>) -> Tensor {
    if Compute.isFinite(untyped) { return self }
    let isFinite = abs(detached) .< Tensor(.infinity)
    return filled(where: !isFinite & mask, with: 0)
  }
}
