import Kernels

/// What stands between the linear functions of a feed-forward network.
package enum FeedForwardActivation: Sendable {
  case relu
  /// By the error function.
  case gelu
}

/// Zeros with some probability, else the number `kept`, by which elements are multiplied.
package struct DropoutMask {
  package let mask: UntypedTensor
  package let kept: Double

  package init(mask: UntypedTensor, kept: Double) {
    self.mask = mask
    self.kept = kept
  }
}

/// Two linear functions with an activation between them, as one operation:
/// `activation(x firstᵀ + firstBias) mask secondᵀ + secondBias`.
///
/// Of what is in between, the derivative needs one tensor only: the activation's result where that
/// tells its slope, as that of relu does, else its argument. What follows from it is computed by
/// blocks of rows, so that nothing else of the inner size is there at any time.
///
/// - Parameters:
///   - x: `[..., in]`
///   - first: `[inner, in]`
///   - firstBias: `[inner]`
///   - second: `[out, inner]`
///   - secondBias: `[out]`
///   - dropout: of the shape `[..., inner]`.
/// - Returns: `[..., out]`
package func feedForward<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, first: Tensor<Scalar>, _ firstBias: Tensor<Scalar>?,
  second: Tensor<Scalar>, _ secondBias: Tensor<Scalar>?, _ activation: FeedForwardActivation,
  dropout: DropoutMask? = nil
) -> Tensor<Scalar> {
  checkLinear(x.untyped, first.untyped, firstBias?.untyped)
  if second.rank != 2 || second.shape[1] != first.shape[0] {
    trap(
      "feedForward: a second weight of shape \(second.shape) after a first one of "
        + "\(first.shape)" + Compute.layerPath(second.untyped, first.untyped))
  }
  if let secondBias, secondBias.shape != [second.shape[0]] {
    trap(
      "feedForward: a bias of shape \(secondBias.shape) for a weight of shape \(second.shape)"
        + Compute.layerPath(secondBias.untyped))
  }
  return Tensor(
    feedForward(
      x.untyped, [first.untyped, firstBias?.untyped, second.untyped, secondBias?.untyped],
      activation,
      dropout))
}

/// - Parameter weights: first, its bias or nil, second, its bias or nil.
private func feedForward(
  _ x: UntypedTensor, _ weights: [UntypedTensor?], _ activation: FeedForwardActivation,
  _ dropout: DropoutMask?
) -> UntypedTensor {
  FusedFeedForward(Compute.contiguousOperand(x), weights, activation, dropout).run()[0]
}

package struct FusedFeedForward: FusedOperation {
  private var x: Kept
  let weights: [UntypedTensor?]
  private var network: FeedForward
  /// What the network keeps.
  private var inner: UntypedTensor?

  package init(
    _ x: UntypedTensor, _ weights: [UntypedTensor?], _ activation: FeedForwardActivation,
    _ dropout: DropoutMask?
  ) {
    self.x = Kept(itself: x)
    self.weights = weights
    network = FeedForward(weights, activation, dropout)
  }

  package var name: StaticString { "feedForward" }
  package var operands: [UntypedTensor?] { [x.tensor] + weights }

  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    [network.composed(operands[0]!, Array(operands[1...]), inner)]
  }

  package mutating func forward() -> [UntypedTensor] {
    let x = x.tensor
    let inner = network.inner(of: x)
    self.inner = inner
    let outputs = weights[2]!.shape[0]
    return [network.outer(of: inner, x.shape.replacing(x.rank - 1, with: outputs))]
  }

  package mutating func settle() {
    network.forgetMask()
    x = Kept(x.tensor)
  }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    network.gradients(gradients[0]!, x.tensor, inner!, needed: needed, usesUp: usesUp)
  }
}

/// The arithmetic of a feed-forward network.
private struct FeedForward {
  let first: UntypedTensor
  let firstBias: UntypedTensor?
  let second: UntypedTensor
  let secondBias: UntypedTensor?
  let activation: FeedForwardActivation
  /// What dropout multiplies by where it lets pass; nil where everything passes.
  let factor: Double?
  /// The mask of dropout; nil after the forward pass if what is kept tells what was let pass.
  private(set) var mask: UntypedTensor?

  /// Rows that go through the backward pass together: few enough that what is in between is small
  /// beside what is kept, enough that the products are long.
  private static let block = 512

  init(_ weights: [UntypedTensor?], _ activation: FeedForwardActivation, _ dropout: DropoutMask?) {
    first = Compute.contiguous(weights[0]!.detached)
    firstBias = weights[1].map { Compute.contiguous($0.detached) }
    second = Compute.contiguous(weights[2]!.detached)
    secondBias = weights[3].map { Compute.contiguous($0.detached) }
    self.activation = activation
    factor = dropout?.kept
    mask = dropout.map { Compute.contiguous($0.mask) }
  }

  /// The rows `range` of a tensor whose last axis is kept, all others as one.
  private func rows(_ range: Range<Int>, of x: UntypedTensor) -> UntypedTensor {
    let size = x.shape[x.rank - 1]
    let shape: Shape = [range.count, size]
    return UntypedTensor(
      viewing: x, shape, shape.contiguousStrides, offset: range.lowerBound * size)
  }

  private func count(_ x: UntypedTensor) -> Int { x.shape.dropLast().reduce(1, *) }

  private func forEachBlock(_ count: Int, _ body: (Range<Int>) -> Void) {
    for start in stride(from: 0, to: count, by: Self.block) {
      body(start..<Swift.min(start + Self.block, count))
    }
  }

