import Autograd

extension Gradients {
  /// The square root of the sum of the squares of all gradients' elements.
  public var norm: Double { norm(order: 2) }

  /// The norm of all gradients' elements together: the order-th root of the sum of the order-th
  /// powers of absolute values; their maximum for infinity.
  ///
  /// - Parameter order: larger than 0, or infinite.
  public func norm(order: Double) -> Double {
    checkAreNotRecorded("norm")
    if !(order > 0) { trap("Gradients.norm: the order is larger than 0, not \(order)") }
    if order == .infinity { return largest }
    let total = sum { powers($0, order) }
    // Powers that have overflowed or vanished, where the root would not, are taken once more, of
    // numbers of a size near 1.
    if order == 1 || total >= 0x1p-80 && total < .infinity { return root(total, order) }
    let largest = self.largest
    if !(largest > 0 && largest < .infinity) { return largest }
    let unit = Double(
      sign: .plus, exponent: min(max(largest.exponent, -1022), 1022), significand: 1)
    let scaled = sum {
      powers(Compute.binary(.divide, Compute.converted($0, to: .double), unit), order)
    }
    return root(scaled, order) * unit
  }

  /// The largest absolute value; NaN if any is, 0 of no elements.
  private var largest: Double {
    values.reduce(0.0) { total, value in
      guard let value, value.count > 0 else { return total }
      let largest = number(Compute.reduce(.maximum, Compute.unary(.absolute, value)))
      // Not `max`, which may lose a NaN.
      return largest <= total || total.isNaN ? total : largest
    }
  }

  private func sum(_ powers: (UntypedTensor) -> UntypedTensor) -> Double {
    values.reduce(0.0) { total, value in
      guard let value else { return total }
      return total + number(Compute.reduce(.sum, powers(value)))
    }
  }

  private func powers(_ x: UntypedTensor, _ order: Double) -> UntypedTensor {
    if order == 2 { return Compute.unary(.square, x) }
    let sizes = Compute.unary(.absolute, x)
    return order == 1 ? sizes : Compute.binary(.power, sizes, order)
  }

  private func root(_ total: Double, _ order: Double) -> Double {
    switch order {
    case 1: total
    case 2: total.squareRoot()
    default: number(Compute.binary(.power, Compute.filled(.double, [], total), 1 / order))
    }
  }
}
