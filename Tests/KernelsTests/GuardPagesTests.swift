import Kernels
import Testing

/// Kernels touch nothing before the first element of a buffer and nothing after the last, and give the same bits
/// wherever the buffers lie.
@Suite struct GuardPagesTests {
  /// The buffers of one kernel, each in a room of its own.
  private struct Rooms<Scalar: TestedScalar> {
    private let rooms = (0..<10).map { _ in GuardedRoom(1 << 15) }
    /// Elements of the widest vector.
    private let lanes = 64 / MemoryLayout<Scalar>.stride

    /// Runs a kernel on buffers at both ends, and at each distance from the address of a vector.
    ///
    /// - Parameters:
    ///   - buffers: what is in them before.
    ///   - masks: the same for truth values, which come after the numbers.
    ///   - kernel: gets the addresses.
    func check(
      _ name: String, _ buffers: [[Scalar]], masks: [[Bool]] = [],
      _ kernel: ([UnsafeMutablePointer<Scalar>], [UnsafeMutablePointer<Bool>]) -> Void
    ) {
      let used = rooms.prefix(buffers.count + masks.count)
      var expected: [[UInt8]]?
      func run(_ place: (Int) -> GuardedRoom.Place) {
        let numbers = buffers.enumerated().map { index, buffer in
          rooms[index].put(buffer, at: place(index)).assumingMemoryBound(to: Scalar.self)
        }
        let truths = masks.enumerated().map { index, mask in
          rooms[buffers.count + index].put(mask, at: place(buffers.count + index))
            .assumingMemoryBound(to: Bool.self)
        }
        kernel(numbers, truths)
        let found = used.map(\.content)
        if let expected {
          if found != expected { Issue.record("\(name): other bits elsewhere") }
        } else {
          expected = found
        }
        if !used.allSatisfy(\.isIntact) { Issue.record("\(name): written beside a buffer") }
      }
      run { _ in .end }
      for distance in 0..<lanes {
        // The buffers of a call do not all lie alike.
        run { .start(elements: (distance + 5 * $0) % lanes) }
      }
    }
  }

  private static let sizes = 0...70

  @Test(arguments: Machine.all)
  func `a kernel keeps to its buffers, of every size and wherever they lie`(machine: Machine) {
    for count in Self.sizes {
      check(Float.self, count, machine)
      check(Double.self, count, machine)
    }
  }

  private func check<Scalar: TestedScalar>(_: Scalar.Type, _ count: Int, _ machine: Machine) {
    let (rooms, table) = (Rooms<Scalar>(), Scalar.table(machine))
    var numbers = Numbers(UInt64(count))
    func some(_ count: Int) -> [Scalar] { numbers.uniform(count, 0.1, 0.9) }
    elementwise(rooms, table, count, some)
    rows(rooms, table, count, some)
    attention(rooms, table, count, some)
    recurrent(rooms, table, count, some)
    optimizers(rooms, table, count, some)
    products(rooms, table, count, some)
  }

  private typealias Table<Scalar: TestedScalar> = any KernelSet<Scalar>.Type

  private func elementwise<Scalar: TestedScalar>(
    _ rooms: Rooms<Scalar>, _ table: Table<Scalar>, _ n: Int, _ some: (Int) -> [Scalar]
  ) {
    for function in UnaryFunction.allCases {
      rooms.check("\(function) of \(n)", [some(n), some(n)]) { b, _ in
        table.unary(function, b[0], to: b[1], count: n)
      }
    }
    for function in BinaryFunction.allCases {
      for stride in 0...1 {
        rooms.check("\(function) of \(n)", [some(n), some(stride == 1 ? n : 1), some(n)]) { b, _ in
          table.binary(function, b[0], stride: 1, b[1], stride: stride, to: b[2], count: n)
        }
      }
    }
    for comparison in Comparison.allCases {
      rooms.check(
        "\(comparison) of \(n)", [some(n), some(n)], masks: [.init(repeating: false, count: n)]
      ) { b, masks in
        table.compare(comparison, b[0], stride: 1, b[1], stride: 1, to: masks[0], count: n)
      }
    }
    rooms.check("addScaled of \(n)", [some(n), some(n)]) { b, _ in
      table.addScaled(b[0], by: 0.5, to: b[1], count: n)
    }
    rooms.check("addBlock of \(n)", [some(n), some(n), some(n)]) { b, _ in
      table.addBlock(b[0], to: b[1], excess: b[2], count: n)
    }
  }

