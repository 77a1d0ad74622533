// Reductions of whole numbers and of truth values.
//
// Sums and products are computed in 64 bits and are `Int32`, those of bytes as well; one that does not
// fit traps, where `converted(to: Double.self)` first would not.

extension Tensor where Scalar: IntegerScalar {
  /// Sum over the given axes, or over all, as `Int32`; one that does not fit into it traps.
  public func sum(axes: Int..., keepsAxes: Bool = false) -> Tensor<Int32> {
    sum(axes: axes, keepsAxes: keepsAxes)
  }
  /// Sum over the given axes, as `Int32`; over all where there are none.
  public func sum(axes: [Int], keepsAxes: Bool = false) -> Tensor<Int32> {
    total("sum", axes, keepsAxes, from: 0) { $0.addingReportingOverflow($1) }
  }

  /// Product over the given axes, or over all, as `Int32`; one that does not fit into it traps.
  public func product(axes: Int..., keepsAxes: Bool = false) -> Tensor<Int32> {
    product(axes: axes, keepsAxes: keepsAxes)
  }
  /// Product over the given axes, as `Int32`; over all where there are none.
  public func product(axes: [Int], keepsAxes: Bool = false) -> Tensor<Int32> {
    total("product", axes, keepsAxes, from: 1) { $0.multipliedReportingOverflow(by: $1) }
  }

  /// Largest element over the given axes, or over all; traps where there is none.
  public func max(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    max(axes: axes, keepsAxes: keepsAxes)
  }
  /// Largest element over the given axes; over all where there are none.
  public func max(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    extreme("max", axes, keepsAxes) { $0 < $1 ? $1 : $0 }
  }

  /// Smallest element over the given axes, or over all; traps where there is none.
  public func min(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    min(axes: axes, keepsAxes: keepsAxes)
  }
  /// Smallest element over the given axes; over all where there are none.
  public func min(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    extreme("min", axes, keepsAxes) { $1 < $0 ? $1 : $0 }
  }

  /// Sums of the elements up to and with each position of an axis, as `Int32`; one that does not fit
  /// into it traps.
  public func cumulativeSum(axis: Int) -> Tensor<Int32> {
    let extents = Compute.extents(shape, shape.axis(axis, "cumulativeSum"))
    let result = UntypedTensor(.int32, shape)
    withUnsafeScalars { from in
      let to = result.pointer(Int32.self)
      for outer in 0..<extents.outer {
        for inner in 0..<extents.inner {
          var sum = 0
          for position in 0..<extents.axis {
            let position = (outer * extents.axis + position) * extents.inner + inner
            sum += Int(from[position])
            to[position] = fitting(sum, "cumulativeSum")
          }
        }
      }
    }
    return Tensor<Int32>(result)
  }

  private func total(
    _ name: String, _ axes: [Int], _ keepsAxes: Bool, from start: Int,
    _ combine: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) -> Tensor<Int32> {
    Tensor<Int32>(
      reducedRows(untyped, axes, keepsAxes, name, .int32) {
        (row: UnsafeBufferPointer<Scalar>) -> Int32 in
        var total = start
        var overflows = false
        for element in row {
          let (result, overflow) = combine(total, Int(element))
          overflows = overflows || overflow
          total = result
        }
        if overflows { trapOverflow(name) }
        return fitting(total, name)
      })
  }

  private func extreme(
    _ name: String, _ axes: [Int], _ keepsAxes: Bool, _ choose: (Scalar, Scalar) -> Scalar
  ) -> Tensor {
    Tensor(
      reducedRows(untyped, axes, keepsAxes, name, untyped.type) {
        (row: UnsafeBufferPointer<Scalar>) in
        guard let first = row.first else {
          trap("\(name): whole numbers of shape \(shape) have no elements to choose from")
        }
        return row.dropFirst().reduce(first, choose)
      })
  }
}

/// The number as `Int32`; traps where it does not fit.
private func fitting(_ number: Int, _ operation: String) -> Int32 {
  guard let number = Int32(exactly: number) else { trapOverflow(operation) }
  return number
}

private func trapOverflow(_ operation: String) -> Never {
  trap(
    "\(operation): the result does not fit into Int32; convert first: "
      + "x.converted(to: Double.self).\(operation)(...)")
}

extension Tensor where Scalar == Bool {
  /// Whether all elements along the given axes, or all of them, are true; true of no elements.
  public func all(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    all(axes: axes, keepsAxes: keepsAxes)
  }
  /// Whether all elements along the given axes are true; all of them where there are no axes.
  public func all(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    Tensor(
      reducedRows(untyped, axes, keepsAxes, "all", .bool) { (row: UnsafeBufferPointer<Bool>) in
        row.allSatisfy { $0 }
      })
  }

  /// Whether any element along the given axes, or any of all, is true; false of no elements.
  public func any(axes: Int..., keepsAxes: Bool = false) -> Tensor {
    any(axes: axes, keepsAxes: keepsAxes)
  }
  /// Whether any element along the given axes is true; any of all where there are no axes.
  public func any(axes: [Int], keepsAxes: Bool = false) -> Tensor {
    Tensor(
      reducedRows(untyped, axes, keepsAxes, "any", .bool) { (row: UnsafeBufferPointer<Bool>) in
        row.contains(true)
      })
  }

  /// How many elements along the given axes, or of all, are true. (`count` is the number of all
  /// elements.)
  public func trueCount(axes: Int..., keepsAxes: Bool = false) -> Tensor<Int32> {
    trueCount(axes: axes, keepsAxes: keepsAxes)
  }
  /// How many elements along the given axes are true; of all where there are no axes.
  public func trueCount(axes: [Int], keepsAxes: Bool = false) -> Tensor<Int32> {
    Tensor<Int32>(
      reducedRows(untyped, axes, keepsAxes, "trueCount", .int32) {
        (row: UnsafeBufferPointer<UInt8>) in
        row.reduce(into: Int32(0)) { $0 += Int32($1) }
      })
  }
}

/// A tensor with one element for all those along the given axes, which the function is given one
/// after the other.
@inline(__always)
private func reducedRows<From, To>(
  _ x: UntypedTensor, _ axes: [Int], _ keepsAxes: Bool, _ name: String, _ type: ScalarType,
  _ function: (UnsafeBufferPointer<From>) -> To
) -> UntypedTensor {
  let reduced = x.shape.axes(axes, name)
  let kept = x.shape.indices.filter { !reduced.contains($0) }
  let rows = Compute.contiguous(permuted(x, kept + reduced))
  let length = reduced.reduce(1) { $0 * x.shape[$1] }
  let result = UntypedTensor(type, Shape(kept.map { x.shape[$0] }))
  let (from, to) = (rows.pointer(From.self), result.pointer(To.self))
  for row in 0..<result.count {
    to[row] = function(UnsafeBufferPointer(start: from + row * length, count: length))
  }
  withExtendedLifetime(rows) {}
  if !keepsAxes { return result }
  return result.viewed(as: reduced.reduce(x.shape) { $0.replacing($1, with: 1) })
}
