// Windows that are reduced to one number each.

/// How windows move over the two last axes of an input, and what becomes of the rest.
public struct PoolingWindow: Sendable {
  /// Rows and columns of the window.
  public var size: [Int]
  /// Distance of neighbouring windows.
  public var stride: [Int]
  /// Positions before and after each axis, at most half of the window's size.
  public var padding: [Int]
  /// Distance of neighbouring elements of a window.
  public var dilation: [Int]
  /// Whether a last window that reaches beyond the padding counts too; one that would begin there
  /// does not.
  public var includesPartial: Bool

  /// Two numbers each, for rows and columns; the stride is the size unless given.
  public init(
    _ size: [Int], stride: [Int]? = nil, padding: [Int] = [0, 0], dilation: [Int] = [1, 1],
    includesPartial: Bool = false
  ) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
    self.dilation = dilation
    self.includesPartial = includesPartial
  }

  func sliding(over shape: Shape) -> Sliding {
    let lists = [size, self.stride, padding, dilation]
    if lists.contains(where: { $0.count != 2 })
      || (size + self.stride + dilation).contains(where: { $0 < 1 })
    {
      trap("pooling: two numbers each are expected, at least 1 but for the padding: \(self)")
    }
    if shape.rank < 2 { trap("pooling: a tensor of shape \(shape) has fewer than two axes") }
    let count = (0..<2).map { axis in
      if padding[axis] < 0 || padding[axis] > size[axis] / 2 {
        trap("pooling: a padding of \(padding[axis]) is more than half of a window of \(size)")
      }
      let extent = shape[shape.rank - 2 + axis]
      let room = extent + 2 * padding[axis] - Sliding.extent(size[axis], dilation[axis])
      let step = self.stride[axis]
      if room < 0 && !includesPartial {
        trap("pooling: a window of shape \(size) is larger than a tensor of shape \(shape)")
      }
      if !includesPartial { return room / step + 1 }
      let count = Swift.max((room + step - 1) / step, 0) + 1
      return (count - 1) * step >= extent + padding[axis] ? count - 1 : count
    }
    return Sliding(
      size: size, stride: self.stride, before: padding, dilation: dilation, count: count)
  }
}

/// The largest element of each window (padding never is); of ties the first gets the gradient.
///
/// - Parameter x: `[..., height, width]`
/// - Returns: `[..., height', width']`
public func maxPool2d<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, _ window: PoolingWindow
) -> Tensor<Scalar> {
  let sliding = window.sliding(over: x.shape)
  let (height, width) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
  let images = x.shape.dropLast(2).reduce(1, *)
  let pass = PoolingPass(sliding, height: height, width: width)
  if images * pass.windows > 0, !pass.reachesEveryWindow {
    trap("maxPool2d: a window of \(sliding.size) holds nothing of \(height) x \(width)")
  }
  let y = maxima(reshaped(x.untyped, [images, height * width]), pass)
  return Tensor(reshaped(y, Shape(Array(x.shape.dropLast(2)) + sliding.count)))
}

/// The largest element of each window: `[images, elements]` to `[images, windows]`.
private func maxima(_ x: UntypedTensor, _ pass: PoolingPass) -> UntypedTensor {
  let (y, positions) = pass.maxima(Compute.contiguous(x))
  recording(x)?.record(
    "maxPool2d", y, of: x,
    by: .linear({ gathered($0, 1, positions) }) { dy, _ in added(dy, at: positions, pass) })
  return y
}

/// `[images, windows]` added to elements at their positions: the derivative of `maxima`.
private func added(_ x: UntypedTensor, at positions: UntypedTensor, _ pass: PoolingPass)
  -> UntypedTensor
{
  let y = pass.added(Compute.contiguous(x), at: positions)
  recording(x)?.record(
    "addPooled", y, of: x,
    by: .linear({ added($0, at: positions, pass) }) { dy, _ in gathered(dy, 1, positions) })
  return y
}

/// What the sum of an average's window is divided by.
public enum PoolingDivisor: Sendable {
  /// The cells of the window that lie within the input or its padding.
  case cells
  /// The cells of the window that lie within the input.
  case inputCells
  /// A number.
  case number(Double)
}

/// The mean of each window; the window's dilation is 1.
///
/// - Parameter x: `[..., height, width]`
/// - Returns: `[..., height', width']`
public func averagePool2d<Scalar: FloatingPointScalar>(
  _ x: Tensor<Scalar>, _ window: PoolingWindow, divisor: PoolingDivisor = .cells
) -> Tensor<Scalar> {
  if window.dilation != [1, 1] {
    trap("averagePool2d: a dilation of \(window.dilation); averages are of neighbours")
  }
  let sliding = window.sliding(over: x.shape)
  let (height, width) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
  let images = x.shape.dropLast(2).reduce(1, *)
  // How many cells lie within an axis that reaches `margin` positions beyond the input.
  func counts(_ axis: Int, _ extent: Int, _ margin: Int) -> [Int] {
    (0..<sliding.count[axis]).map { place in
      let start = place * sliding.stride[axis] - sliding.before[axis]
      let end = Swift.min(start + sliding.size[axis], extent + margin)
      return end - Swift.max(start, -margin)
    }
  }
  let divisors: [Scalar]
  switch divisor {
  case .number(let number):
    divisors = Array(repeating: Scalar(number), count: sliding.count[0] * sliding.count[1])
  case .cells, .inputCells:
    var margin = window.padding
    if case .inputCells = divisor { margin = [0, 0] }
    let columns = counts(1, width, margin[1])
    divisors = counts(0, height, margin[0]).flatMap { rows in columns.map { Scalar(rows * $0) } }
  }
  let y = averages(
    reshaped(x.untyped, [images, height * width]), Tensor(divisors).untyped,
    PoolingPass(sliding, height: height, width: width))
  return Tensor(reshaped(y, Shape(Array(x.shape.dropLast(2)) + sliding.count)))
}

/// The sum of each window over its divisor: `[images, elements]` to `[images, windows]`.
private func averages(_ x: UntypedTensor, _ divisors: UntypedTensor, _ pass: PoolingPass)
  -> UntypedTensor
{
  let y = pass.averages(Compute.contiguous(x), divisors)
  recording(x)?.record(
    "averagePool2d", y, of: x,
    by: .linear({ averages($0, divisors, pass) }) { dy, _ in spread(dy, divisors, pass) })
  return y
}

/// `[images, windows]`, over the divisors, added to all elements of each window: the derivative of
/// `averages`.
private func spread(_ x: UntypedTensor, _ divisors: UntypedTensor, _ pass: PoolingPass)
  -> UntypedTensor
{
  let y = pass.spread(Compute.contiguous(x), divisors)
  recording(x)?.record(
    "spreadPooled", y, of: x,
    by: .linear({ spread($0, divisors, pass) }) { dy, _ in averages(dy, divisors, pass) })
  return y
}
