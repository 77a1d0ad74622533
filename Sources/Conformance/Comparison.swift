import Autograd
import Training

/// The first place where a case's result differs from PyTorch's.
package struct Difference: CustomStringConvertible {
  package let description: String
}

/// Compares results: |ours - theirs| <= absolute + relative |theirs|, NaN equal to NaN, infinities by
/// sign, shapes and types equal.
///
/// In double precision the two tolerances are those of the cases. In single precision they follow
/// from the type: the cases' numbers are rounded to it first, each by up to half a unit in the last
/// place, and what an operation makes of that, with its own roundings, is measured against the
/// largest number of the case, as a sum whose terms cancel is only as exact as its terms.
struct Comparison<Scalar: FloatingPointScalar> {
  let item: Case
  private let bound: Bound

  init(item: Case) throws {
    self.item = item
    bound = try Bound(Scalar.self, item)
  }

  /// The first difference between one of our tensors and the case's tensor of that name.
  func difference(
    _ key: String, _ ours: Results<Scalar>.Output
  ) throws -> Difference? {
    guard let entry = item.file.tensors[key] else {
      return Difference(description: "\(key): ours has one more")
    }
    switch ours {
    case .numbers(let tensor): return try difference(key, tensor, entry)
    case .indices(let tensor):
      guard isInteger(entry.dtype) else { return wrongType(key, "whole numbers", entry) }
      return compare(key, tensor.shape, tensor.scalars.map { Int64($0) }, entry, try entry.int64s())
      { $0 == $1 }
    case .mask(let tensor):
      guard entry.dtype == .bool else { return wrongType(key, "Booleans", entry) }
      return compare(key, tensor.shape, tensor.scalars, entry, try entry.bools()) { $0 == $1 }
    }
  }

  func difference(
    _ key: String, _ ours: Tensor<Scalar>, _ entry: StoredTensor
  ) throws -> Difference? {
    if isInteger(entry.dtype) || entry.dtype == .bool { return wrongType(key, "numbers", entry) }
    return compare(key, ours.shape, ours.scalars.map { Double($0) }, entry, try entry.doubles()) {
      // What does not fit into the type is infinite in it.
      agrees($0, Double(Scalar($1)))
    }
  }

  /// The first element that is not zero, for a gradient that the case leaves out because it is.
  func differenceFromZero(_ key: String, _ ours: Tensor<Scalar>) -> Difference? {
    let isZero: (Scalar) -> Bool = { bound.isExact ? $0 == 0 : agrees(Double($0), 0) }
    guard let position = ours.scalars.firstIndex(where: { !isZero($0) }) else { return nil }
    return Difference(
      description: "\(key): element \(position) is \(ours.scalars[position]), theirs is all zero")
  }

  func agrees(_ ours: Double, _ theirs: Double) -> Bool {
    if theirs.isNaN || ours.isNaN { return ours.isNaN && theirs.isNaN }
    if theirs.isInfinite || ours.isInfinite { return ours == theirs }
    return (ours - theirs).magnitude <= bound.absolute + bound.relative * theirs.magnitude
  }

  private func compare<Element>(
    _ key: String, _ shape: Shape, _ ours: [Element], _ entry: StoredTensor,
    _ theirs: [Element], _ agrees: (Element, Element) -> Bool
  ) -> Difference? {
    if Array(shape) != entry.shape {
      return Difference(description: "\(key): shape \(shape), theirs is \(entry.shape)")
    }
    for (position, (a, b)) in zip(ours, theirs).enumerated() where !agrees(a, b) {
      return Difference(
        description: "\(key): element \(place(position, entry.shape)) is \(a), theirs is \(b)")
    }
    return nil
  }

  private func place(_ position: Int, _ shape: [Int]) -> [Int] {
    var rest = position
    var result: [Int] = []
    for extent in shape.reversed() {
      result.insert(rest % extent, at: 0)
      rest /= extent
    }
    return result
  }

  private func isInteger(_ type: StoredTensor.DType) -> Bool { type == .int64 || type == .int32 }

  private func wrongType(
    _ key: String, _ ours: String, _ entry: StoredTensor
  ) -> Difference {
    Difference(description: "\(key): ours holds \(ours), theirs \(entry.dtype.name)")
  }
}
