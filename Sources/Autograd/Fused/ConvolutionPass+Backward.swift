import Kernels

extension ConvolutionPass {
  /// Parts that a long sum over the batch is made of, at most, and the numbers of all of them
  /// together, beyond which they are fewer: what they are depends on the shapes alone.
  private static let mostParts = 16
  private static let mostPartNumbers = 1 << 24

  /// The gradients, image by image.
  ///
  /// - Parameter dx: where the gradient with respect to `x` goes, if it is needed.
  func backward<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ gradient: UntypedTensor, _ dx: UntypedTensor?, needsWeight: Bool,
    needsBias: Bool
  ) -> [UntypedTensor?] {
    let flow = UnsafePointer(gradient.pointer(Scalar.self))
    let sums = needsBias ? UntypedTensor(x.type, [batch, allOutputs]) : nil
    let inputs = dx.map { InputGradient<Scalar>(self, $0) }
    let runs = needsWeight ? self.runs : []
    let numbers = allOutputs * runs.reduce(0) { $0 + $1.columns }
    let count = Swift.min(
      batch, Self.mostParts, Swift.max(Self.mostPartNumbers / Swift.max(numbers, 1), 2))
    let parts = (0..<count).map { _ in WeightSum<Scalar>(needsWeight ? numbers : 0) }
    forEachRange(of: count, pieces: count) { range, isAlone in
      let planes = zeros(
        2 * grid.reach + allOutputs * grid.plane + Self.slack, Scalar.self)
      let start = planes.pointer(Scalar.self) + grid.reach
      let images = needsWeight ? ImagePlaces<Scalar>(self) : nil
      for part in range {
        for image in (part * batch / count)..<((part + 1) * batch / count) {
          spread(flow + image * allOutputs * grid.windows, to: start, isAlone: isAlone)
          if let sums {
            Scalar.kernels.reduce(
              .sum, start, to: sums.pointer(Scalar.self) + image * allOutputs,
              .init(outer: allOutputs, axis: grid.plane, inner: 1))
          }
          inputs?.compute(image: image, from: start, isAlone: isAlone)
          if let images {
            images.layOut(image: image, isAlone: isAlone)
            add(start, images, runs, to: parts[part], isAlone: isAlone)
          }
        }
        parts[part].finish()
      }
      withExtendedLifetime(planes) {}
    }
    return [
      dx, needsWeight ? weightGradient(parts, runs) : nil,
      sums.map { Compute.reduce(.sum, $0, axis: 0) },
    ]
  }

  /// Lays out an image of the results' gradient, `[outputs, plane]`, where there are zeros.
  private func spread<Scalar: FloatingPointScalar>(
    _ windows: UnsafePointer<Scalar>, to planes: UnsafeMutablePointer<Scalar>, isAlone: Bool
  ) {
    divide(allOutputs, unit: 1, work: allOutputs * grid.plane, isAlone: isAlone) { range in
      for output in range {
        let target = planes + output * grid.plane
        let source = windows + output * grid.windows
        let count = grid.columns.count
        for row in 0..<grid.rows.count {
          Compute.copyRow(source + row * count, 1, to: target + row * grid.columns.pitch, 1, count)
        }
      }
    }
  }

  // MARK: Weight

  /// Elements of a window whose places are neighbours, so that with the channels of each place they
  /// are columns of one product.
  struct Run {
    let phase: Int
    /// Beyond the window's place.
    let step: Int
    /// The first one's number, and how many they are.
    let cell: Int
    let count: Int
    /// Columns of the product, filled up to whole vectors.
    let columns: Int
  }

  private var runs: [Run] {
    var result: [Run] = []
    var cell = 0
    while cell < cells {
      let first = cellPlaces[cell]
      var count = 1
      while (cell + count) % size.columns != 0,
        cellPlaces[cell + count] == (first.phase, first.step + count)
      {
        count += 1
      }
      let unit = Self.columnUnit
      result.append(
        Run(
          phase: first.phase, step: first.step, cell: cell, count: count,
          columns: (count * channels + unit - 1) / unit * unit))
      cell += count
    }
    return result
  }

  /// Adds what one image contributes to the weight's gradient.
  private func add<Scalar: FloatingPointScalar>(
    _ gradient: UnsafePointer<Scalar>, _ images: ImagePlaces<Scalar>, _ runs: [Run],
    to part: WeightSum<Scalar>, isAlone: Bool
  ) {
    let kernels = Scalar.kernels
    for start in stride(from: 0, to: grid.span, by: WeightSum<Scalar>.terms) {
      let terms = Swift.min(WeightSum<Scalar>.terms, grid.span - start)
      let adds = part.makeRoom(for: terms)
      var target = part.block.pointer(Scalar.self)
      for group in 0..<groups {
        for run in runs {
          let places = images.places(phase: run.phase, group: group)
          let product = MatrixProduct<Scalar>(
            m: outputs, n: run.columns, k: terms,
            a: gradient + group * outputs * grid.plane + start, aRow: grid.plane, aColumn: 1,
            b: places + (start + run.step) * channels, bRow: channels, bColumn: 1, c: target,
            cRow: run.columns, accumulate: adds)
          isAlone ? product.parallel(using: kernels) : kernels.matrixProduct(product)
          target += outputs * run.columns
        }
      }
    }
  }

  /// The sum of the parts, in the order of the weight.
  private func weightGradient<Scalar: FloatingPointScalar>(
    _ parts: [WeightSum<Scalar>], _ runs: [Run]
  ) -> UntypedTensor {
    let total = parts[0]
    for part in parts.dropFirst() { total.add(part) }
    let result = UntypedTensor(like: weight)
    let (from, to) = (total.sum.pointer(Scalar.self), result.pointer(Scalar.self))
    var source = 0
    for group in 0..<groups {
      for run in runs {
        for output in 0..<outputs {
          let row = from + source + output * run.columns
          let target = to + (group * outputs + output) * channels * cells + run.cell
          for cell in 0..<run.count {
            for channel in 0..<channels {
              target[channel * cells + cell] = row[cell * channels + channel]
            }
          }
        }
        source += outputs * run.columns
      }
    }
    return result
  }

  /// A part of the weight's gradient: so many terms are added up in a block, and blocks with account
  /// of what rounding does to them.
  private final class WeightSum<Scalar: FloatingPointScalar> {
    /// Of as many as a product adds up one after the other.
    static var terms: Int { 16 * 1024 }

    let block: UntypedTensor
    private var terms = 0
    private var total: UntypedTensor?
    private var excess: UntypedTensor?

    init(_ count: Int) { block = UntypedTensor(Scalar.scalarType, [count]) }

    /// All that has been added.
    var sum: UntypedTensor { total ?? block }

    /// Whether the next product adds to what is in the block.
    func makeRoom(for count: Int) -> Bool {
      // A product of a few terms is one more rounding, as that of a thousand is.
      let rounded = (count + 1023) / 1024 * 1024
      if terms + rounded > Self.terms { flush() }
      terms += rounded
      return terms > rounded
    }

    /// To be called when everything is added.
    func finish() {
      if total != nil { flush() }
    }

    func add(_ other: WeightSum) {
      if total == nil { flush() }
      join(other.sum)
    }

    private func flush() {
      if total == nil {
        total = Compute.copy(block)
        excess = Compute.zeros(like: block)
      } else {
        join(block)
      }
      terms = 0
    }

    /// The block is zeros afterwards.
    private func join(_ block: UntypedTensor) {
      let (from, to) = (block.pointer(Scalar.self), total!.pointer(Scalar.self))
      let surplus = excess!.pointer(Scalar.self)
      let kernels = Scalar.kernels
      Threads.split(block.count, grain: 1 << 14) { range in
        let start = range.lowerBound
        kernels.addBlock(from + start, to: to + start, excess: surplus + start, count: range.count)
      }
    }
  }

  /// An image as the weight's gradient reads it: `[groups, phases, places, channels]`.
  private final class ImagePlaces<Scalar: FloatingPointScalar> {
    private let pass: ConvolutionPass
    private let planes: UntypedTensor
    private let turned: UntypedTensor
    /// Places of a phase, and numbers of these.
    private let count: Int
    private let size: Int

    init(_ pass: ConvolutionPass) {
      self.pass = pass
      let grid = pass.grid
      planes = pass.zeros(grid.phases.count * pass.phasePlanes + ConvolutionPass.slack, Scalar.self)
      count = grid.span + grid.reach
      size = count * pass.channels
      turned =
        pass.channels == 1
        ? planes
        : pass.zeros(pass.groups * grid.phases.count * size + ConvolutionPass.slack, Scalar.self)
    }

    func layOut(image: Int, isAlone: Bool) {
      pass.layOut(image: image, to: planes.pointer(Scalar.self), isAlone: isAlone)
      if pass.channels == 1 { return }
      let (from, to) = (planes.pointer(Scalar.self), turned.pointer(Scalar.self))
      let (plane, channels) = (pass.grid.plane, pass.channels)
      let kernels = Scalar.kernels
      pass.divide(
        pass.groups * pass.grid.phases.count, unit: 1, work: turned.count, isAlone: isAlone
      ) { range in
        for number in range {
          let (group, phase) = number.quotientAndRemainder(dividingBy: pass.grid.phases.count)
          kernels.transpose(
            from + phase * pass.phasePlanes + group * channels * plane, row: plane, rows: channels,
            columns: count,
            to: to + number * size, row: channels)
        }
      }
    }

    func places(phase: Int, group: Int) -> UnsafePointer<Scalar> {
      let phases = pass.grid.phases.count
      return UnsafePointer(
        pass.channels == 1
          ? planes.pointer(Scalar.self) + phase * pass.phasePlanes + group * pass.grid.plane
          : turned.pointer(Scalar.self) + (group * phases + phase) * size)
    }
  }

  // MARK: Input

  /// The gradient with respect to images, phase by phase: each is a convolution of the results'
  /// gradient with those elements of the windows that see the phase.
  private final class InputGradient<Scalar: FloatingPointScalar> {
    private let pass: ConvolutionPass
    private let dx: UntypedTensor
    private let phases: [Phase]

    private struct Phase {
      /// `[groups, channels, outputs * elements]`
      let weight: UntypedTensor
      /// Of a group's outputs and of the elements, to where they are seen.
      let offsets: Offsets
      let inner: Int
    }

    init(_ pass: ConvolutionPass, _ dx: UntypedTensor) {
      self.pass = pass
      self.dx = dx
      phases = pass.grid.phases.indices.map { number in
        let cells = (0..<pass.cells).filter { pass.cellPlaces[$0].phase == number }
        let offsets = (0..<pass.outputs).flatMap { output in
          cells.map { output * pass.grid.plane - pass.cellPlaces[$0].step }
        }
        return Phase(
          weight: Self.turned(pass, cells), offsets: Offsets(offsets), inner: offsets.count)
      }
    }

    /// The weights of some elements of the windows, channels before outputs.
    private static func turned(_ pass: ConvolutionPass, _ cells: [Int]) -> UntypedTensor {
      let (channels, outputs) = (pass.channels, pass.outputs)
      let result = UntypedTensor(Scalar.scalarType, [pass.groups, channels, outputs, cells.count])
      let (from, to) = (pass.weight.pointer(Scalar.self), result.pointer(Scalar.self))
      pass.divide(pass.groups * channels, unit: 1, work: result.count, isAlone: true) { range in
        for row in range {
          let (group, channel) = row.quotientAndRemainder(dividingBy: channels)
          var target = to + row * outputs * cells.count
          for output in 0..<outputs {
            let source = from + ((group * outputs + output) * channels + channel) * pass.cells
            for cell in cells {
              target.pointee = source[cell]
              target += 1
            }
          }
        }
      }
      return result
    }

    /// - Parameter gradient: `[outputs, plane]`, with zeros around.
    func compute(image: Int, from gradient: UnsafePointer<Scalar>, isAlone: Bool) {
      let grid = pass.grid
      let size = pass.allChannels * grid.elements
      let target = dx.pointer(Scalar.self) + image * size
      if grid.rows.leavesOut || grid.columns.leavesOut { target.update(repeating: 0, count: size) }
      for (phase, place) in zip(phases, grid.phases) {
        let (rows, columns) = (place.row.numbers, place.column.numbers)
        if rows.isEmpty || columns.isEmpty { continue }
        let span = (rows.count - 1) * grid.columns.pitch + columns.count
        let isDirect =
          grid.columns.stride == 1 && grid.rows.stride == 1
          && (rows.count == 1 || columns.count == grid.columns.pitch)
        let places = isDirect ? nil : UntypedTensor(Scalar.scalarType, [pass.channels, span])
        let start = gradient + rows.lowerBound * grid.columns.pitch + columns.lowerBound
        for group in 0..<pass.groups {
          let image = target + group * pass.channels * grid.elements
          let product = WindowProduct(
            m: pass.channels, n: span, k: phase.inner,
            a: phase.weight.pointer(Scalar.self) + group * pass.channels * phase.inner,
            aRow: phase.inner, b: start + group * pass.outputs * grid.plane,
            offsets: phase.offsets.address, c: places?.pointer(Scalar.self) ?? image,
            cRow: places == nil ? grid.elements : span)
          pass.multiply(product, isAlone: isAlone)
          if places != nil { copy(product, place, to: image, isAlone: isAlone) }
        }
        withExtendedLifetime(places) {}
      }
    }

    /// Copies the places of a phase to their positions in the channels of a group.
    private func copy(
      _ product: WindowProduct<Scalar>, _ place: (row: WindowAxis.Phase, column: WindowAxis.Phase),
      to image: UnsafeMutablePointer<Scalar>, isAlone: Bool
    ) {
      let grid = pass.grid
      let (rows, columns) = (place.row.numbers, place.column.numbers)
      let start = grid.columns.position(columns.lowerBound, place.column)
      pass.divide(pass.channels, unit: 1, work: product.m * product.n, isAlone: isAlone) { range in
        for channel in range {
          let (from, to) = (product.c + channel * product.cRow, image + channel * grid.elements)
          for row in rows {
            Compute.copyRow(
              from + (row - rows.lowerBound) * grid.columns.pitch, 1,
              to: to + grid.rows.position(row, place.row) * grid.columns.extent + start,
              grid.columns.stride, columns.count)
          }
        }
      }
    }
  }
}
