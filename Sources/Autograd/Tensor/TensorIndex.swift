/// What stands in the brackets of `x[...]`, for one axis after the other:
///
/// | index | what of the axis |
/// |---|---|
/// | `2`, `.last`, `.fromEnd(2)` | one position; the result has no such axis |
/// | `1..<3`, `2...`, `..<3`, `0...` | a range of positions, or all |
/// | `.prefix(2)`, `.suffix(2)`, `.dropFirst(1)`, `.dropLast(1)` | a range, as of a Swift collection |
/// | `(0..<9).by(2)`, `.all.by(-1)` | each second position of a range; all in reverse order |
/// | `.newAxis` | none: a new axis of extent 1 |
/// | `[2, 0, 2]` | the positions that a list names |
/// | a tensor of `Int32` | the positions that it names, in the shape that it has |
/// | a tensor of `Bool` | where it is true, of as many axes as it has |
/// | `...` | as many whole axes as the other indices leave |
///
/// Axes that no index stands for are whole. Positions count from 0; a negative number traps.
public protocol TensorIndex {
  /// The index as a value.
  var axisIndex: AxisIndex { get }
}

/// A type of tensors that choose positions: `Int32` and `Bool`.
public protocol IndexScalar: TensorScalar {}

extension Int32: IndexScalar {}
extension Bool: IndexScalar {}

/// An index of any kind; see `TensorIndex`.
public struct AxisIndex: TensorIndex {
  enum Kind {
    case position(Int)
    case positionFromEnd(Int)
    case span(Span)
    case newAxis
    case chosen(UntypedTensor)
  }

  let kind: Kind

  init(_ kind: Kind) { self.kind = kind }

  /// Itself.
  public var axisIndex: AxisIndex { self }

  /// Number of axes that it stands for.
  var axisCount: Int {
    switch kind {
    case .position, .positionFromEnd, .span: 1
    case .newAxis: 0
    case .chosen(let value): value.type == .bool ? value.rank : 1
    }
  }

  /// A range of positions, whose bounds may count from the end.
  struct Span {
    var lower = Bound(offset: 0, isFromEnd: false)
    var upper = Bound(offset: 0, isFromEnd: true)
    var step = 1
    /// Whether bounds outside of the axis are an error; else they are moved to it, as those of
    /// `prefix` and `suffix` are in Swift.
    var isStrict = false

    struct Bound {
      var offset: Int
      let isFromEnd: Bool

      func resolved(_ extent: Int) -> Int { isFromEnd ? extent + offset : offset }
    }
  }
}

extension AxisIndex {
  /// The range without its first positions; none where there are fewer.
  public func dropFirst(_ count: Int = 1) -> AxisIndex {
    changed("dropFirst", count) { $0.lower.offset += count }
  }

  /// The range without its last positions; none where there are fewer.
  public func dropLast(_ count: Int = 1) -> AxisIndex {
    changed("dropLast", count) { $0.upper.offset -= count }
  }

  /// Positions of the range that are `step` apart, from its first on; from its last backwards where the
  /// step is negative.
  public func by(_ step: Int) -> AxisIndex {
    if step == 0 { trap("an index's step is not 0") }
    return changed("by", 0) { $0.step = step }
  }

  private func changed(
    _ name: StaticString, _ count: Int, _ change: (inout Span) -> Void
  ) -> AxisIndex {
    guard case .span(var span) = kind else { trap("\(name) is for a range of positions") }
    if count < 0 { trap("\(name): \(count) positions") }
    if span.step != 1 { trap("\(name): the range has a step already; name it last") }
    change(&span)
    return AxisIndex(.span(span))
  }
}

extension TensorIndex where Self == AxisIndex {
  /// The last position.
  public static var last: AxisIndex { .fromEnd(1) }

  /// A position counted from the end: 1 is the last.
  public static func fromEnd(_ number: Int) -> AxisIndex { AxisIndex(.positionFromEnd(number)) }

  /// All positions, as `0...`.
  public static var all: AxisIndex { AxisIndex(.span(.init())) }

  /// A new axis of extent 1.
  public static var newAxis: AxisIndex { AxisIndex(.newAxis) }

  /// The first positions; all where there are fewer.
  public static func prefix(_ count: Int) -> AxisIndex {
    if count < 0 { trap("prefix: \(count) positions") }
    return AxisIndex(.span(.init(upper: .init(offset: count, isFromEnd: false))))
  }

  /// The last positions; all where there are fewer.
  public static func suffix(_ count: Int) -> AxisIndex {
    if count < 0 { trap("suffix: \(count) positions") }
    return AxisIndex(.span(.init(lower: .init(offset: -count, isFromEnd: true))))
  }

  /// All but the first positions.
  public static func dropFirst(_ count: Int = 1) -> AxisIndex { AxisIndex.all.dropFirst(count) }

  /// All but the last positions.
  public static func dropLast(_ count: Int = 1) -> AxisIndex { AxisIndex.all.dropLast(count) }
}

extension AxisIndex {
  /// From a position on, to the one before another, or to the end.
  init(from lower: Int, to upper: Int?) {
    self.init(
      .span(
        .init(
          lower: .init(offset: lower, isFromEnd: false),
          upper: .init(offset: upper ?? 0, isFromEnd: upper == nil), isStrict: true)))
  }
}

extension Int: TensorIndex {
  /// One position, counted from 0.
  public var axisIndex: AxisIndex { AxisIndex(.position(self)) }
}

extension Range: TensorIndex where Bound == Int {
  /// The range's positions.
  public var axisIndex: AxisIndex { AxisIndex(from: lowerBound, to: upperBound) }
}

extension ClosedRange: TensorIndex where Bound == Int {
  /// The range's positions.
  public var axisIndex: AxisIndex { AxisIndex(from: lowerBound, to: upperBound + 1) }
}

extension PartialRangeFrom: TensorIndex where Bound == Int {
  /// From a position to the end.
  public var axisIndex: AxisIndex { AxisIndex(from: lowerBound, to: nil) }
}

extension PartialRangeUpTo: TensorIndex where Bound == Int {
  /// The positions before one.
  public var axisIndex: AxisIndex { AxisIndex(from: 0, to: upperBound) }
}

extension PartialRangeThrough: TensorIndex where Bound == Int {
  /// The positions up to and with one.
  public var axisIndex: AxisIndex { AxisIndex(from: 0, to: upperBound + 1) }
}

extension RangeExpression where Self: TensorIndex, Bound == Int {
  /// Positions of the range that are `step` apart, from its first on; from its last backwards where the
  /// step is negative.
  public func by(_ step: Int) -> AxisIndex { axisIndex.by(step) }
}

extension Array: TensorIndex where Element == Int {
  /// The positions that the list names.
  public var axisIndex: AxisIndex {
    let positions = map { position in
      guard let position = Int32(exactly: position) else {
        trap("index: \(position) is no position of an axis")
      }
      return position
    }
    return AxisIndex(.chosen(Tensor<Int32>(positions).untyped))
  }
}

extension Tensor: TensorIndex where Scalar: IndexScalar {
  /// The positions that the tensor names, or where it is true.
  public var axisIndex: AxisIndex { AxisIndex(.chosen(untyped)) }
}
