// Where the windows of a convolution look, so that each element of a window is a stretch of memory.

/// The windows along one axis, and how its positions are laid out for them.
///
/// Positions whose distance is a multiple of the stride are of one phase. Neighbouring windows see
/// neighbours of a phase: element e of window w, at position `w stride + e dilation - before`, is
/// number `w + step` of the phase `e dilation mod stride`, where step = `e dilation / stride`. In a
/// row of `pitch` numbers, number t of a phase stands at place t, with zeros where there is no such
/// position; zeros at the end of a row are those before the next one, too.
struct WindowAxis {
  /// Positions that lie a multiple of the stride apart.
  struct Phase {
    /// The first position is congruent to this, the padding counted.
    let remainder: Int
    /// Numbers of the first position and of the first beyond the last.
    let numbers: Range<Int>
    /// Elements of a window that see this phase.
    let elements: [Int]
    /// The largest step of these.
    let reach: Int
  }

  /// Positions of the input.
  let extent: Int
  /// Windows.
  let count: Int
  let stride: Int
  let dilation: Int
  let before: Int
  /// Those that some element of a window sees; one whose numbers are none is all padding.
  let phases: [Phase]
  /// Places of a row.
  let pitch: Int

  init(_ sliding: Sliding, axis: Int, extent: Int) {
    let (size, before) = (sliding.size[axis], sliding.before[axis])
    let (stride, dilation) = (sliding.stride[axis], sliding.dilation[axis])
    let count = sliding.count[axis]
    phases = (0..<stride).compactMap { remainder in
      let elements = (0..<size).filter { $0 * dilation % stride == remainder }
      let first = Swift.max(before - remainder + stride - 1, 0) / stride
      let end = (extent - 1 + before - remainder + stride) / stride
      guard let last = elements.last else { return nil }
      return Phase(
        remainder: remainder, numbers: first..<Swift.max(first, end), elements: elements,
        reach: last * dilation / stride)
    }
    pitch = phases.reduce(count) { pitch, phase in
      Swift.max(pitch, phase.numbers.upperBound, count + phase.reach - phase.numbers.lowerBound)
    }
    self.extent = extent
    self.count = count
    self.stride = stride
    self.dilation = dilation
    self.before = before
  }

  /// How much further than the window's number an element sees in its phase.
  func step(_ element: Int) -> Int { element * dilation / stride }

  /// The position that a number of a phase stands for.
  func position(_ number: Int, _ phase: Phase) -> Int {
    number * stride + phase.remainder - before
  }

  /// Whether some position is seen by no window's element.
  var leavesOut: Bool {
    phases.reduce(0) { $0 + $1.numbers.count } < extent
  }

  /// The largest step of an element.
  var reach: Int { phases.reduce(0) { Swift.max($0, $1.reach) } }
}

/// The windows of a convolution: rows and columns, and planes of both.
struct WindowGrid {
  let rows: WindowAxis
  let columns: WindowAxis
  /// Distance of neighbouring planes.
  let plane: Int
  /// From a plane's first place to one beyond the last that a window has there.
  let span: Int
  /// The furthest that an element sees beyond a window's place: zeros that stand before the first
  /// plane or after the last.
  let reach: Int
  /// The phases of an image, each a plane; those of rows first.
  let phases: [(row: WindowAxis.Phase, column: WindowAxis.Phase)]

  init(_ sliding: Sliding, height: Int, width: Int) {
    rows = WindowAxis(sliding, axis: 0, extent: height)
    columns = WindowAxis(sliding, axis: 1, extent: width)
    let size = rows.pitch * columns.pitch
    // Planes a multiple of 4096 bytes apart would compete for the same lines of the first-level
    // cache. Zeros between them are as good as those of their last rows.
    plane = size % 512 == 0 ? size + 16 : size
    span = (rows.count - 1) * columns.pitch + columns.count
    reach = rows.reach * columns.pitch + columns.reach
    phases = rows.phases.flatMap { [columns] row in columns.phases.map { (row, $0) } }
  }

  /// Windows of an image.
  var windows: Int { rows.count * columns.count }
  /// Elements of an image.
  var elements: Int { rows.extent * columns.extent }

  /// How far beyond a window's place an element of it is, in the plane of its phase.
  func step(_ row: Int, _ column: Int) -> Int {
    rows.step(row) * columns.pitch + columns.step(column)
  }
}
