import Kernels

// What the windows of a convolution see, as columns of a matrix (im2col), and the derivative of that.

/// Which elements a window that moves over two axes sees.
package struct Sliding: Equatable {
  /// Rows and columns of the window.
  package var size: [Int]
  /// Distance of neighbouring windows.
  var stride: [Int]
  /// Zeros before the first element.
  var before: [Int]
  /// Distance of neighbouring elements of a window.
  var dilation: [Int]
  /// Number of windows.
  package var count: [Int]

  package init(size: [Int], stride: [Int], before: [Int], dilation: [Int], count: [Int]) {
    self.size = size
    self.stride = stride
    self.before = before
    self.dilation = dilation
    self.count = count
  }

  /// Positions of the input that a window covers, for one axis.
  package static func extent(_ size: Int, _ dilation: Int) -> Int { dilation * (size - 1) + 1 }
}

/// `[images, height, width]` to `[images, window's elements, windows]`; zeros outside.
func unfolded(_ x: UntypedTensor, _ sliding: Sliding) -> UntypedTensor {
  let source = Compute.contiguous(x)
  let (images, height, width) = (x.shape[0], x.shape[1], x.shape[2])
  let cells = sliding.size[0] * sliding.size[1]
  let windows = sliding.count[0] * sliding.count[1]
  let y = UntypedTensor(x.type, [images, cells, windows])
  func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let (from, to) = (source.pointer(Scalar.self), y.pointer(Scalar.self))
    forEachCell(images, height, width, sliding) { column, image in
      to[column] = image < 0 ? 0 : from[image]
    }
  }
  x.type.floatingPoint("unfold", run(Float.self), run(Double.self))
  recording(x)?.record(
    "unfold", y, of: x,
    by: .linear({ unfolded($0, sliding) }) { dy, _ in
      folded(dy, sliding, [images, height, width])
    })
  return withExtendedLifetime(source) { y }
}

/// `[images, window's elements, windows]` added up to `[images, height, width]`: the derivative of
/// `unfolded`.
func folded(_ x: UntypedTensor, _ sliding: Sliding, _ shape: Shape) -> UntypedTensor {
  let source = Compute.contiguous(x)
  let y = UntypedTensor(x.type, shape)
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
  x.type.floatingPoint("fold", run(Float.self), run(Double.self))
  recording(x)?.record(
    "fold", y, of: x,
    by: .linear({ folded($0, sliding, shape) }) { dy, _ in unfolded(dy, sliding) })
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
