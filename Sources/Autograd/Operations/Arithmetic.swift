// Arithmetic of two tensors, which broadcast as in NumPy, and of a tensor and a number. What users
// write stands in Operators.swift.

extension UntypedTensor {
  package static func + (a: UntypedTensor, b: UntypedTensor) -> UntypedTensor {
    let y = Compute.binary(.add, a, b)
    guard let tape = recording(a, b) else { return y }
    // Neither operand's elements are needed, so neither is kept.
    let (left, right) = (a.shape, b.shape)
    if left == right {
      tape.record("add", y, of: a, b, by: .elementwise { dy, _ in dy })
    } else {
      tape.record(
        "add", y, of: a, b,
        by: .elementwise { dy, operand in summed(dy, to: operand == 0 ? left : right) })
    }
    return y
  }

  package static func - (a: UntypedTensor, b: UntypedTensor) -> UntypedTensor {
    let y = Compute.binary(.subtract, a, b)
    guard let tape = recording(a, b) else { return y }
    let (left, right) = (a.shape, b.shape)
    if left == right {
      tape.record(
        "subtract", y, of: a, b, by: .elementwise { dy, operand in operand == 0 ? dy : -dy })
    } else {
      tape.record(
        "subtract", y, of: a, b,
        by: .elementwise { dy, operand in
          operand == 0 ? summed(dy, to: left) : -summed(dy, to: right)
        })
    }
    return y
  }

  package static func * (a: UntypedTensor, b: UntypedTensor) -> UntypedTensor {
    let y = Compute.binary(.multiply, a, b)
    recording(a, b)?.record(
      "multiply", y, of: a, b,
      by: .elementwise(saving: Kept(itself: a), b) { dy, operand, a, b in
        a.withTensor { a in
          // Nothing is retained that need not be.
          if operand == 0 {
            let part = dy * b
            return part.shape == a.shape ? part : summed(part, to: a.shape)
          }
          let part = dy * a
          return part.shape == b.shape ? part : summed(part, to: b.shape)
        }
      })
    return y
  }

  package static func / (a: UntypedTensor, b: UntypedTensor) -> UntypedTensor {
    let y = Compute.binary(.divide, a, b)
    recording(a, b)?.record(
      "divide", y, of: a, b,
      by: .elementwise { dy, operand in
        operand == 0 ? summed(dy / b, to: a.shape) : summed(-(dy * (y / b)), to: b.shape)
      })
    return y
  }

  package static prefix func - (x: UntypedTensor) -> UntypedTensor {
    let y = Compute.unary(.negate, x)
    recording(x)?.record("negate", y, of: x, by: .elementwise { dy, _ in -dy })
    return y
  }

  package static func + (x: UntypedTensor, number: Double) -> UntypedTensor {
    let y = Compute.binary(.add, x, number)
    recording(x)?.record("add", y, of: x, by: .elementwise { dy, _ in dy })
    return y
  }

  package static func - (number: Double, x: UntypedTensor) -> UntypedTensor {
    let y = Compute.binary(.subtract, number, x)
    recording(x)?.record("subtract", y, of: x, by: .elementwise { dy, _ in -dy })
    return y
  }

  package static func * (x: UntypedTensor, number: Double) -> UntypedTensor {
    let y = Compute.binary(.multiply, x, number)
    recording(x)?.record("multiply", y, of: x, by: .elementwise { dy, _ in dy * number })
    return y
  }

  package static func / (x: UntypedTensor, number: Double) -> UntypedTensor {
    let y = Compute.binary(.divide, x, number)
    recording(x)?.record("divide", y, of: x, by: .elementwise { dy, _ in dy / number })
    return y
  }

  package static func / (number: Double, x: UntypedTensor) -> UntypedTensor {
    let y = Compute.binary(.divide, number, x)
    recording(x)?.record("divide", y, of: x, by: .elementwise { dy, _ in -(dy * y / x) })
    return y
  }
}

/// `base` to the power of `exponent`, element by element; shapes broadcast. The derivative with
/// respect to the exponent is 0 where the base is 0 and the exponent is not negative.
public func pow<Scalar: FloatingPointScalar>(
  _ base: Tensor<Scalar>, _ exponent: Tensor<Scalar>
) -> Tensor<Scalar> {
  Tensor(pow(base.untyped, exponent.untyped))
}
package func pow(_ base: UntypedTensor, _ exponent: UntypedTensor) -> UntypedTensor {
  let y = Compute.binary(.power, base, exponent)
  recording(base, exponent)?.record(
    "pow", y, of: base, exponent,
    by: .elementwise { dy, operand in
      if operand == 0 {
        // A constant where the exponent is 0, whatever comes back, and to the exponent as well: so
        // PyTorch has it.
        let isConstant = Compute.compare(.equal, exponent, zero(exponent.type))
        let part = masked(dy * powSlope(base, exponent), where: isConstant, with: 0)
        return summed(part, to: base.shape)
      }
      return summed(dy * powSlope(y, base, toExponent: exponent), to: exponent.shape)
    })
  return y
}

