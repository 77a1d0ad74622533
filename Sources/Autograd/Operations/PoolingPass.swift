import Kernels

/// The loops of pooling: for each row of windows and each element of a window, one pass over what
/// that element sees while the window moves along the row.
struct PoolingPass {
  let sliding: Sliding
  let height: Int
  let width: Int
  /// For each element of a window in an axis, the windows for which it lies within the input.
  private let rowWindows: [Range<Int>]
  private let columnWindows: [Range<Int>]
  /// For each window of an axis, the first position that it sees within the input; nothing if there is
  /// none.
  private let firstRows: [Int]
  private let firstColumns: [Int32]

  /// Numbers that are worth a thread.
  private static let grain = 1 << 15

  /// Windows of an image.
  var windows: Int { sliding.count[0] * sliding.count[1] }
  /// Elements of an image.
  var elements: Int { height * width }

  init(_ sliding: Sliding, height: Int, width: Int) {
    self.sliding = sliding
    (self.height, self.width) = (height, width)
    func windows(_ axis: Int, _ extent: Int) -> [Range<Int>] {
      let stride = sliding.stride[axis]
      return (0..<sliding.size[axis]).map { element in
        let first = element * sliding.dilation[axis] - sliding.before[axis]
        let start = Swift.min(Swift.max(-first + stride - 1, 0) / stride, sliding.count[axis])
        let end = Swift.min(Swift.max(extent - first + stride - 1, 0) / stride, sliding.count[axis])
        return start..<Swift.max(start, end)
      }
    }
    func firsts(_ axis: Int, _ windows: [Range<Int>]) -> [Int] {
      (0..<sliding.count[axis]).map { window in
        let element = windows.firstIndex { $0.contains(window) } ?? 0
        return window * sliding.stride[axis] + element * sliding.dilation[axis]
          - sliding.before[axis]
      }
    }
    rowWindows = windows(0, height)
    columnWindows = windows(1, width)
    firstRows = firsts(0, rowWindows)
    firstColumns = firsts(1, columnWindows).map { Int32(truncatingIfNeeded: $0) }
  }

  /// Whether each window has an element within the input.
  var reachesEveryWindow: Bool {
    zip([rowWindows, columnWindows], sliding.count).allSatisfy { elements, count in
      (0..<count).allSatisfy { window in elements.contains { $0.contains(window) } }
    }
  }

  /// Whether so many windows may see one element that their sum is a long one.
  private var hasLongSums: Bool {
    let shares = (0..<2).map { axis in
      let (size, stride) = (sliding.size[axis], sliding.stride[axis])
      return sliding.dilation[axis] == 1 ? (size + stride - 1) / stride : size
    }
    return shares[0] * shares[1] > Compute.partsInBlock
  }

  // MARK: Division

  private func forEachImage(_ images: Int, _ body: (Int) -> Void) {
    let most = Swift.min(images, images * elements / Self.grain, 4 * Threads.count)
    RowParts(images, most: most).forEach { images in
      for image in images { body(image) }
    }
  }

  /// Calls the body for each element of a window, row by row, that lies within the input for some
  /// windows of a row: these windows, and the position that the first of them sees.
  @inline(__always)
  private func forEachElement(
    ofRow row: Int, _ body: (_ windows: Range<Int>, _ position: Int) -> Void
  ) {
    for elementRow in 0..<sliding.size[0] where rowWindows[elementRow].contains(row) {
      let position =
        row * sliding.stride[0] + elementRow * sliding.dilation[0] - sliding.before[0]
      for element in 0..<sliding.size[1] where !columnWindows[element].isEmpty {
        let windows = columnWindows[element]
        let column =
          windows.lowerBound * sliding.stride[1] + element * sliding.dilation[1]
          - sliding.before[1]
        body(windows, position * width + column)
      }
    }
  }

  /// Calls the body with the stride along a row, as a constant for those that are usual: so the
  /// compiler makes vectors of what is read.
  @inline(__always)
  private func withStride(_ body: (Int) -> Void) {
    switch sliding.stride[1] {
    case 1: body(1)
    case 2: body(2)
    default: body(sliding.stride[1])
    }
  }

  // MARK: Maxima

