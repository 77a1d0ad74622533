import Autograd

extension OperationTable {
  mutating func addShapes() {
    numbers("reshape") { try $0[0].reshaped($0.attributes.integers("shape")) }
    numbers("permute") { try $0[0].permuted(axes: $0.attributes.integers("dims")) }
    numbers("transpose") {
      try $0[0].transposed(axes: $0.attributes.integer("dim0"), $0.attributes.integer("dim1"))
    }
    numbers("expand") { call in
      let size = try call.attributes.integers("size")
      let shape = try call[0].shape
      let offset = size.count - shape.rank
      return try call[0].expanded(
        to: Shape(size.enumerated().map { $1 == -1 ? shape[$0 - offset] : $1 }))
    }
    numbers("squeeze") {
      // An empty list names no axis; null stands for all.
      let axes = try $0.axes()
      return try axes.isEmpty && $0.attributes.has("dim") ? $0[0] : $0[0].squeezed(axes: axes)
    }
    numbers("unsqueeze") { try $0[0].unsqueezed(axis: $0.attributes.integer("dim")) }
    numbers("flatten") {
      let x = try $0[0]
      let end = try $0.attributes.integer("end_dim")
      return try x.flattened(
        axes: $0.attributes.integer("start_dim")...(end < 0 ? end + max(x.rank, 1) : end))
    }
    numbers("cat") { call in
      // PyTorch passes over tensors of shape [0], whatever the shape of the others.
      let present = call.list.filter { $0.shape != [0] }
      let parts = present.isEmpty ? call.list : present
      return try .concatenated(parts, axis: call.attributes.integer("dim"))
    }
    numbers("stack") { try .stacked($0.list, axis: $0.attributes.integer("dim")) }
    numbers("narrow") {
      let (x, axis) = (try $0[0], try $0.attributes.integer("dim"))
      var start = try $0.attributes.integer("start")
      let length = try $0.attributes.integer("length")
      if start < 0 { start += x.shape[axis < 0 ? axis + x.rank : axis] }
      return x.narrowed(axis: axis, to: start..<(start + length))
    }
    addPieces()
    addRearrangements()
  }

  private mutating func addPieces() {
    lists("split") {
      let axis = try $0.attributes.integer("dim")
      let lengths = try $0.attributes.integers("split_size_or_sections")
      return $0.attributes.isList("split_size_or_sections")
        ? try $0[0].split(axis: axis, lengths: lengths)
        : try $0[0].split(axis: axis, every: lengths[0])
    }
    lists("chunk") {
      try $0[0].chunked(axis: $0.attributes.integer("dim"), into: $0.attributes.integer("chunks"))
    }
    numbers("slice") {
      let starts = try $0.attributes.optionalIntegers("start")
      let stops = try $0.attributes.optionalIntegers("stop")
      let steps = try $0.attributes.optionalIntegers("step")
      var x = try $0[0]
      for axis in starts.indices {
        let part = slice(starts[axis], stops[axis], of: x.shape[axis]).by(steps[axis] ?? 1)
        // The axis by itself in front: an index stands for the first axes.
        x = x.transposed(axes: 0, axis)[part].transposed(axes: 0, axis)
      }
      return x
    }
    numbers("diagonal") {
      try $0[0].diagonal(
        offset: $0.attributes.integer("offset"), axes: $0.attributes.integer("dim1"),
        $0.attributes.integer("dim2"))
    }
    numbers("tril") { try $0[0].lowerTriangle(diagonal: $0.attributes.integer("diagonal")) }
    numbers("triu") { try $0[0].upperTriangle(diagonal: $0.attributes.integer("diagonal")) }
  }

  private mutating func addRearrangements() {
    numbers("flip") { try $0[0].flipped(axes: $0.attributes.integers("dims")) }
    numbers("roll") {
      let shifts = try $0.attributes.integers("shifts")
      guard $0.attributes.has("dims") else {
        return try $0[0].flattened().rolled(axis: 0, by: shifts[0]).reshaped($0[0].shape)
      }
      return try zip($0.attributes.integers("dims"), shifts).reduce($0[0]) {
        $0.rolled(axis: $1.0, by: $1.1)
      }
    }
    numbers("tile") { try $0[0].tiled($0.attributes.integers("dims")) }
    numbers("pad") {
      // PyTorch counts the axes from the last.
      let pad = try $0.attributes.integers("pad")
      var widths = try $0[0].shape.map { _ in (before: 0, after: 0) }
      for pair in 0..<(pad.count / 2) {
        widths[widths.count - 1 - pair] = (pad[2 * pair], pad[2 * pair + 1])
      }
      return try $0[0].padded(widths, with: Scalar($0.attributes.number("value")))
    }
  }
}

/// Python's `start:stop` of an axis: negative bounds count from the end, none is the axis' own, and
/// bounds outside are moved to it.
private func slice(_ start: Int?, _ stop: Int?, of extent: Int) -> Range<Int> {
  func bound(_ number: Int) -> Int { min(max(number < 0 ? number + extent : number, 0), extent) }
  let first = bound(start ?? 0)
  return first..<max(bound(stop ?? extent), first)
}
