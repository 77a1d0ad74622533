extension Tensor: CustomStringConvertible {
  /// Nested rows, a line each, the lower ones indented; long axes are shortened in their
  /// middle.
  public var description: String { describe(Compute.contiguous(untyped), axis: 0, offset: 0) }

  private func describe(_ value: UntypedTensor, axis: Int, offset: Int) -> String {
    if axis == shape.rank {
      let element = value.pointer(Scalar.self)[offset]
      // What is not a number equals nothing; its sign and payload say nothing.
      return element == element ? "\(element)" : "nan"
    }
    let step = shape.dropFirst(axis + 1).reduce(1, *)
    let extent = shape[axis]
    let shown = 3
    var parts: [String] = []
    for index in 0..<extent {
      if extent > 2 * shown + 1 && index >= shown && index < extent - shown {
        if index == shown { parts.append("...") }
        continue
      }
      parts.append(describe(value, axis: axis + 1, offset: offset + index * step))
    }
    let isInnermost = axis == shape.rank - 1
    let separator = isInnermost ? ", " : ",\n" + String(repeating: " ", count: axis + 1)
    return "[" + parts.joined(separator: separator) + "]"
  }
}

extension Tensor: CustomDebugStringConvertible {
  /// Type, shape and elements.
  public var debugDescription: String { "Tensor<\(Scalar.self)> \(shape) \(description)" }
}
