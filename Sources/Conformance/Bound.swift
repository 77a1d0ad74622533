import Autograd
import Training

/// How far a result may be from the case's: |ours - theirs| <= absolute + relative |theirs|.
struct Bound {
  let absolute: Double
  let relative: Double
  /// Whether what is zero by its nature must be zero to the last bit.
  let isExact: Bool

  /// Units in the last place by which a result in single precision may be off, of the largest
  /// number in its case and of the result itself. The cases' longest sums have some
  /// hundred terms, and their derivatives are conditioned by up to about ten.
  static let units = 64.0

  /// The bound of a case that is run with the given scalars.
  init(_ scalar: (some FloatingPointScalar).Type, _ item: Case) throws {
    isExact = scalar.scalarType == .double
    // A case that is stored in single precision brings its own tolerance.
    if isExact || item.isSinglePrecision {
      absolute = item.tolerance.absolute
      relative = item.tolerance.relative
      return
    }
    relative = Self.units * Double(Float.ulpOfOne)
    let scale = try Self.largest(item) * Self.condition(item)
    absolute = max(item.tolerance.absolute, relative * scale)
  }

  /// The largest finite number of the case, at least 1: what a sum that cancels is made of.
  private static func largest(_ item: Case) throws -> Double {
    var largest = 1.0
    for entry in item.file.tensors.values where entry.dtype == .float64 {
      for number in try entry.doubles() where Float(number).isFinite {
        largest = max(largest, number.magnitude)
      }
    }
    return largest
  }

  /// What batch normalisation multiplies an error by: the differences from the mean have lost as many
  /// digits as the numbers are larger than their deviation, and there may be no more than two.
  private static func condition(_ item: Case) throws -> Double {
    guard item.operation.hasPrefix("BatchNorm"), try item.attributes.flag("training") else {
      return 1
    }
    let x = try Tensor<Double>(item.file.entry("input.0"))
    let axes = (0..<x.rank).filter { $0 != 1 }
    let variance = x.variance(axes: axes, correction: 0) + (try item.attributes.number("eps"))
    return max(1, sqrt(square(x).mean(axes: axes) / variance).max().scalar)
  }
}
