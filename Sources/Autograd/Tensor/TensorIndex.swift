/// What stands in the brackets of `x[...]`, for one axis after the other:
///
/// | index | what of the axis |
/// |---|---|
/// | `2`, `.last`, `.fromEnd(2)` | one place; the result has no such axis |
/// | `1..<3`, `2...`, `..<3`, `0...` | a range of places, or all |
/// | `.prefix(2)`, `.suffix(2)`, `.dropFirst(1)`, `.dropLast(1)` | a range, as of a Swift collection |
/// | `(0..<9).by(2)`, `.all.by(-1)` | each second place of a range; all in reverse order |
/// | `.newAxis` | none: a new axis of extent 1 |
/// | `[2, 0, 2]` | the places that a list names |
/// | a tensor of `Int32` | the places that it names, in the shape that it has |
/// | a tensor of `Bool` | where it is true, of as many axes as it has |
/// | `...` | as many whole axes as the other indices leave |
///
/// Axes that no index stands for are whole. Places count from 0; a negative number traps.
public protocol TensorIndex {
  /// The index as a value.
  var axisIndex: AxisIndex { get }
}

/// A type of tensors that choose places: `Int32` and `Bool`.
public protocol IndexScalar: TensorScalar {}

extension Int32: IndexScalar {}
extension Bool: IndexScalar {}

/// An index of any kind; see `TensorIndex`.
public struct AxisIndex: TensorIndex {
  enum Kind {
    case place(Int)
    case placeFromEnd(Int)
    case span(Span)
    case newAxis
    case chosen(Value)
  }

  let kind: Kind

  init(_ kind: Kind) { self.kind = kind }

  /// Itself.
  public var axisIndex: AxisIndex { self }

  /// Number of axes that it stands for.
  var axisCount: Int {
    switch kind {
    case .place, .placeFromEnd, .span: 1
    case .newAxis: 0
    case .chosen(let value): value.type == .bool ? value.rank : 1
    }
  }

  /// A range of places, whose bounds may count from the end.
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
  /// The range without its first places; none where there are fewer.
  public func dropFirst(_ count: Int = 1) -> AxisIndex {
    changed("dropFirst", count) { $0.lower.offset += count }
  }

  /// The range without its last places; none where there are fewer.
  public func dropLast(_ count: Int = 1) -> AxisIndex {
    changed("dropLast", count) { $0.upper.offset -= count }
  }

  /// Places of the range that are `step` apart, from its first on; from its last backwards where the
  /// step is negative.
  public func by(_ step: Int) -> AxisIndex {
    if step == 0 { trap("an index's step is not 0") }
    return changed("by", 0) { $0.step = step }
  }

  private func changed(
    _ name: StaticString, _ count: Int, _ change: (inout Span) -> Void
  ) -> AxisIndex {
    guard case .span(var span) = kind else { trap("\(name) is for a range of places") }
    if count < 0 { trap("\(name): \(count) places") }
    if span.step != 1 { trap("\(name): the range has a step already; name it last") }
    change(&span)
    return AxisIndex(.span(span))
  }
}

extension TensorIndex where Self == AxisIndex {
  /// The last place.
  public static var last: AxisIndex { .fromEnd(1) }

  /// A place counted from the end: 1 is the last.
  public static func fromEnd(_ number: Int) -> AxisIndex { AxisIndex(.placeFromEnd(number)) }

  /// All places, as `0...`.
  public static var all: AxisIndex { AxisIndex(.span(.init())) }

  /// A new axis of extent 1.
  public static var newAxis: AxisIndex { AxisIndex(.newAxis) }

  /// The first places; all where there are fewer.
  public static func prefix(_ count: Int) -> AxisIndex {
    if count < 0 { trap("prefix: \(count) places") }
    return AxisIndex(.span(.init(upper: .init(offset: count, isFromEnd: false))))
  }

  /// The last places; all where there are fewer.
  public static func suffix(_ count: Int) -> AxisIndex {
    if count < 0 { trap("suffix: \(count) places") }
    return AxisIndex(.span(.init(lower: .init(offset: -count, isFromEnd: true))))
  }

  /// All but the first places.
  public static func dropFirst(_ count: Int = 1) -> AxisIndex { AxisIndex.all.dropFirst(count) }

  /// All but the last places.
  public static func dropLast(_ count: Int = 1) -> AxisIndex { AxisIndex.all.dropLast(count) }
}

extension AxisIndex {
  /// From a place on, to the one before another, or to the end.
  init(from lower: Int, to upper: Int?) {
    self.init(
      .span(
        .init(
          lower: .init(offset: lower, isFromEnd: false),
          upper: .init(offset: upper ?? 0, isFromEnd: upper == nil), isStrict: true)))
  }
}

extension Int: TensorIndex {
  /// One place, counted from 0.
  public var axisIndex: AxisIndex { AxisIndex(.place(self)) }
}

extension Range: TensorIndex where Bound == Int {
  /// The range's places.
  public var axisIndex: AxisIndex { AxisIndex(from: lowerBound, to: upperBound) }
}

extension ClosedRange: TensorIndex where Bound == Int {
  /// The range's places.
  public var axisIndex: AxisIndex { AxisIndex(from: lowerBound, to: upperBound + 1) }
}

extension PartialRangeFrom: TensorIndex where Bound == Int {
  /// From a place to the end.
  public var axisIndex: AxisIndex { AxisIndex(from: lowerBound, to: nil) }
}

extension PartialRangeUpTo: TensorIndex where Bound == Int {
  /// The places before one.
  public var axisIndex: AxisIndex { AxisIndex(from: 0, to: upperBound) }
}

extension PartialRangeThrough: TensorIndex where Bound == Int {
  /// The places up to and with one.
  public var axisIndex: AxisIndex { AxisIndex(from: 0, to: upperBound + 1) }
}

extension RangeExpression where Self: TensorIndex, Bound == Int {
  /// Places of the range that are `step` apart, from its first on; from its last backwards where the
  /// step is negative.
  public func by(_ step: Int) -> AxisIndex { axisIndex.by(step) }
}

extension Array: TensorIndex where Element == Int {
  /// The places that the list names.
  public var axisIndex: AxisIndex {
    let places = map { place in
      guard let place = Int32(exactly: place) else {
        trap("index: \(place) is no place of an axis")
      }
      return place
    }
    return AxisIndex(.chosen(Tensor<Int32>(places).value))
  }
}

extension Tensor: TensorIndex where Scalar: IndexScalar {
  /// The places that the tensor names, or where it is true.
  public var axisIndex: AxisIndex { AxisIndex(.chosen(value)) }
}
