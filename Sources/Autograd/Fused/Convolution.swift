// Convolutions in one and two dimensions.

import Kernels

/// Zeros around the input of a convolution.
public enum Padding: Sendable, Equatable {
  /// None.
  case valid
  /// As many as keep the extents at stride 1: dilation (size - 1) in all, the smaller half before.
  case same
  /// This many before and after each axis.
  case each([Int])

  /// Zeros before and after an axis.
  package func widths(_ axis: Int, _ size: Int, _ dilation: Int) -> (before: Int, after: Int) {
    switch self {
    case .valid: return (0, 0)
    case .same:
      let total = dilation * (size - 1)
      return (total / 2, total - total / 2)
    case .each(let widths): return (widths[axis], widths[axis])
    }
  }
}

/// Two-dimensional convolution (cross-correlation: the window is not flipped).
///
/// - Parameters:
///   - x: `[batch, channels, height, width]`, or one image, `[channels, height, width]`
///   - weight: `[output channels, channels / groups, rows, columns]`
///   - bias: `[output channels]`
///   - stride: distance of neighbouring windows, one number an axis.
///   - padding: zeros around the input.
///   - dilation: distance of neighbouring elements of a window, one number an axis.
///   - groups: the channels are divided into so many groups, each with its own output channels.
/// - Returns: `[batch, output channels, height', width']`, without the batch as `x`, an extent n
///   becoming floor((n + padding - dilation (size - 1) - 1) / stride) + 1.
public func conv2d<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil,
  stride: [Int] = [1, 1], padding: Padding = .valid, dilation: [Int] = [1, 1], groups: Int = 1
) -> Tensor<Scalar> {
  if x.rank == 3 {
    return conv2d(
      x.unsqueezed(axis: 0), weight, bias: bias, stride: stride, padding: padding,
      dilation: dilation,
      groups: groups
    ).squeezed(axes: 0)
  }
  checkConvolution(x, weight, bias, stride, padding, dilation, groups)
  var sliding = Sliding(
    size: [weight.shape[2], weight.shape[3]], stride: stride, before: [0, 0], dilation: dilation,
    count: [0, 0])
  for axis in 0..<2 {
    let (before, after) = padding.widths(axis, sliding.size[axis], dilation[axis])
    let covered = Sliding.extent(sliding.size[axis], dilation[axis])
    let room = x.shape[axis + 2] + before + after - covered
    if room < 0 {
      trap(
        "convolution: a window of shape \(sliding.size), dilation \(dilation), is larger than an "
          + "input of shape \(x.shape) with its padding\(Compute.layerPath(weight.untyped))")
    }
    sliding.before[axis] = before
    sliding.count[axis] = room / stride[axis] + 1
  }
  return Tensor(convolution(x.untyped, weight.untyped, bias?.untyped, sliding, groups: groups))
}

/// The convolution as one operation: what the windows see is laid out for one image at a time, and
/// once more for the derivative.
///
/// - Returns: `[batch, output channels, height', width']`
private func convolution(
  _ x: UntypedTensor, _ weight: UntypedTensor, _ bias: UntypedTensor?, _ sliding: Sliding,
  groups: Int
) -> UntypedTensor {
  Convolution(
    x: Kept(itself: x), weight: weight, bias: bias, sliding: sliding, groups: groups
  ).run()[0]
}