  /// What is kept, `[rows, inner]`: with relu, its result after dropout, else the argument of the
  /// activation.
  func inner(of x: UntypedTensor) -> UntypedTensor {
    let all = rows(0..<count(x), of: x)
    let inner = Compute.matrixProduct(all, first.transposedView, bias: firstBias)
    if activation == .relu {
      Compute.apply(.relu, to: inner)
      if let mask { Compute.apply(.weigh, rows(0..<inner.shape[0], of: mask), to: inner) }
    }
    return inner
  }

  /// To be called after the forward pass: with relu an element of what is kept is positive exactly
  /// where it was let pass and the slope is not 0.
  mutating func forgetMask() {
    if activation == .relu { mask = nil }
  }

  /// The result.
  func outer(of inner: UntypedTensor, _ shape: Shape) -> UntypedTensor {
    let y = UntypedTensor(inner.type, shape)
    if activation == .relu {
      Compute.product(inner, second.transposedView, bias: secondBias, into: y)
      return y
    }
    forEachBlock(inner.shape[0]) { range in
      Compute.product(
        activated(inner, range), second.transposedView, bias: secondBias, into: rows(range, of: y))
    }
    return y
  }

  /// Some rows of what the second linear function is of, with gelu.
  private func activated(_ inner: UntypedTensor, _ range: Range<Int>) -> UntypedTensor {
    let rows = rows(range, of: inner)
    let result = Compute.unary(.gelu, rows)
    if let mask { Compute.apply(.weigh, self.rows(range, of: mask), to: result) }
    return result
  }

  /// From the gradient of some rows of what the second function is of, which it may change, that of
  /// the first one's result, written to `target`; that may be `inner`.
  private func takeBack(
    _ gradient: UntypedTensor, _ inner: UntypedTensor, _ range: Range<Int>, to target: UntypedTensor
  ) {
    let z = rows(range, of: inner)
    let result = rows(range, of: target)
    switch activation {
    case .relu:
      if let factor { Compute.apply(.multiply, factor, to: gradient) }
      Compute.apply(.reluGradient, gradient, z, into: result)
    case .gelu:
      let slope = Compute.unary(.geluSlope, z)
      if let mask { Compute.apply(.weigh, rows(range, of: mask), to: slope) }
      Compute.apply(.multiply, gradient, slope, into: result)
    }
  }

  /// Gradients of x, first, its bias, second, its bias, as far as they are needed. Sums over rows
  /// grow block by block, so they do not depend on the number of threads.
  ///
  /// - Parameter usesUp: whether `inner` may be overwritten.
  func gradients(
    _ gradient: UntypedTensor, _ x: UntypedTensor, _ inner: UntypedTensor, needed: [Bool],
    usesUp: Bool
  ) -> [UntypedTensor?] {
    let all = 0..<count(x)
    let dy = rows(all, of: Compute.contiguous(gradient))
    var found: [UntypedTensor?] = Array(repeating: nil, count: 5)
    if needed[3] {
      let dSecond = UntypedTensor(like: second)
      sumOverRows(inner, dy, into: dSecond)
      found[3] = dSecond
    }
    if needed[4] { found[4] = Compute.reduce(.sum, dy, axis: 0) }
    guard needed[..<3].contains(true) else { return found }
    let dInner = usesUp ? inner : UntypedTensor(like: inner)
    forEachBlock(all.count) { range in
      let part = UntypedTensor(inner.type, [range.count, inner.shape[1]])
      Compute.product(rows(range, of: dy), second, into: part)
      takeBack(part, inner, range, to: dInner)
    }
    if needed[1] {
      found[1] = Compute.matrixProduct(dInner.transposedView, rows(all, of: x))
    }
    if needed[2] { found[2] = Compute.reduce(.sum, dInner, axis: 0) }
    if needed[0] {
      let dx = UntypedTensor(like: x)
      Compute.product(dInner, first, into: dx)
      found[0] = dx
    }
    return found
  }

  /// `dyᵀ` times what the second function is of.
  private func sumOverRows(_ inner: UntypedTensor, _ dy: UntypedTensor, into sum: UntypedTensor) {
    if activation == .relu || inner.shape[0] == 0 {
      return Compute.product(dy.transposedView, inner, into: sum)
    }
    forEachBlock(inner.shape[0]) { range in
      Compute.product(
        rows(range, of: dy).transposedView, activated(inner, range), into: sum,
        adds: range.lowerBound > 0)
    }
  }

  /// The network in ordinary operations. With relu, what dropout has let pass is seen of what is kept
  /// as far as it matters: elsewhere relu is 0 and flat.
  ///
  /// - Parameter inner: what is kept; nil before the forward pass.
  func composed(_ x: UntypedTensor, _ weights: [UntypedTensor?], _ inner: UntypedTensor?)
    -> UntypedTensor
  {
    let z = linear(x, weights[0]!, weights[1])
    var a = activation == .relu ? relu(z) : gelu(z)
    if let mask {
      a = weighted(a, byConstant: Compute.reshaped(mask, a.shape))
    } else if let factor, let inner {
      let isLetPass = Compute.compare(.greater, inner, Compute.filled(inner.type, [], 0))
      let mask = Compute.reshaped(Compute.converted(isLetPass, to: inner.type), a.shape)
      a = weighted(a, byConstant: mask * factor)
    }
    return linear(a, weights[2]!, weights[3])
  }
}
