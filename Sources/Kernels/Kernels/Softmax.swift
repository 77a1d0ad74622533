/// Softmax and log-softmax along an axis, and their derivatives.
extension InstructionSet {
  /// `KernelTable.softmax`.
  @inlinable
  public static func softmax(
    _ x: UnsafePointer<Scalar>, _ mask: UnsafePointer<Bool>?,
    _ result: UnsafeMutablePointer<Scalar>, _ extents: Extents,
    _ logarithm: Bool
  ) {
    let size = extents.axis &* extents.inner
    guard size > 0 else { return }
    var outer = 0
    while outer < extents.outer {
      let result = result + outer &* size
      var x = x + outer &* size
      let mask = mask.map { $0 + outer &* size }
      if let mask {
        // From here on a masked-out entry is an infinitely low score.
        var i = 0
        while i < size {
          let value = x[i]
          result[i] = mask[i] ? value : -.infinity
          i &+= 1
        }
        x = UnsafePointer(result)
      }
      if extents.inner == 1 {
        let sum = softmaxRow(x, result, size, logarithm)
        if let mask, !(sum.isFinite) { clearMasked(mask, result, size, 1, logarithm) }
      } else {
        softmaxColumns(x, mask, result, extents.axis, extents.inner, logarithm)
      }
      outer &+= 1
    }
  }

  /// One contiguous row; returns the sum of the exponentials of what is below the maximum, which
  /// is not finite where the row has nothing finite to attend to.
  @inlinable @inline(__always)
  static func softmaxRow(
    _ x: UnsafePointer<Scalar>, _ result: UnsafeMutablePointer<Scalar>, _ count: Int,
    _ logarithm: Bool
  ) -> Scalar {
    if count <= width {
      let scores = load(x, lanes: count, else: -.infinity)
      let shifted = scores - splat(fold(scores) { max($0, $1) })
      let e = expBelowOverflow(shifted)
      let sum = fold(e) { $0 + $1 }
      let weights = logarithm ? shifted - log(splat(sum)) : e * (splat(1) / splat(sum))
      store(weights, result, lanes: count)
      return sum
    }
    // A NaN that the maximum overlooks shows in the sum.
    let highest = splat(
      foldRow(count, -.infinity, { max($1, $0) }) { offset, lanes in
        load(x + offset, lanes: lanes, else: -.infinity)
      })
    if logarithm {
      let sum = foldRow(count, 0, { $0 + $1 }) { offset, lanes in
        expBelowOverflow(load(x + offset, lanes: lanes, else: -.infinity) - highest)
      }
      let logSum = log(splat(sum))
      forEachVector(count) { offset, lanes in
        let shifted = load(x + offset, lanes: lanes, else: 0) - highest
        store(shifted - logSum, result + offset, lanes: lanes)
      }
      return sum
    } else {
      let sum = foldRow(count, 0, { $0 + $1 }) { offset, lanes in
        let e = expBelowOverflow(load(x + offset, lanes: lanes, else: -.infinity) - highest)
        store(e, result + offset, lanes: lanes)
        return e
      }
      let scale = splat(1) / splat(sum)
      forEachVector(count) { offset, lanes in
        let e = load(UnsafePointer(result + offset), lanes: lanes, else: 0)
        store(e * scale, result + offset, lanes: lanes)
      }
      return sum
    }
  }

