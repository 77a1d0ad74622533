public import Autograd

/// One-dimensional convolution (cross-correlation: the window is not flipped).
public struct Conv1d<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[out, in / groups, width]`
  @Parameter public var weight: Tensor<Scalar>
  /// `[out]`, or nil.
  @OptionalParameter public var bias: Tensor<Scalar>?
  /// Distance of neighbouring windows.
  public let stride: Int
  /// Zeros around the input.
  public let padding: Padding
  /// Distance of neighbouring elements of a window.
  public let dilation: Int
  /// The channels are divided into so many groups, each with its own output channels.
  public let groups: Int

  /// - Parameters:
  ///   - inputs: number of channels, extent of the input's second axis.
  ///   - outputs: number of channels, extent of the result's second axis.
  ///   - width: length of the window.
  ///   - stride: distance of neighbouring windows.
  ///   - padding: zeros around the input.
  ///   - dilation: distance of neighbouring elements of a window.
  ///   - groups: a divisor of both numbers of channels.
  ///   - bias: whether a number is added to each output channel.
  ///   - generator: both start uniform in ±1/sqrt(inputs / groups * width).
  public init(
    inputs: Int, outputs: Int, width: Int, stride: Int = 1,
    padding: Padding = .valid, dilation: Int = 1, groups: Int = 1, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    checkGroups(inputs, outputs, groups, "Conv1d")
    expect(width, atLeast: 1, "Conv1d", "width")
    expect(stride, atLeast: 1, "Conv1d", "stride")
    expect(dilation, atLeast: 1, "Conv1d", "dilation")
    let fanIn = inputs / groups * width
    _weight = Parameter(
      wrappedValue: .fanInUniform(
        [outputs, inputs / groups, width], fanIn: fanIn, using: &generator))
    _bias = OptionalParameter(
      wrappedValue: bias ? .fanInUniform([outputs], fanIn: fanIn, using: &generator) : nil)
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// - Parameter x: `[batch, in, length]`
  /// - Returns: `[batch, out, length']`
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    conv1d(
      x, weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}

/// Two-dimensional convolution (cross-correlation: the window is not flipped).
public struct Conv2d<Scalar: FloatingPointScalar>: Layer, Sendable {
  /// `[out, in / groups, rows, columns]`
  @Parameter public var weight: Tensor<Scalar>
  /// `[out]`, or nil.
  @OptionalParameter public var bias: Tensor<Scalar>?
  /// Distance of neighbouring windows, for rows and columns.
  public let stride: [Int]
  /// Zeros around the input.
  public let padding: Padding
  /// Distance of neighbouring elements of a window, for rows and columns.
  public let dilation: [Int]
  /// The channels are divided into so many groups, each with its own output channels.
  public let groups: Int

  /// - Parameters:
  ///   - inputs: number of channels, extent of the input's second axis.
  ///   - outputs: number of channels, extent of the result's second axis.
  ///   - size: rows and columns of the window.
  ///   - stride: distance of neighbouring windows, for rows and columns.
  ///   - padding: zeros around the input.
  ///   - dilation: distance of neighbouring elements of a window, for rows and columns.
  ///   - groups: a divisor of both numbers of channels.
  ///   - bias: whether a number is added to each output channel.
  ///   - generator: both start uniform in ±1/sqrt(inputs / groups * rows * columns).
  public init(
    inputs: Int, outputs: Int, size: [Int], stride: [Int] = [1, 1],
    padding: Padding = .valid, dilation: [Int] = [1, 1], groups: Int = 1, bias: Bool = true,
    using generator: inout some RandomNumberGenerator
  ) {
    checkGroups(inputs, outputs, groups, "Conv2d")
    if size.count != 2 { trap("Conv2d: a window of shape \(size); rows and columns are expected") }
    if (size + stride + dilation).contains(where: { $0 < 1 }) {
      trap("Conv2d: size \(size), stride \(stride) and dilation \(dilation), not at least 1")
    }
    let fanIn = inputs / groups * size[0] * size[1]
    _weight = Parameter(
      wrappedValue: .fanInUniform(
        [outputs, inputs / groups, size[0], size[1]], fanIn: fanIn,
        using: &generator))
    _bias = OptionalParameter(
      wrappedValue: bias ? .fanInUniform([outputs], fanIn: fanIn, using: &generator) : nil)
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// - Parameter x: `[batch, in, height, width]`
  /// - Returns: `[batch, out, height', width']`
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    conv2d(
      x, weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}

private func checkGroups(_ inputs: Int, _ outputs: Int, _ groups: Int, _ name: String) {
  if groups < 1 || inputs % groups != 0 || outputs % groups != 0 {
    trap("\(name): \(groups) groups of \(inputs) channels in and \(outputs) out")
  }
}