  private func rows<Scalar: TestedScalar>(
    _ rooms: Rooms<Scalar>, _ table: Table<Scalar>, _ n: Int, _ some: (Int) -> [Scalar]
  ) {
    for extents in [
      Extents(outer: 3, axis: n, inner: 1), Extents(outer: 1, axis: 3, inner: n),
      Extents(outer: n, axis: 2, inner: 1),
    ] {
      let all = extents.outer * extents.axis * extents.inner
      let mask = (0..<all).map { $0 % 3 != 0 }
      if extents.axis > 0 {
        for reduction in Reduction.allCases {
          rooms.check("\(reduction) of \(n)", [some(all), some(extents.outer * extents.inner)]) {
            b, _ in table.reduce(reduction, b[0], to: b[1], extents)
          }
        }
      }
      for logarithm in [false, true] {
        rooms.check("softmax of \(n)", [some(all), some(all)]) { b, _ in
          table.softmax(b[0], mask: nil, to: b[1], extents, logarithm: logarithm)
        }
        rooms.check("masked softmax of \(n)", [some(all), some(all)], masks: [mask]) { b, masks in
          table.softmax(b[0], mask: masks[0], to: b[1], extents, logarithm: logarithm)
        }
        rooms.check("gradient of softmax of \(n)", [some(all), some(all), some(all)]) { b, _ in
          table.softmaxGradient(b[0], of: b[1], to: b[2], extents, logarithm: logarithm)
        }
      }
    }
    rooms.check(
      "layerNorm of \(n)", [some(2 * n), some(n), some(n), some(2 * n), some(2), some(2)]
    ) { b, _ in
      table.layerNorm(
        b[0], weight: b[1], bias: b[2], to: b[3], means: b[4], inverseDeviations: b[5], rows: 2,
        count: n, epsilon: 1e-3)
    }
    rooms.check(
      "gradient of layerNorm of \(n)",
      [some(2 * n), some(2 * n), some(n), some(2), some(2), some(2 * n)]
    ) { b, _ in
      table.layerNormGradient(
        b[0], at: b[1], weight: b[2], means: b[3], inverseDeviations: b[4], to: b[5], rows: 2,
        count: n)
    }
  }

  private func attention<Scalar: TestedScalar>(
    _ rooms: Rooms<Scalar>, _ table: Table<Scalar>, _ n: Int, _ some: (Int) -> [Scalar]
  ) {
    rooms.check("additiveScores of \(n)", [some(2 * n), some(3 * n), some(n), some(6)]) { b, _ in
      table.additiveScores(
        queries: b[0], keys: b[1], v: b[2], to: b[3], queryCount: 2, keyCount: 3, size: n)
    }
    rooms.check(
      "gradient of additiveScores of \(n)",
      [some(6), some(2 * n), some(3 * n), some(n), some(2 * n), some(3 * n), some(n)]
    ) { b, _ in
      table.additiveScoresGradient(
        b[0], queries: b[1], keys: b[2], v: b[3], toQueries: b[4], toKeys: b[5], toV: b[6],
        queryCount: 2, keyCount: 3, size: n)
    }
    rooms.check("featureAttention of \(n)", (0..<5).map { _ in some(n) }) { b, _ in
      table.featureAttention(
        scores: b[0], states: b[1], squashed: b[2], total: b[3], sum: b[4], count: n)
    }
    rooms.check("gradient of featureAttention of \(n)", (0..<7).map { _ in some(n) }) { b, _ in
      table.featureAttentionGradient(
        b[0], squashed: b[1], states: b[2], total: b[3], context: b[4], toScores: b[5],
        toStates: b[6], count: n)
    }
  }

  private func recurrent<Scalar: TestedScalar>(
    _ rooms: Rooms<Scalar>, _ table: Table<Scalar>, _ n: Int, _ some: (Int) -> [Scalar]
  ) {
    for kind in RecurrentCellKind.allCases {
      let (all, width) = (2 * n, kind.gateCount * n)
      /// The step of the first buffers.
      func step(_ b: [UnsafeMutablePointer<Scalar>]) -> RecurrentStep<Scalar> {
        RecurrentStep(
          rows: 2, size: n, gates: b[0], hiddenGates: kind == .gru ? b[1] : nil,
          previousHidden: b[2], hidden: b[3], previousCell: kind == .lstm ? b[4] : nil,
          cell: kind == .lstm ? b[5] : nil, squashed: kind == .lstm ? b[6] : nil)
      }
      // A product of no depth, added: products have a test of their own.
      func product(_ b: [UnsafeMutablePointer<Scalar>], rows: Int) -> MatrixProduct<Scalar> {
        MatrixProduct(
          m: rows, n: width, k: 0, a: b[2], aRow: n, aColumn: 1, b: b[0], bRow: 1, bColumn: 1,
          c: kind == .gru ? b[1] : b[0], cRow: width, accumulate: true)
      }
      let buffers =
        [some(2 * width), some(2 * width)] + (0..<5).map { _ in some(all) }
      rooms.check("step of \(kind), \(n)", buffers) { b, _ in
        table.recurrentSteps(
          kind,
          RecurrentSteps(
            count: 1, step: step(b), product: product(b, rows: 2), strides: RecurrentStrides()))
      }
      let gradients = [some(all), some(all), some(all)]
      rooms.check("gradient of a step of \(kind), \(n)", buffers + gradients) { b, _ in
        table.recurrentStepGradients(
          kind,
          RecurrentStepGradients(
            count: 1,
            gradient: RecurrentStepGradient(
              step: step(b), hidden: b[7], previousHidden: b[8], output: nil,
              cell: kind == .lstm ? b[9] : nil, hiddenGates: kind == .gru ? b[1] : b[0],
              lastGates: kind == .gru ? b[9] : nil),
            product: product(b, rows: 0), strides: RecurrentStrides()))
      }
    }
  }