  /// `[axis, inner]` along the axis, a vector of columns at a time.
  @inlinable @inline(__always)
  static func softmaxColumns(
    _ x: UnsafePointer<Scalar>, _ mask: UnsafePointer<Bool>?,
    _ result: UnsafeMutablePointer<Scalar>, _ axis: Int, _ inner: Int, _ logarithm: Bool
  ) {
    forEachVector(inner) { column, lanes in
      let x = x + column
      let result = result + column
      let highest = foldVectors(axis, splat(-.infinity), { max($1, $0) }) { row in
        load(x + row &* inner, lanes: lanes, else: 0)
      }
      let sum: Vector
      if logarithm {
        sum = foldVectors(axis, zero, { $0 + $1 }) { row in
          expBelowOverflow(load(x + row &* inner, lanes: lanes, else: 0) - highest)
        }
        let logSum = log(sum)
        var row = 0
        while row < axis {
          let shifted = load(x + row &* inner, lanes: lanes, else: 0) - highest
          store(shifted - logSum, result + row &* inner, lanes: lanes)
          row &+= 1
        }
      } else {
        sum = foldVectors(axis, zero, { $0 + $1 }) { row in
          let e = expBelowOverflow(load(x + row &* inner, lanes: lanes, else: 0) - highest)
          store(e, result + row &* inner, lanes: lanes)
          return e
        }
        let scale = splat(1) / sum
        var row = 0
        while row < axis {
          let e = load(UnsafePointer(result + row &* inner), lanes: lanes, else: 0)
          store(e * scale, result + row &* inner, lanes: lanes)
          row &+= 1
        }
      }
      if let mask {
        var lane = 0
        while lane < lanes {
          if !sum[lane].isFinite {
            clearMasked(mask + (column &+ lane), result + lane, axis, inner, logarithm)
          }
          lane &+= 1
        }
      }
    }
  }

  /// Sets the masked-out entries of one row whose sum is not finite: without any entry, or with
  /// an infinite or NaN score among those that count.
  @inlinable @inline(never)
  static func clearMasked(
    _ mask: UnsafePointer<Bool>, _ result: UnsafeMutablePointer<Scalar>, _ count: Int,
    _ stride: Int, _ logarithm: Bool
  ) {
    var i = 0
    while i < count {
      if !mask[i &* stride] { result[i &* stride] = logarithm ? -.infinity : 0 }
      i &+= 1
    }
  }

  // MARK: Derivative

  /// `KernelTable.softmaxGradient`.
  @inlinable
  public static func softmaxGradient(
    _ gradient: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>,
    _ result: UnsafeMutablePointer<Scalar>, _ extents: Extents,
    _ logarithm: Bool
  ) {
    if logarithm {
      let absent = splat(-.infinity)
      softmaxGradient(
        gradient, y, result, extents, -.infinity,
        term: { g, y in select(equal(y, absent), zero, g) },
        value: { g, y, sum in
          select(equal(y, absent), zero, fma(negated(exp(y)), sum, g))
        })
    } else {
      softmaxGradient(
        gradient, y, result, extents, 0,
        term: { g, y in select(equal(y, zero), zero, g * y) },
        value: { g, y, sum in select(equal(y, zero), zero, y * (g - sum)) })
    }
  }

  /// `value(gradient, y, sum of term(gradient, y))`; `filler` is a y that counts for nothing.
  @inlinable @inline(__always)
  static func softmaxGradient(
    _ gradient: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>,
    _ result: UnsafeMutablePointer<Scalar>, _ extents: Extents,
    _ filler: Scalar, term: (Vector, Vector) -> Vector, value: (Vector, Vector, Vector) -> Vector
  ) {
    let (axis, inner) = (extents.axis, extents.inner)
    var outer = 0
    while outer < extents.outer {
      let start = outer &* axis &* inner
      let (g, y, result) = (gradient + start, y + start, result + start)
      if inner == 1 {
        let sum = splat(
          foldRow(axis, 0, { $0 + $1 }) { offset, lanes in
            term(
              load(g + offset, lanes: lanes, else: 0),
              load(y + offset, lanes: lanes, else: filler))
          })
        forEachVector(axis) { offset, lanes in
          let gradient = load(g + offset, lanes: lanes, else: 0)
          let weights = load(y + offset, lanes: lanes, else: filler)
          store(value(gradient, weights, sum), result + offset, lanes: lanes)
        }
      } else {
        forEachVector(inner) { column, lanes in
          let sum = foldVectors(axis, zero, { $0 + $1 }) { row in
            let offset = row &* inner &+ column
            return term(
              load(g + offset, lanes: lanes, else: 0),
              load(y + offset, lanes: lanes, else: filler))
          }
          var row = 0
          while row < axis {
            let offset = row &* inner &+ column
            let gradient = load(g + offset, lanes: lanes, else: 0)
            let weights = load(y + offset, lanes: lanes, else: filler)
            store(value(gradient, weights, sum), result + offset, lanes: lanes)
            row &+= 1
          }
        }
      }
      outer &+= 1
    }
  }
}
