/// An extent of a shape that is made in a graph.
public enum ONNXExtent: ExpressibleByIntegerLiteral {
  /// A number; in `reshaped`, 0 is that of the same axis before, and -1 whatever is left.
  case size(Int)
  /// That of an axis of a value.
  case axis(Int, of: ONNXValue)
  /// A whole number of a graph, `[1]`.
  case value(ONNXValue)

  /// A number.
  public init(integerLiteral size: Int) { self = .size(size) }
}

extension ONNXGraph {
  /// A shape, `[rank]`.
  func shape(_ extents: [ONNXExtent]) -> ONNXValue {
    let sizes = extents.compactMap { if case .size(let size) = $0 { size } else { nil } }
    if sizes.count == extents.count { return constant(sizes) }
    return .concatenated(
      extents.map {
        switch $0 {
        case .size(let size): constant([size])
        case .axis(let axis, let value): value.extent(axis)
        case .value(let value): value
        }
      }, axis: 0)
  }

  /// A number everywhere.
  public func filled(
    _ number: Double, _ type: ONNXElementType, _ extents: [ONNXExtent]
  ) -> ONNXValue {
    constant(number, type).expanded(to: extents)
  }

  /// Whole numbers from one up to but not including another; both have no axes.
  public func range(_ start: ONNXValue, _ end: ONNXValue) -> ONNXValue {
    node("Range", [start, end, start.like(1)])
  }

  /// `[new, new + start]`: true where the key is not after the query.
  ///
  /// - Parameters:
  ///   - start: position of the first query, without axes.
  ///   - end: position after the last.
  func causalMask(_ start: ONNXValue, _ end: ONNXValue) -> ONNXValue {
    range(start.like(0), end) .<= range(start, end).unsqueezed([1])
  }
}

extension ONNXValue {
  /// The extent of an axis, `[1]`; the axis is counted from the front.
  public func extent(_ axis: Int) -> ONNXValue {
    graph.node(
      "Shape", [self], ["start": .integer(axis), "end": .integer(axis + 1)], type: .int64)
  }

  /// The extent of an axis, without axes.
  public func count(_ axis: Int) -> ONNXValue { extent(axis).squeezed([0]) }

  /// The same elements in another shape.
  ///
  /// - Parameter extents: 0 is the extent of the same axis before, -1 whatever is left.
  public func reshaped(_ extents: [ONNXExtent]) -> ONNXValue {
    graph.node("Reshape", [self, graph.shape(extents)])
  }

  /// Repeated along axes of extent 1, and along new ones in front.
  public func expanded(to extents: [ONNXExtent]) -> ONNXValue {
    graph.node("Expand", [self, graph.shape(extents)])
  }

  /// The axes in another order.
  public func transposed(_ order: [Int]) -> ONNXValue {
    applying("Transpose", ["perm": .integers(order)])
  }

  /// With further axes of extent 1, at these places of the result.
  public func unsqueezed(_ axes: [Int]) -> ONNXValue {
    graph.node("Unsqueeze", [self, graph.constant(axes)])
  }

  /// Without axes of extent 1.
  public func squeezed(_ axes: [Int]) -> ONNXValue {
    graph.node("Squeeze", [self, graph.constant(axes)])
  }

  /// Values one after the other along an axis.
  public static func concatenated(_ values: [ONNXValue], axis: Int) -> ONNXValue {
    values[0].graph.node("Concat", values, ["axis": .integer(axis)])
  }

  /// As many equal parts along an axis.
  public func chunked(axis: Int, into count: Int) -> [ONNXValue] {
    graph.nodes(
      "Split", [self], ["axis": .integer(axis)], types: Array(repeating: type, count: count)
    ).map { $0! }
  }

  /// A part of an axis.
  ///
  /// - Parameters:
  ///   - start: the first, `[1]`.
  ///   - end: after the last, `[1]`; the axis' end if nil.
  ///   - step: from one to the next.
  public func narrowed(
    axis: Int, from start: ONNXValue, to end: ONNXValue? = nil, step: Int = 1
  ) -> ONNXValue {
    graph.node(
      "Slice",
      [
        self, start, end ?? graph.constant([Int(Int32.max)]), graph.constant([axis]),
        graph.constant([step]),
      ])
  }

  /// A part of an axis.
  public func narrowed(axis: Int, to range: Range<Int>) -> ONNXValue {
    narrowed(
      axis: axis, from: graph.constant([range.lowerBound]), to: graph.constant([range.upperBound]))
  }

  /// One place of an axis, without that axis; a negative place is counted from the end.
  public func selected(axis: Int, at place: Int) -> ONNXValue {
    graph.node(
      "Gather", [self, graph.constant(Double(place), .int64)], ["axis": .integer(axis)])
  }

  /// Rows of this table, at whole numbers of any shape.
  public func rows(_ indices: ONNXValue) -> ONNXValue {
    graph.node("Gather", [self, indices], ["axis": .integer(0)])
  }

  /// `[batch, time]`, true before a sequence's end.
  ///
  /// - Parameters:
  ///   - lengths: `[batch]`, whole numbers of 64 bits.
  ///   - time: without axes.
  public static func sequenceMask(lengths: ONNXValue, time: ONNXValue) -> ONNXValue {
    lengths.graph.range(time.like(0), time) .< lengths.unsqueezed([1])
  }
}