  private func optimizers<Scalar: TestedScalar>(
    _ rooms: Rooms<Scalar>, _ table: Table<Scalar>, _ n: Int, _ some: (Int) -> [Scalar]
  ) {
    rooms.check("sgd of \(n)", [some(n), some(n), some(n)]) { b, _ in
      table.sgd(
        SGDStep(
          learningRate: 0.1, sign: -1, weightDecay: 0.25, momentum: 0.9, gain: 0.5,
          isNesterov: true), parameter: b[0], gradient: b[1], velocity: b[2], count: n)
    }
    rooms.check("adam of \(n)", (0..<5).map { _ in some(n) }) { b, _ in
      table.adam(
        AdamStep(
          stepSize: 0.1, sign: 1, weightDecay: 0.25, shrinkage: 0.75, beta1: 0.9, gain1: 0.1,
          beta2: 0.8, gain2: 0.2, rootFactor: 2, epsilon: 0.01), parameter: b[0], gradient: b[1],
        first: b[2], second: b[3], largest: b[4], count: n)
    }
  }

  private func products<Scalar: TestedScalar>(
    _ rooms: Rooms<Scalar>, _ table: Table<Scalar>, _ n: Int, _ some: (Int) -> [Scalar]
  ) {
    rooms.check("rowProducts of \(n)", [some(5 * n), some(n), some(5)]) { b, _ in
      table.rowProducts(b[0], row: n, b[1], to: b[2], rows: 5, count: n)
    }
    rooms.check("transpose of \(n)", [some(5 * n), some(5 * n)]) { b, _ in
      table.transpose(b[0], row: n, rows: 5, columns: n, to: b[1], row: 5)
    }
    rooms.check("transpose to \(n)", [some(5 * n), some(5 * n)]) { b, _ in
      table.transpose(b[0], row: 5, rows: n, columns: 5, to: b[1], row: n)
    }
    for (m, columns, k) in [(n, 3, 5), (3, n, 5), (3, 5, n), (1, n, 7), (n, 1, 7), (13, n, 2)] {
      let packed = table.packedCount(rows: k, columns: columns)
      for isTransposed in [false, true] {
        let name = "product \(m) x \(k) x \(columns)\(isTransposed ? " transposed" : "")"
        let (bRow, bColumn) = isTransposed ? (1, k) : (columns, 1)
        let buffers = [some(m * k), some(k * columns), some(m * columns), some(columns)]
        rooms.check(name, buffers) { b, _ in
          table.matrixProduct(
            MatrixProduct(
              m: m, n: columns, k: k, a: b[0], aRow: k, aColumn: 1, b: b[1], bRow: bRow,
              bColumn: bColumn, c: b[2], cRow: columns, bias: UnsafePointer(b[3])))
        }
        rooms.check("\(name), packed", buffers + [some(packed)]) { b, _ in
          table.pack(
            b[1], row: bRow, column: bColumn, rows: k, columns: columns, to: b[4])
          table.matrixProduct(
            MatrixProduct(
              m: m, n: columns, k: k, a: b[0], aRow: k, aColumn: 1, b: b[1], bRow: bRow,
              bColumn: bColumn, c: b[2], cRow: columns, accumulate: true,
              packed: UnsafePointer(b[4])))
        }
      }
    }
    // It reads its right operand in whole vectors: so many numbers are readable after the last.
    let readable = 64 / MemoryLayout<Scalar>.stride
    let offsets = [0, 3, 1, 2, 0]
    rooms.check("windowProduct of \(n)", [some(15), some(3 + n + readable), some(3 * n), some(3)]) {
      b, _ in
      offsets.withUnsafeBufferPointer { offsets in
        table.windowProduct(
          WindowProduct(
            m: 3, n: n, k: 5, a: b[0], aRow: 5, b: b[1], offsets: offsets.baseAddress!, c: b[2],
            cRow: n, bias: UnsafePointer(b[3])))
      }
    }
  }
}