  /// The largest element of each window, `[images, windows]`, and its position in its image; NaN
  /// counts as largest, and of equal ones the first does.
  func maxima(_ x: UntypedTensor) -> (values: UntypedTensor, positions: UntypedTensor) {
    let images = x.shape[0]
    let values = UntypedTensor(x.type, [images, windows])
    let positions = UntypedTensor(.int32, [images, windows])
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let (from, to) = (x.pointer(Scalar.self), values.pointer(Scalar.self))
      let places = positions.pointer(Int32.self)
      let columns = sliding.count[1]
      forEachImage(images) { image in
        for row in 0..<sliding.count[0] {
          let start = image * windows + row * columns
          maxima(from + image * elements, row, to + start, places + start)
        }
      }
    }
    x.type.floatingPoint("maxPool", run(Float.self), run(Double.self))
    withExtendedLifetime(x) {}
    return (values, positions)
  }

  /// One row of windows. Every element is compared with the largest so far without a branch, which
  /// would be taken at random.
  @inline(__always)
  private func maxima<Scalar: FloatingPointScalar>(
    _ image: UnsafePointer<Scalar>, _ row: Int, _ values: UnsafeMutablePointer<Scalar>,
    _ positions: UnsafeMutablePointer<Int32>
  ) {
    let firstRow = Int32(truncatingIfNeeded: firstRows[row] * width)
    for window in 0..<sliding.count[1] {
      values[window] = -.infinity
      positions[window] = firstRow &+ firstColumns[window]
    }
    forEachElement(ofRow: row) { windows, position in
      let count = windows.count
      let (best, place) = (values + windows.lowerBound, positions + windows.lowerBound)
      let from = image + position
      withStride { stride in
        var number = Int32(truncatingIfNeeded: position)
        for window in 0..<count {
          let (candidate, current) = (from[window &* stride], best[window])
          let known = place[window]
          // NaN is not less than anything, and stays.
          let larger = candidate <= current ? current : candidate
          let itsPlace = candidate <= current ? known : number
          best[window] = current == current ? larger : current
          place[window] = current == current ? itsPlace : known
          number &+= Int32(truncatingIfNeeded: stride)
        }
      }
    }
  }

  /// The derivative of what `maxima` gives: `[images, windows]` added to the elements at the
  /// positions.
  func added(_ gradient: UntypedTensor, at positions: UntypedTensor) -> UntypedTensor {
    let images = gradient.shape[0]
    let result = UntypedTensor(gradient.type, [images, elements])
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let (from, to) = (gradient.pointer(Scalar.self), result.pointer(Scalar.self))
      let places = positions.pointer(Int32.self)
      forEachImage(images) { image in
        let (flow, place) = (from + image * windows, places + image * windows)
        addParts(to: to + image * elements) { sums in
          for window in 0..<windows { sums[Int(place[window])] += flow[window] }
        } inDouble: { sums in
          for window in 0..<windows { sums[Int(place[window])] += Double(flow[window]) }
        }
      }
    }
    gradient.type.floatingPoint("maxPool", run(Float.self), run(Double.self))
    withExtendedLifetime((gradient, positions)) {}
    return result
  }

  @inline(__always)
  private func addParts<Scalar: FloatingPointScalar>(
    to image: UnsafeMutablePointer<Scalar>,
    inSingle single: (UnsafeMutablePointer<Scalar>) -> Void,
    inDouble double: (UnsafeMutablePointer<Double>) -> Void
  ) {
    Compute.addParts(
      hasLongSums ? Int.max : 1, to: image, count: elements, inSingle: single, inDouble: double)
  }

  // MARK: Averages

  /// The sum of each window over its divisor: `[images, windows]`.
  ///
  /// - Parameter divisors: `[windows]`
  func averages(_ x: UntypedTensor, _ divisors: UntypedTensor) -> UntypedTensor {
    let images = x.shape[0]
    let result = UntypedTensor(x.type, [images, windows])
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let (from, to) = (x.pointer(Scalar.self), result.pointer(Scalar.self))
      let divisor = divisors.pointer(Scalar.self)
      let isLong = sliding.size[0] * sliding.size[1] > Compute.partsInBlock
      forEachImage(images) { image in
        let (source, target) = (from + image * elements, to + image * windows)
        Compute.addParts(isLong ? Int.max : 1, to: target, count: windows) { sums in
          addElements(of: source, to: sums)
        } inDouble: { sums in
          addElements(of: source, to: sums)
        }
        for window in 0..<windows { target[window] /= divisor[window] }
      }
    }
    x.type.floatingPoint("averagePool", run(Float.self), run(Double.self))
    withExtendedLifetime((x, divisors)) {}
    return result
  }

  @inline(__always)
  private func addElements<Scalar: FloatingPointScalar, Sum: FloatingPointScalar>(
    of image: UnsafeMutablePointer<Scalar>, to sums: UnsafeMutablePointer<Sum>
  ) {
    for row in 0..<sliding.count[0] {
      forEachElement(ofRow: row) { windows, position in
        let count = windows.count
        let (from, to) = (
          image + position, sums + row * sliding.count[1] + windows.lowerBound
        )
        withStride { stride in
          for window in 0..<count { to[window] += Sum(from[window &* stride]) }
        }
      }
    }
  }

  /// The derivative of `averages`: `[images, windows]`, over the divisors, added to all elements of
  /// each window.
  func spread(_ gradient: UntypedTensor, _ divisors: UntypedTensor) -> UntypedTensor {
    let images = gradient.shape[0]
    let result = UntypedTensor(gradient.type, [images, elements])
    func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
      let (from, to) = (gradient.pointer(Scalar.self), result.pointer(Scalar.self))
      let divisor = divisors.pointer(Scalar.self)
      forEachImage(images) { image in
        let parts = UntypedTensor(Scalar.scalarType, [windows])
        let part = parts.pointer(Scalar.self)
        let flow = from + image * windows
        for window in 0..<windows { part[window] = flow[window] / divisor[window] }
        addParts(to: to + image * elements) { sums in
          add(part, toElementsOf: sums)
        } inDouble: { sums in
          add(part, toElementsOf: sums)
        }
        withExtendedLifetime(parts) {}
      }
    }
    gradient.type.floatingPoint("averagePool", run(Float.self), run(Double.self))
    withExtendedLifetime((gradient, divisors)) {}
    return result
  }

  @inline(__always)
  private func add<Scalar: FloatingPointScalar, Sum: FloatingPointScalar>(
    _ parts: UnsafeMutablePointer<Scalar>, toElementsOf image: UnsafeMutablePointer<Sum>
  ) {
    for row in 0..<sliding.count[0] {
      forEachElement(ofRow: row) { windows, position in
        let count = windows.count
        let (from, to) = (
          parts + row * sliding.count[1] + windows.lowerBound, image + position
        )
        withStride { stride in
          for window in 0..<count { to[window &* stride] += Sum(from[window]) }
        }
      }
    }
  }
}
