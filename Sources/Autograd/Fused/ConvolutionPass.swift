import Kernels

/// The loops of a convolution, forward and backward, image by image.
///
/// An image's channels are laid out as planes with zeros around (`WindowGrid`). What one element of
/// the windows sees, while they move, is then a stretch of a plane, and the convolution a product of
/// the weight and of such stretches (`WindowProduct`), which nobody has to lay out one by one. So is
/// the gradient with respect to the image, of the results' gradient in planes. That of the weight is
/// a product of these planes and of the image's places, each with its channels side by side:
/// neighbouring elements of a window are neighbours there, too.
///
/// Windows that would begin beyond the end of a row are computed as well and left out; where they
/// count in a sum, their gradient is zero.
struct ConvolutionPass {
  /// `[batch, groups * channels, height, width]`
  let x: UntypedTensor
  /// `[groups * outputs, channels, rows, columns]`
  let weight: UntypedTensor
  /// `[groups * outputs]`
  let bias: UntypedTensor?
  let groups: Int
  let grid: WindowGrid

  let batch: Int
  /// Channels and outputs of a group.
  let channels: Int
  let outputs: Int
  /// Rows and columns of a window.
  let size: (rows: Int, columns: Int)
  /// For each element of a window, row by row, the phase that it sees and how far beyond the window's
  /// place it is there.
  let cellPlaces: [(phase: Int, step: Int)]

  /// Numbers that are read after what is needed: a panel of the widest product, or what fills up
  /// `columnUnit`.
  static let slack = 64
  /// Columns of a weight's gradient are computed in multiples of this, whole vectors of each set.
  static let columnUnit = 16
  /// Multiply-adds, or numbers to be moved, that are worth a thread.
  static let grain = 1 << 17

  init(
    _ x: UntypedTensor, _ weight: UntypedTensor, _ bias: UntypedTensor?, _ sliding: Sliding,
    groups: Int
  ) {
    self.x = Compute.contiguous(x.detached)
    self.weight = Compute.contiguous(weight.detached)
    self.bias = bias.map { Compute.contiguous($0.detached) }
    self.groups = groups
    grid = WindowGrid(sliding, height: x.shape[2], width: x.shape[3])
    batch = x.shape[0]
    channels = weight.shape[1]
    outputs = weight.shape[0] / groups
    size = (sliding.size[0], sliding.size[1])
    cellPlaces = (0..<size.rows).flatMap { [grid, size] row in
      (0..<size.columns).map { column in
        let phase = grid.phases.firstIndex {
          $0.row.elements.contains(row) && $0.column.elements.contains(column)
        }
        return (phase!, grid.step(row, column))
      }
    }
  }

  /// Elements of a window in one channel.
  var cells: Int { size.rows * size.columns }
  var allChannels: Int { groups * channels }
  var allOutputs: Int { groups * outputs }
  /// From a phase's planes to the next one's. Zeros between them, since the next may begin without.
  var phasePlanes: Int { allChannels * grid.plane + grid.reach }
  private var resultShape: Shape { [batch, allOutputs, grid.rows.count, grid.columns.count] }
  /// Multiply-adds of one image.
  var work: Int { allOutputs * channels * cells * grid.span }

  /// `[batch, groups * outputs, height', width']`
  func forward() -> UntypedTensor {
    let y = UntypedTensor(x.type, resultShape)
    x.type.floatingPoint("convolution", forward(Float.self, y), forward(Double.self, y))
    return y
  }

  /// The gradients with respect to `x`, `weight` and `bias`, from that of the result.
  func backward(_ gradient: UntypedTensor, needed: [Bool]) -> [UntypedTensor?] {
    let gradient = Compute.contiguous(gradient)
    let dx = needed[0] ? UntypedTensor(like: x) : nil
    return x.type.floatingPoint(
      "convolution",
      backward(Float.self, gradient, dx, needsWeight: needed[1], needsBias: needed[2]),
      backward(Double.self, gradient, dx, needsWeight: needed[1], needsBias: needed[2]))
  }

  // MARK: Division

  /// Calls the body with ranges of what is counted, several at a time; with all of it where that is
  /// too little to keep the threads busy, for the body to divide.
  func forEachRange(
    of count: Int, pieces: Int, _ body: (_ range: Range<Int>, _ isAlone: Bool) -> Void
  ) {
    if pieces < 2 * Threads.count || Threads.count == 1 || work * batch < 2 * Self.grain {
      return body(0..<count, Threads.count > 1)
    }
    RowParts(count, most: pieces).forEach { body($0, false) }
  }

  /// Calls the body with ranges that begin at multiples of `unit`, several at a time if nothing else
  /// is computed meanwhile and the work is worth it.
  func divide(
    _ count: Int, unit: Int, work: Int, isAlone: Bool, _ body: (Range<Int>) -> Void
  ) {
    let units = (count + unit - 1) / unit
    let most = isAlone ? Swift.min(units, work / Self.grain, 2 * Threads.count) : 1
    if most <= 1 { return body(0..<count) }
    RowParts(count, length: (units + most - 1) / most * unit).forEach(body)
  }

