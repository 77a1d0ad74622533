import Kernels

extension Compute {
  /// The tensor itself where its elements lie one after the other, else a copy that does.
  @inline(__always)
  package static func contiguous(_ x: UntypedTensor) -> UntypedTensor {
    x.isContiguous ? x : copy(x)
  }

  /// A contiguous copy with memory of its own.
  package static func copy(_ x: UntypedTensor) -> UntypedTensor {
    let result = UntypedTensor(x.type, x.shape)
    copy(x, to: result)
    return result
  }

  /// Copies the elements of `x` over those of `target`, which has the same shape.
  package static func copy(_ x: UntypedTensor, to target: UntypedTensor) {
    switch x.type.size {
    case 1: copy(UInt8.self, x, target)
    case 4: copy(UInt32.self, x, target)
    default: copy(UInt64.self, x, target)
    }
  }

  /// Writes the elements of `x`, or zeros where there is none, to memory of so many bytes.
  package static func copy(_ x: UntypedTensor?, to target: UnsafeMutableRawPointer, bytes: Int) {
    guard let x else {
      target.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      return
    }
    // A call of its own: a constant that is either the tensor or a copy counts a reference.
    if !x.isContiguous { return copy(copy(x), to: target, bytes: bytes) }
    target.copyMemory(from: x.address, byteCount: bytes)
    withExtendedLifetime(x) {}
  }

  private static func copy<Word: BitwiseCopyable & Sendable>(
    _: Word.Type, _ x: UntypedTensor, _ target: UntypedTensor
  ) {
    let from = UnsafePointer<Word>(x.pointer(Word.self))
    let to = target.pointer(Word.self)
    if x.isContiguous && target.isContiguous {
      to.update(from: from, count: x.count)
      return
    }
    copy(from, to, StridedLoop<2>(x.shape, [x.strides, target.strides]), count: x.count)
  }

  /// Lays out one after the other what is `strides` apart: a copy of a view, which need not be made
  /// for it.
  package static func layOut(
    _ from: UnsafeRawPointer, _ type: ScalarType, _ shape: Shape, _ strides: Strides,
    to target: UnsafeMutableRawPointer
  ) {
    func run<Word: BitwiseCopyable & Sendable>(_: Word.Type) {
      copy(
        from.assumingMemoryBound(to: Word.self), target.assumingMemoryBound(to: Word.self),
        StridedLoop<2>(shape, [strides, shape.contiguousStrides]), count: shape.elementCount)
    }
    switch type.size {
    case 1: run(UInt8.self)
    case 4: run(UInt32.self)
    default: run(UInt64.self)
    }
  }

  @inline(__always)
  private static func copy<Word: BitwiseCopyable & Sendable>(
    _ from: UnsafePointer<Word>, _ to: UnsafeMutablePointer<Word>,
    _ loop: StridedLoop<2>, count elements: Int
  ) {
    let step = loop.strides[0][0]
    let targetStep = loop.strides[1][0]
    let count = loop.inner
    if step == 1, targetStep == 1, loop.rank <= 3, elements < elementwiseGrain {
      return copyRows(from, to, loop)
    }
    if targetStep == 1, step != 1, loop.rank > 1, loop.strides[0][1] == 1 {
      return copyTransposed(from, to, loop)
    }
    let grain = Swift.max(elementwiseGrain / Swift.max(count, 1), 1)
    Threads.split(loop.outer, grain: grain) { range in
      loop.run(range) { offsets in
        var source = from + offsets[0]
        var destination = to + offsets[1]
        if step == 1 && targetStep == 1 {
          destination.update(from: source, count: count)
        } else {
          for _ in 0..<count {
            destination.pointee = source.pointee
            source += step
            destination += targetStep
          }
        }
      }
    }
  }

  /// A copy whose rows are columns of what is read, in tiles of sixteen rows and columns.
  private static func copyTransposed<Word: BitwiseCopyable & Sendable>(
    _ from: UnsafePointer<Word>, _ to: UnsafeMutablePointer<Word>, _ loop: StridedLoop<2>
  ) {
    let (columns, rows) = (loop.inner, loop.extents[1])
    let targetRow = loop.strides[1][1]
    let bands = (rows + 15) / 16
    let total = loop.outer / Swift.max(rows, 1) * bands
    let pieces = Swift.max(Swift.min(total * 16 * columns / elementwiseGrain, total), 1)
    Threads.parallel(pieces) { piece in
      for band in (piece * total / pieces)..<((piece + 1) * total / pieces) {
        var (source, target) = (from, to)
        var rest = band / bands
        for axis in 2..<Swift.max(loop.rank, 2) {
          let position = rest % loop.extents[axis]
          rest /= loop.extents[axis]
          source += position * loop.strides[0][axis]
          target += position * loop.strides[1][axis]
        }
        let first = band % bands * 16
        copyBand(
          source + first, loop.strides[0][0], target + first * targetRow, targetRow,
          rows: Swift.min(16, rows - first), columns)
      }
    }
  }