package struct Convolution: FusedOperation {
  var x: Kept
  let weight: UntypedTensor
  let bias: UntypedTensor?
  let sliding: Sliding
  let groups: Int

  package init(x: Kept, weight: UntypedTensor, bias: UntypedTensor?, sliding: Sliding, groups: Int)
  {
    self.x = x
    self.weight = weight
    self.bias = bias
    self.sliding = sliding
    self.groups = groups
  }

  package var name: StaticString { "convolution" }
  package var operands: [UntypedTensor?] { [x.tensor, weight, bias] }

  /// The windows' elements are laid out as columns.
  package func composed(_ operands: [UntypedTensor?]) -> [UntypedTensor] {
    let (x, weight) = (operands[0]!, operands[1]!)
    let (batch, channels, outputs) = (x.shape[0], x.shape[1], weight.shape[0])
    let inner = weight.shape[1] * sliding.size[0] * sliding.size[1]
    let windows = sliding.count[0] * sliding.count[1]
    let images = reshaped(x, [batch * channels, x.shape[2], x.shape[3]])
    // [batch, groups, channels / groups * cells, windows]
    let columns = reshaped(unfolded(images, sliding), [batch, groups, inner, windows])
    let kernels = reshaped(weight, [groups, outputs / groups, inner])
    let products = matmul(kernels, columns)
    let y = reshaped(products, [batch, outputs, sliding.count[0], sliding.count[1]])
    return [operands[2].map { y + reshaped($0, [outputs, 1, 1]) } ?? y]
  }

  /// What is empty is nobody's fast path, and sums of so many terms have parts.
  package var needsDefinition: Bool {
    let terms = weight.count / Swift.max(Swift.min(weight.shape[0], weight.shape[1] * groups), 1)
    return x.tensor.count == 0 || weight.count == 0 || terms > Compute.termsInPart
  }

  private var pass: ConvolutionPass {
    ConvolutionPass(x.tensor, weight, bias, sliding, groups: groups)
  }

  package func forward() -> [UntypedTensor] { [pass.forward()] }

  package mutating func settle() { x = Kept(x.tensor) }

  package func backward(_ gradients: [UntypedTensor?], needed: [Bool], usesUp: Bool)
    -> [UntypedTensor?]?
  {
    // Beyond the border zeros meet every weight, and places between two rows every element of `x`.
    if needed[0], !Compute.isFinite(weight.detached) { return nil }
    let found = pass.backward(gradients[0]!, needed: needed)
    if let slope = found[1], !Compute.isFinite(slope) { return nil }
    return found
  }
}

/// One-dimensional convolution (cross-correlation: the window is not flipped).
///
/// - Parameters:
///   - x: `[batch, channels, length]`, or one sequence, `[channels, length]`
///   - weight: `[output channels, channels / groups, size]`
///   - bias: `[output channels]`
/// - Returns: `[batch, output channels, length']`; see `conv2d`.
public func conv1d<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil,
  stride: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1
) -> Tensor<Scalar> {
  if !(2...3).contains(x.rank) || weight.rank != 3 {
    trap(
      "convolution: [batch, channels, length] and [output channels, channels, size] are expected, "
        + "not \(x.shape) and \(weight.shape)\(Compute.layerPath(weight.untyped))")
  }
  let wide: Padding =
    if case .each(let widths) = padding { .each([0] + widths) } else { padding }
  let y = conv2d(
    x.unsqueezed(axis: -2), weight.unsqueezed(axis: 2), bias: bias, stride: [1, stride],
    padding: wide,
    dilation: [1, dilation], groups: groups)
  return y.squeezed(axes: -2)
}

private func checkConvolution<Scalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>?, _ stride: [Int],
  _ padding: Padding, _ dilation: [Int], _ groups: Int
) {
  let path = Compute.layerPath(weight.untyped)
  if x.rank != 4 || weight.rank != 4 {
    trap(
      "convolution: [batch, channels, height, width] and [output channels, channels, rows, "
        + "columns] are expected, not \(x.shape) and \(weight.shape)\(path)")
  }
  if weight.shape[2] < 1 || weight.shape[3] < 1 {
    trap("convolution: a weight of shape \(weight.shape) has a window without elements\(path)")
  }
  if groups < 1 || x.shape[1] != weight.shape[1] * groups || weight.shape[0] % groups != 0 {
    trap(
      "convolution: \(x.shape[1]) channels, a weight of shape \(weight.shape) and \(groups) "
        + "groups do not fit\(path)")
  }
  if stride.count != 2 || dilation.count != 2 || (stride + dilation).contains(where: { $0 < 1 }) {
    trap("convolution: stride \(stride) and dilation \(dilation): one number >= 1 an axis\(path)")
  }
  if padding == .same, stride != [1, 1] {
    trap("convolution: padding `same` goes with stride 1, not \(stride)\(path)")
  }
  if case .each(let widths) = padding, widths.count != 2 || widths.contains(where: { $0 < 0 }) {
    trap("convolution: padding \(widths): one number >= 0 an axis is expected\(path)")
  }
  if let bias, bias.shape != [weight.shape[0]] {
    trap("convolution: a bias of shape \(bias.shape) for a weight of \(weight.shape)\(path)")
  }
}
