import Kernels

/// How many numbers a row of `GateGradients` has.
struct GateWidths {
  /// In `hidden`.
  let hidden: Int
  /// In `last`; 0 for all but the GRU.
  let last: Int
  /// Those that are the same on both sides.
  var common: Int { hidden - last }

  init(_ kind: RecurrentCellKind, gates: Int) {
    hidden = gates
    last = kind == .gru ? gates / 3 : 0
  }
}

/// The gradients of a cell's gates at the steps of one stretch, in ascending order.
///
/// What the gates get from the input and what they get from the state are added, so both have the
/// same gradient; but for the GRU's last block, where the reset gate stands between.
///
/// They lie in memory that whoever makes this keeps alive.
struct GateGradients<Scalar: FloatingPointScalar> {
  let widths: GateWidths
  /// Of what comes from the state, `[rows, gates * hidden]`.
  let hidden: UnsafeMutablePointer<Scalar>
  /// GRU: of what comes from the input, last block, `[rows, hidden]`.
  let last: UnsafeMutablePointer<Scalar>?

  func hidden(_ row: Int) -> UnsafeMutablePointer<Scalar> { hidden + row * widths.hidden }

  func last(_ row: Int) -> UnsafeMutablePointer<Scalar>? { last.map { $0 + row * widths.last } }

  /// Sets a row to zero.
  func clear(_ row: Int) {
    hidden(row).update(repeating: 0, count: widths.hidden)
    last(row)?.update(repeating: 0, count: widths.last)
  }
}

/// A weight through which gradients of gates go back to what came in from the input's side; it is
/// kept by whoever makes this.
struct InputSideWeight<Scalar: FloatingPointScalar>: ~Copyable {
  private let common: PackedWeight<Scalar>
  private let last: PackedWeight<Scalar>?

  /// - Parameters:
  ///   - weight: `[gates, size]`, of which `columns` are used.
  ///   - isPacked, batch: as of a `PackedWeight`.
  init(
    _ weight: UntypedTensor, columns: Range<Int>, _ kind: RecurrentCellKind, isPacked: Bool,
    batch: Int
  ) {
    let gates = weight.shape[0]
    let shared = kind == .gru ? gates / 3 * 2 : gates
    func part(_ rows: Range<Int>) -> PackedWeight<Scalar> {
      PackedWeight(weight, rows: rows, columns: columns, isPacked: isPacked, batch: batch)
    }
    common = part(0..<shared)
    last = shared < gates ? part(shared..<gates) : nil
  }

  /// The products, to be run one after the other, that take the gradients of some rows to
  /// `[rows, size]`.
  func products(
    _ gradients: GateGradients<Scalar>, row: Int, rows: Int,
    into target: UnsafeMutablePointer<Scalar>, accumulate: Bool
  ) -> (MatrixProduct<Scalar>, MatrixProduct<Scalar>?) {
    let first = common.product(
      rows: rows, UnsafePointer(gradients.hidden(row)), stride: gradients.widths.hidden,
      into: target,
      accumulate: accumulate, bias: nil)
    guard let start = gradients.last(row) else { return (first, nil) }
    let second = last?.product(
      rows: rows, UnsafePointer(start), into: target, accumulate: true, bias: nil)
    return (first, second)
  }
}

/// The products that take the gates' gradients of a stretch of steps to its input's gradient.
struct InputProducts<Scalar: FloatingPointScalar> {
  private let first: ProductOfSteps<Scalar>
  private let second: ProductOfSteps<Scalar>?

  /// - Parameters:
  ///   - target: `[time, batch, in]`, of which the stretch's steps are written.
  ///   - gradients: those of the stretch.
  init(
    _ weight: borrowing InputSideWeight<Scalar>, _ gradients: GateGradients<Scalar>,
    _ stretch: Range<Int>, into target: UntypedTensor
  ) {
    let (batch, size) = (target.shape[1], target.shape[2])
    let products = weight.products(
      gradients, row: 0, rows: stretch.count * batch,
      into: target.pointer(Scalar.self) + stretch.lowerBound * batch * size, accumulate: false)
    first = ProductOfSteps(products.0, batch: batch)
    second = products.1.map { ProductOfSteps($0, batch: batch) }
  }

  /// Computes all rows, on all threads.
  func run() {
    first.run()
    second?.run()
  }

  /// Computes some rows of each step, on this thread.
  func run(_ rows: Range<Int>) {
    first.run(rows)
    second?.run(rows)
  }
}