  func multiply<Scalar: FloatingPointScalar>(
    _ product: WindowProduct<Scalar>, isAlone: Bool
  ) {
    let kernels = Scalar.kernels
    let work = product.m * product.n * product.k
    let panel = MatrixProduct<Scalar>.columnUnit
    if product.n >= 2 * Threads.count * panel {
      divide(product.n, unit: panel, work: work, isAlone: isAlone) {
        kernels.windowProduct(product.part(rows: 0..<product.m, columns: $0))
      }
    } else {
      divide(product.m, unit: 8, work: work, isAlone: isAlone) {
        kernels.windowProduct(product.part(rows: $0, columns: 0..<product.n))
      }
    }
  }

  /// The rows of an image's windows, each a product of its own.
  private func multiplyRowByRow<Scalar: FloatingPointScalar>(
    _ product: WindowProduct<Scalar>, isAlone: Bool
  ) {
    let work = product.m * product.n * product.k
    divide(grid.rows.count, unit: 1, work: work, isAlone: isAlone) { rows in
      for row in rows {
        var part = product
        part.n = grid.columns.count
        part.b += row * grid.columns.pitch
        part.c += row * grid.columns.count
        Scalar.kernels.windowProduct(part)
      }
    }
  }

  // MARK: Planes

  /// So many zeros.
  func zeros<Scalar: FloatingPointScalar>(_ count: Int, _: Scalar.Type) -> UntypedTensor {
    let result = UntypedTensor(Scalar.scalarType, [count])
    result.pointer(Scalar.self).initialize(repeating: 0, count: count)
    return result
  }

  /// Lays out the channels of an image, `[channels, plane]` for each phase, where there are zeros.
  func layOut<Scalar: FloatingPointScalar>(
    image: Int, to planes: UnsafeMutablePointer<Scalar>, isAlone: Bool
  ) {
    let from = x.pointer(Scalar.self) + image * allChannels * grid.elements
    let (rows, columns) = (grid.rows, grid.columns)
    for (number, phase) in grid.phases.enumerated() {
      let (first, count) = (phase.column.numbers.lowerBound, phase.column.numbers.count)
      let start = columns.position(first, phase.column)
      let target = planes + number * phasePlanes + first
      divide(allChannels, unit: 1, work: allChannels * grid.elements, isAlone: isAlone) { range in
        for channel in range {
          for row in phase.row.numbers {
            Compute.copyRow(
              from + channel * grid.elements + rows.position(row, phase.row) * columns.extent
                + start, columns.stride,
              to: target + channel * grid.plane + row * columns.pitch, 1, count)
          }
        }
      }
    }
  }

  // MARK: Forward

  private func forward<Scalar: FloatingPointScalar>(_: Scalar.Type, _ y: UntypedTensor) {
    let offsets = forwardOffsets
    let inner = channels * cells
    let (from, to) = (weight.pointer(Scalar.self), y.pointer(Scalar.self))
    let biases = bias.map { UnsafePointer($0.pointer(Scalar.self)) }
    // Where no place is left out, the places are the windows; rows of whole vectors are computed one
    // by one and lose nothing by it.
    let leavesNone = grid.rows.count == 1 || grid.columns.pitch == grid.columns.count
    let isRowByRow = !leavesNone && grid.columns.count % Self.columnUnit == 0
    forEachRange(of: batch, pieces: Swift.min(batch, 4 * Threads.count)) { images, isAlone in
      let planes = zeros(grid.phases.count * phasePlanes + Self.slack, Scalar.self)
      let places =
        leavesNone || isRowByRow ? nil : UntypedTensor(Scalar.scalarType, [outputs, grid.span])
      for image in images {
        layOut(image: image, to: planes.pointer(Scalar.self), isAlone: isAlone)
        for group in 0..<groups {
          let first = group * outputs
          let target = to + (image * allOutputs + first) * grid.windows
          let product = WindowProduct(
            m: outputs, n: grid.span, k: inner, a: from + first * inner, aRow: inner,
            b: planes.pointer(Scalar.self) + group * channels * grid.plane,
            offsets: offsets.address, c: places?.pointer(Scalar.self) ?? target,
            cRow: places == nil ? grid.windows : grid.span, bias: biases.map { $0 + first })
          if isRowByRow {
            multiplyRowByRow(product, isAlone: isAlone)
          } else {
            multiply(product, isAlone: isAlone)
          }
          if places == nil { continue }
          let count = grid.columns.count
          divide(outputs, unit: 1, work: outputs * grid.span, isAlone: isAlone) { range in
            for output in range {
              for row in 0..<grid.rows.count {
                Compute.copyRow(
                  product.c + output * grid.span + row * grid.columns.pitch, 1,
                  to: target + output * grid.windows + row * count, 1, count)
              }
            }
          }
        }
      }
      withExtendedLifetime((planes, places)) {}
    }
    withExtendedLifetime(offsets) {}
  }

  /// Where the elements of a window are seen, in the order of the weight's, from a group's first
  /// plane.
  private var forwardOffsets: Offsets {
    Offsets(
      (0..<channels).flatMap { channel in
        cellPlaces.map { $0.phase * phasePlanes + channel * grid.plane + $0.step }
      })
  }
}

/// Distances in memory that outlives the calls that read it.
final class Offsets: Sendable {
  /// Unsafe, as a pointer is; nothing writes to it after `init`.
  nonisolated(unsafe) let address: UnsafeMutablePointer<Int>

  init(_ numbers: [Int]) {
    address = .allocate(capacity: numbers.count)
    address.initialize(from: numbers, count: numbers.count)
  }

  deinit { address.deallocate() }
}
