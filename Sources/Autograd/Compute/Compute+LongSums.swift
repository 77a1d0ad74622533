import Kernels

// Sums to which one part after the other is added, in memory. One by one the parts' roundings would
// add up; so a few are added to a block, and blocks by `KernelSet.addBlock`.

extension Compute {
  /// Parts that may be added one after the other.
  package static let partsInBlock = 16

  /// The sum of tensors of one shape; nil of none.
  package static func sum(_ terms: some Sequence<UntypedTensor>) -> UntypedTensor? {
    var total: UntypedTensor?
    var excess: UntypedTensor?
    func add<Scalar: FloatingPointScalar>(
      _: Scalar.Type, _ term: UntypedTensor, _ sum: UntypedTensor
    ) {
      // A block is 0 afterwards, and the term is somebody's.
      let block = copy(term)
      let surplus = excess ?? zeros(like: sum)
      excess = surplus
      Scalar.kernels.addBlock(
        block.pointer(), to: sum.pointer(), excess: surplus.pointer(), count: sum.count)
      withExtendedLifetime((block, sum, surplus)) {}
    }
    for term in terms {
      guard let sum = total else {
        total = copy(term)
        continue
      }
      term.type.floatingPoint("sum", add(Float.self, term, sum), add(Double.self, term, sum))
    }
    return total
  }

  /// Adds the rows of `x` to those of `target`, `[rows, row]`, that `indices` name; the target is 0
  /// before.
  ///
  /// Rows that are named often are few: they have blocks of their own.
  static func addRows(
    _ x: UntypedTensor, to target: UntypedTensor, at indices: UntypedTensor, row: Int
  ) {
    x.type.floatingPoint(
      "rows", addRows(Float.self, x, target, indices, row),
      addRows(Double.self, x, target, indices, row))
  }

  private static func addRows<Scalar: FloatingPointScalar>(
    _: Scalar.Type, _ x: UntypedTensor, _ target: UntypedTensor, _ indices: UntypedTensor,
    _ row: Int
  ) {
    let kernels = Scalar.kernels
    let (from, to) = (x.pointer(Scalar.self), target.pointer(Scalar.self))
    let index = indices.pointer(Int32.self)
    guard let frequent = FrequentRows(indices, of: target.count / Swift.max(row, 1)) else {
      for i in 0..<indices.count {
        kernels.addScaled(from + i * row, by: 1, to: to + Int(index[i]) * row, count: row)
      }
      return
    }
    let blocks = filled(x.type, [frequent.count, row], 0)
    let excess = zeros(like: blocks)
    let parts = filled(.int32, [frequent.count], 0)
    let (sums, surplus) = (blocks.pointer(Scalar.self), excess.pointer(Scalar.self))
    let added = parts.pointer(Int32.self)
    func finish(_ place: Int, _ position: Int) {
      kernels.addBlock(
        sums + place * row, to: to + position * row, excess: surplus + place * row, count: row)
      added[place] = 0
    }
    for i in 0..<indices.count {
      let position = Int(index[i])
      guard let place = frequent.place(of: position) else {
        kernels.addScaled(from + i * row, by: 1, to: to + position * row, count: row)
        continue
      }
      kernels.addScaled(from + i * row, by: 1, to: sums + place * row, count: row)
      added[place] += 1
      if added[place] == partsInBlock { finish(place, position) }
    }
    frequent.forEach { place, position in
      if added[place] > 0 { finish(place, position) }
    }
    withExtendedLifetime((blocks, excess, parts)) {}
  }

  /// The rows of a table that are named more often than a block has parts, numbered.
  private struct FrequentRows {
    /// For each row of the table its number, or -1.
    private let places: UntypedTensor
    let count: Int

    /// Nil where there is none.
    init?(_ indices: UntypedTensor, of rows: Int) {
      guard indices.count > Compute.partsInBlock else { return nil }
      places = Compute.filled(.int32, [rows], 0)
      let numbers = places.pointer(Int32.self)
      let index = indices.pointer(Int32.self)
      var count = 0
      for i in 0..<indices.count {
        let position = Int(index[i])
        numbers[position] += 1
        if numbers[position] == Compute.partsInBlock + 1 { count += 1 }
      }
      self.count = count
      if count == 0 { return nil }
      var next: Int32 = 0
      for position in 0..<rows {
        let isFrequent = numbers[position] > Compute.partsInBlock
        numbers[position] = isFrequent ? next : -1
        if isFrequent { next += 1 }
      }
    }

    func place(of position: Int) -> Int? {
      let place = places.pointer(Int32.self)[position]
      return place < 0 ? nil : Int(place)
    }

    func forEach(_ body: (_ place: Int, _ position: Int) -> Void) {
      for position in 0..<places.count {
        if let place = place(of: position) { body(place, position) }
      }
    }
  }

  /// Calls the body with zeros to which it adds up to `most` parts each, and puts down what they have
  /// become; in `Double` where that many would add up their roundings.
  static func addParts<Scalar: FloatingPointScalar>(
    _ most: Int, to target: UnsafeMutablePointer<Scalar>, count: Int,
    inSingle single: (UnsafeMutablePointer<Scalar>) -> Void,
    inDouble double: (UnsafeMutablePointer<Double>) -> Void
  ) {
    if most <= partsInBlock || Scalar.self == Double.self {
      target.update(repeating: 0, count: count)
      return single(target)
    }
    let sums = filled(.double, [count], 0)
    let numbers = sums.pointer(Double.self)
    double(numbers)
    for place in 0..<count { target[place] = Scalar(numbers[place]) }
    withExtendedLifetime(sums) {}
  }
}