  /// `target[row, column] = source[column, row]`, of sixteen rows at most.
  private static func copyBand<Word: BitwiseCopyable & Sendable>(
    _ source: UnsafePointer<Word>, _ step: Int,
    _ target: UnsafeMutablePointer<Word>, _ targetRow: Int, rows: Int, _ columns: Int
  ) {
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 64) { scratch in
      for column in stride(from: 0, to: columns, by: 16) {
        let (from, to) = (source + column &* step, target + column)
        let width = Swift.min(16, columns - column)
        if MemoryLayout<Word>.stride == 4 && rows == 16 && width == 16 {
          copyTile(from, 4 &* step, to, 4 &* targetRow, scratch.baseAddress!)
          continue
        }
        for i in 0..<rows {
          for j in 0..<width { to[i &* targetRow &+ j] = from[j &* step &+ i] }
        }
      }
    }
  }

  /// Sixteen rows and columns of numbers of four bytes, strides in bytes. Each line of the cache is
  /// read and written once, whole: where rows are a power of two apart they would drive each other
  /// out before they are used up.
  @inline(__always)
  private static func copyTile(
    _ source: UnsafeRawPointer, _ step: Int, _ target: UnsafeMutableRawPointer, _ targetRow: Int,
    _ scratch: UnsafeMutableRawPointer
  ) {
    typealias Quad = SIMD4<UInt32>
    for column in 0..<16 {
      let line = (source + column &* step).loadUnaligned(as: SIMD16<UInt32>.self)
      scratch.storeBytes(of: line, toByteOffset: 64 &* column, as: SIMD16<UInt32>.self)
    }
    for row in stride(from: 0, to: 16, by: 4) {
      for column in stride(from: 0, to: 16, by: 4) {
        let block = scratch + (64 &* column &+ 4 &* row)
        let a = block.load(as: Quad.self)
        let b = block.load(fromByteOffset: 64, as: Quad.self)
        let c = block.load(fromByteOffset: 128, as: Quad.self)
        let d = block.load(fromByteOffset: 192, as: Quad.self)
        let line = target + (row &* targetRow &+ 4 &* column)
        for i in 0..<4 {
          (line + i &* targetRow).storeBytes(of: Quad(a[i], b[i], c[i], d[i]), as: Quad.self)
        }
      }
    }
  }

  /// Rows that lie in memory as they are, along two further axes at most: as it is for the steps of
  /// short sequences, where to count in any number of axes takes longer than to copy.
  private static func copyRows<Word: BitwiseCopyable & Sendable>(
    _ from: UnsafePointer<Word>, _ to: UnsafeMutablePointer<Word>,
    _ loop: borrowing StridedLoop<2>
  ) {
    let count = loop.inner
    switch count &* MemoryLayout<Word>.stride {
    case 16: forRows(from, to, loop) { copy(SIMD2<UInt64>.self, $0, $1) }
    case 32: forRows(from, to, loop) { copy(SIMD4<UInt64>.self, $0, $1) }
    case 64: forRows(from, to, loop) { copy(SIMD8<UInt64>.self, $0, $1) }
    default: forRows(from, to, loop) { $1.update(from: $0, count: count) }
    }
  }

  /// Copies what has the size of a vector: a call of the C library takes longer.
  @inline(__always)
  private static func copy<Vector: BitwiseCopyable>(
    _: Vector.Type, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer
  ) {
    to.storeBytes(of: from.loadUnaligned(as: Vector.self), as: Vector.self)
  }

  @inline(__always)
  private static func forRows<Word>(
    _ from: UnsafePointer<Word>, _ to: UnsafeMutablePointer<Word>,
    _ loop: borrowing StridedLoop<2>,
    _ copy: (UnsafePointer<Word>, UnsafeMutablePointer<Word>) -> Void
  ) {
    let (rows, blocks) = (loop.extents[1], loop.extents[2])
    let (row, targetRow) = (loop.strides[0][1], loop.strides[1][1])
    let (block, targetBlock) = (loop.strides[0][2], loop.strides[1][2])
    for i in 0..<blocks {
      var source = from + i &* block
      var target = to + i &* targetBlock
      for _ in 0..<rows {
        copy(source, target)
        source += row
        target += targetRow
      }
    }
  }

  /// Copies numbers that are `step` apart to places that are `targetStep` apart.
  @inline(__always)
  static func copyRow<Word: BitwiseCopyable>(
    _ from: UnsafePointer<Word>, _ step: Int, to target: UnsafeMutablePointer<Word>,
    _ targetStep: Int, _ count: Int
  ) {
    if step == 1 && targetStep == 1 { return copyRow(from, to: target, count) }
    for i in 0..<count { target[i &* targetStep] = from[i &* step] }
  }

  /// In vectors, the last of which ends with the row: a call of the C library takes longer.
  @inline(__always)
  private static func copyRow<Word: BitwiseCopyable>(
    _ from: UnsafePointer<Word>, to target: UnsafeMutablePointer<Word>, _ count: Int
  ) {
    typealias Vector = SIMD4<UInt64>
    let width = MemoryLayout<Vector>.size / MemoryLayout<Word>.stride
    if count < width {
      for i in 0..<count { target[i] = from[i] }
      return
    }
    let last = count &- width
    var i = 0
    while i < last {
      copy(Vector.self, from + i, target + i)
      i &+= width
    }
    copy(Vector.self, from + last, target + last)
  }

  /// The tensor seen with another shape: a view where its memory allows, else a copy.
  package static func reshaped(_ x: UntypedTensor, _ shape: Shape) -> UntypedTensor {
    contiguous(x).viewed(as: shape)
  }

  /// A view that repeats axes of extent 1, and new ones in front, to reach the shape.
  package static func expanded(_ x: UntypedTensor, _ shape: Shape) -> UntypedTensor {
    UntypedTensor(viewing: x, shape, broadcastStrides(x, shape))
  }

  /// Strides with which `x` is read in a loop over `shape`: 0 along expanded axes.
  static func broadcastStrides(_ x: UntypedTensor, _ shape: Shape) -> Strides {
    var strides = Strides(repeating: 0)
    let offset = shape.rank - x.rank
    let own = x.strides
    for axis in 0..<x.rank where x.shape[axis] != 1 || shape[axis + offset] == 1 {
      strides[axis + offset] = own[axis]
    }
    return strides
  }
}