/// `exponent base^(exponent - 1)`; 0 where the exponent is 0 even at base 0, where 0^-1 is infinite.
/// There a constant stands in place of the exponent, since 0 times the derivatives of what is then
/// left out would be NaN in the orders to come.
private func powSlope(_ base: UntypedTensor, _ exponent: UntypedTensor) -> UntypedTensor {
  let nought = zero(base.type)
  let exponent = withoutMixedSlope(exponent, base, exponent)
  // Not above 0, as NaN is not either.
  let isPlace = !Tensor<Bool>(Compute.compare(.greater, Compute.unary(.absolute, base), nought))
  let isConstant =
    (isPlace & Tensor<Bool>(Compute.compare(.equal, exponent, nought))).untyped
  let safe = masked(exponent, where: isConstant, with: 1)
  return masked(safe * pow(base, safe + -1), where: isConstant, with: 0)
}

/// Base or exponent, as the slope toward the other one takes it: where the base is 0 and the exponent
/// not negative, the slope's derivative, which is a mixed one, is NaN, as in PyTorch.
private func withoutMixedSlope(_ x: UntypedTensor, _ base: UntypedTensor, _ exponent: UntypedTensor)
  -> UntypedTensor
{
  guard recording(x) != nil else { return x }
  let nought = zero(base.type)
  let isZero = Tensor<Bool>(Compute.compare(.equal, base, nought))
  let isNegative = Tensor<Bool>(Compute.compare(.less, exponent, nought))
  let mask = isZero & !isNegative
  let whole = expanded(x, mask.shape)
  let y = UntypedTensor(viewing: whole, whole.shape, whole.strides)
  recording(whole)?.record(
    "pow", y, of: whole,
    by: .elementwise { dy, _ in masked(dy, where: mask.untyped, with: .nan) })
  return y
}

/// `base^exponent log(base)`; 0 where 0 stays 0 or 1, or infinity 0. A negative exponent's power of
/// 0 is infinite, and so is its derivative.
private func powSlope(
  _ power: UntypedTensor, _ base: UntypedTensor, toExponent exponent: UntypedTensor
) -> UntypedTensor {
  let nought = zero(base.type)
  let isZero = Tensor<Bool>(Compute.compare(.equal, base, nought))
  let isNegative = Tensor<Bool>(Compute.compare(.less, exponent, nought))
  let infinity = Compute.filled(base.type, [], .infinity)
  let isInfinite = Tensor<Bool>(Compute.compare(.equal, base, infinity))
  let isConstant = ((isZero & !isNegative) | (isInfinite & isNegative)).untyped
  if recording(base, exponent) == nil {
    return masked(power * log(base), where: isConstant, with: 0)
  }
  // The power once more, of bases that are not 0: its derivatives are infinite there.
  let safe = masked(withoutMixedSlope(base, base, exponent), where: isConstant, with: 1)
  return masked(pow(safe, exponent) * log(safe), where: isConstant, with: 0)
}

/// Each element to the power of a number.
public func pow<Scalar: FloatingPointScalar>(
  _ base: Tensor<Scalar>, _ exponent: Scalar
) -> Tensor<Scalar> {
  Tensor(pow(base.untyped, Double(exponent)))
}
package func pow(_ base: UntypedTensor, _ exponent: Double) -> UntypedTensor {
  let y = Compute.binary(.power, base, exponent)
  recording(base)?.record(
    "pow", y, of: base,
    by: .elementwise { dy, _ in
      exponent == 0 ? Compute.zeros(like: dy) : dy * pow(base, exponent - 1) * exponent
    })
  return y
}

/// The larger or the smaller of each pair.
package func extremum(_ a: UntypedTensor, _ b: UntypedTensor, largest: Bool) -> UntypedTensor {
  let y = Compute.binary(largest ? .maximum : .minimum, a, b)
  recording(a, b)?.record(
    largest ? "max" : "min", y, of: a, b,
    by: .elementwise { dy, operand in
      let (mine, other) = operand == 0 ? (a, b) : (b, a)
      let loses = Compute.compare(largest ? .less : .greater, mine, other)
      let ties = Compute.compare(.equal, mine, other)
      let share = select(ties, dy * 0.5, dy)
      return summed(select(loses, Compute.zeros(like: share), share), to: mine.shape)
    })
  return y
}

/// A number of the given type without axes.
private func zero(_ type: ScalarType) -> UntypedTensor { Compute.filled(type, [], 0) }
