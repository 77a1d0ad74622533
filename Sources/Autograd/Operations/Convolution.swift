// Convolution as a matrix product: the windows' elements are laid out as columns (im2col).

/// Which elements a window that moves over two axes sees.
struct Sliding: Equatable {
  /// Rows and columns of the window.
  var size: [Int]
  /// Distance of neighbouring windows.
  var stride: [Int]
  /// Zeros before the first element.
  var before: [Int]
  /// Distance of neighbouring elements of a window.
  var dilation: [Int]
  /// Number of windows.
  var count: [Int]

  /// Positions of the input that a window covers, for one axis.
  static func extent(_ size: Int, _ dilation: Int) -> Int { dilation * (size - 1) + 1 }
}

/// `[images, height, width]` to `[images, window's elements, windows]`; zeros outside.
func unfolded(_ x: Value, _ sliding: Sliding) -> Value {
  let source = Compute.contiguous(x)
  let (images, height, width) = (x.shape[0], x.shape[1], x.shape[2])
  let cells = sliding.size[0] * sliding.size[1]
  let windows = sliding.count[0] * sliding.count[1]
  let y = Value(x.type, [images, cells, windows])
  func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let (from, to) = (source.pointer(Scalar.self), y.pointer(Scalar.self))
    forEachCell(images, height, width, sliding) { column, image in
      to[column] = image < 0 ? 0 : from[image]
    }
  }
  x.type == .float ? run(Float.self) : run(Double.self)
  recording(x)?.record("unfold", y, x, linear: { unfolded($0, sliding) }) {
    folded($0, sliding, [images, height, width])
  }
  return withExtendedLifetime(source) { y }
}

/// `[images, window's elements, windows]` added up to `[images, height, width]`: the derivative of
/// `unfolded`.
func folded(_ x: Value, _ sliding: Sliding, _ shape: Shape) -> Value {
  let source = Compute.contiguous(x)
  let y = Value(x.type, shape)
  let size = shape[1] * shape[2]
  let columns = x.count / Swift.max(shape[0], 1)
  func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    for image in 0..<shape[0] {
      let from = source.pointer(Scalar.self) + image * columns
      // An element is in at most one window for each of its cells.
      Compute.addParts(
        sliding.size[0] * sliding.size[1], to: y.pointer(Scalar.self) + image * size, count: size
      ) { to in
        forEachCell(1, shape[1], shape[2], sliding) { column, place in
          if place >= 0 { to[place] += from[column] }
        }
      } inDouble: { to in
        forEachCell(1, shape[1], shape[2], sliding) { column, place in
          if place >= 0 { to[place] += Double(from[column]) }
        }
      }
    }
  }
  x.type == .float ? run(Float.self) : run(Double.self)
  recording(x)?.record("fold", y, x, linear: { folded($0, sliding, shape) }) {
    unfolded($0, sliding)
  }
  return withExtendedLifetime(source) { y }
}

/// Calls the body with the offset of each element of the columns and that of its image element,
/// -1 where the window looks beyond the image.
@inline(__always)
private func forEachCell(
  _ images: Int, _ height: Int, _ width: Int, _ sliding: Sliding, _ body: (Int, Int) -> Void
) {
  var column = 0
  for image in 0..<images {
    for cellRow in 0..<sliding.size[0] {
      for cellColumn in 0..<sliding.size[1] {
        for windowRow in 0..<sliding.count[0] {
          let row =
            windowRow * sliding.stride[0] + cellRow * sliding.dilation[0] - sliding.before[0]
          let isInside = row >= 0 && row < height
          let start = (image * height + row) * width
          var position = cellColumn * sliding.dilation[1] - sliding.before[1]
          for _ in 0..<sliding.count[1] {
            body(column, isInside && position >= 0 && position < width ? start + position : -1)
            column += 1
            position += sliding.stride[1]
          }
        }
      }
    }
  }
}

/// Zeros around the input of a convolution.
public enum Padding: Sendable, Equatable {
  /// None.
  case valid
  /// As many as keep the extents at stride 1: dilation (size - 1) in all, the smaller half before.
  case same
  /// This many before and after each axis.
  case each([Int])

  /// Zeros before and after an axis.
  func widths(_ axis: Int, _ size: Int, _ dilation: Int) -> (before: Int, after: Int) {
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
          + "input of shape \(x.shape) with its padding\(Compute.layerPath(weight.value))")
    }
    sliding.before[axis] = before
    sliding.count[axis] = room / stride[axis] + 1
  }
  let (batch, channels) = (x.shape[0], x.shape[1])
  let outputs = weight.shape[0]
  let inner = weight.shape[1] * sliding.size[0] * sliding.size[1]
  let windows = sliding.count[0] * sliding.count[1]
  let images = reshaped(x.value, [batch * channels, x.shape[2], x.shape[3]])
  // [batch, groups, channels / groups * cells, windows]
  let columns = reshaped(unfolded(images, sliding), [batch, groups, inner, windows])
  let kernels = reshaped(weight.value, [groups, outputs / groups, inner])
  let products = Tensor<Scalar>(matmul(kernels, columns))
  let y = products.reshaped([batch, outputs, sliding.count[0], sliding.count[1]] as Shape)
  guard let bias else { return y }
  return y + bias.reshaped([outputs, 1, 1] as Shape)
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
        + "not \(x.shape) and \(weight.shape)\(Compute.layerPath(weight.value))")
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
  let path = Compute.layerPath(weight.value)
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

extension DerivativeCase {
  static let convolutions: [DerivativeCase] = [
    .init("conv1d", [[2, 2, 5], [3, 2, 3], [3]]) {
      conv1d($0[0], $0[1], bias: $0[2], stride: 2, padding: .each([1]))
    },
    .init("conv2d", [[2, 2, 4, 5], [2, 2, 3, 2], [2]]) {
      conv2d($0[0], $0[1], bias: $0[2], stride: [2, 1], padding: .each([1, 0]))
    },
    .init("conv2d in groups", [[1, 4, 5, 4], [2, 2, 2, 2]]) {
      conv2d($0[0], $0[1], padding: .same, dilation: [2, 1], groups: 2)
    },
  ]
}
