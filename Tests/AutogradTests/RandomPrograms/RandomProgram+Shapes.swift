import Autograd

extension RandomProgram {
  static func shape(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values, rank: 1) else { return nil }
    let shape = values[a].shape
    let axis = draw.axis(shape.rank)
    let extent = shape[axis < 0 ? axis + shape.rank : axis]
    switch draw.number(in: 0...14) {
    case 0:
      let divisor = draw.element(
        of: (1...shape.elementCount).filter { shape.elementCount % $0 == 0 })
      return ("reshape", { $0[a].reshaped([-1, divisor]) })
    case 1:
      let order = draw.permutation(shape.rank)
      return ("permute", { $0[a].permuted(axes: order) })
    case 2:
      let other = draw.axis(shape.rank)
      return ("transpose", { $0[a].transposed(axes: axis, other) })
    case 3:
      let place = draw.number(in: 0...shape.rank)
      return ("unsqueeze", { $0[a].unsqueezed(axis: place) })
    case 4: return ("squeeze", { $0[a].squeezed() })
    case 5: return ("flatten", { $0[a].flattened() })
    case 6:
      let wide = Shape([2] + shape.map { $0 == 1 ? 2 : $0 })
      return ("expand", { $0[a].expanded(to: wide) })
    case 7:
      let start = draw.number(in: 0...(extent - 1))
      let end = draw.number(in: (start + 1)...extent)
      return ("narrow", { $0[a].narrowed(axis: axis, to: start..<end) })
    case 8:
      let index = draw.number(in: 0...(extent - 1))
      return ("select position", { $0[a].selected(axis: axis, at: index) })
    case 9:
      let (i, j) = (draw.number(in: 0...(extent - 1)), draw.number(in: 0...(extent - 1)))
      return (
        "unstack",
        { values in
          let parts = values[a].unstacked(axis: axis)
          return parts[i] * parts[j]
        }
      )
    case 10:
      let partners = values.indices.filter { values[$0].shape == shape }
      let b = draw.element(of: partners)
      return draw.chance()
        ? ("concatenate", { .concatenated([$0[a], $0[b], $0[a]], axis: axis) })
        : ("stack", { .stacked([$0[a], $0[b]], axis: axis) })
    case 11:
      let count = draw.number(in: 1...3)
      return ("chunk", { $0[a].chunked(axis: axis, into: count)[0] })
    case 12:
      let shift = draw.number(in: -4...4)
      return ("roll", { $0[a].rolled(axis: axis, by: shift) })
    case 13:
      let repetitions = (0..<draw.number(in: 1...3)).map { _ in draw.number(in: 1...2) }
      return ("tile", { $0[a].tiled(repetitions) })
    default: return ("flip", { $0[a].flipped(axes: axis) })
    }
  }

  static func indexing(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values, rank: 1) else { return nil }
    let shape = values[a].shape
    let position = draw.number(in: 0...(shape.rank - 1))
    switch draw.number(in: 0...6) {
    case 6:
      let indices = draw.indices(draw.chance() ? [2] : [2, 2], below: shape[shape.rank - 1])
      return ("index by a tensor", { $0[a][..., indices] })
    case 0:
      let indices = draw.indices(draw.chance() ? [3] : [2, 2], below: shape[0])
      return ("rows", { $0[a].rows(indices) })
    case 1:
      let extents = shape.indices.map { draw.number(in: 1...($0 == position ? 4 : shape[$0])) }
      let indices = draw.indices(Shape(extents), below: shape[position])
      return ("gather", { $0[a].gathered(axis: position, at: indices) })
    case 2:
      let partners = values.indices.filter { values[$0].shape == shape }
      let b = draw.element(of: partners)
      let indices = draw.indices(shape, below: shape[position])
      return ("scatterAdd", { $0[a].scatterAdding($0[b], axis: position, at: indices) })
    case 3:
      let indices = draw.indices([draw.number(in: 1...4)], below: shape[position])
      return ("index", { $0[a].indexed(axis: position, at: indices) })
    case 4:
      let descending = draw.chance()
      return ("sort", { $0[a].sorted(axis: position, descending: descending).values })
    default:
      let (count, largest) = (draw.number(in: 1...shape[position]), draw.chance())
      return ("topK", { $0[a].topK(count, axis: position, largest: largest).values })
    }
  }

  static func window(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values, rank: 2) else { return nil }
    let shape = values[a].shape
    let offset = draw.number(in: -2...2)
    switch draw.number(in: 0...7) {
    case 0:
      let (first, last) = (part(of: shape[0], &draw), part(of: shape[shape.rank - 1], &draw))
      if draw.chance() { return ("index", { $0[a][first, ..., last] }) }
      return (
        "assign",
        { values in
          var x = values[a]
          x[first, ..., last] = x.mean() * 0.5
          return x
        }
      )
    case 1: return ("diagonal", { $0[a].diagonal(offset: offset) })
    case 2:
      let widths = shape.map { _ in (before: draw.number(in: 0...1), after: draw.number(in: 0...1))
      }
      return ("pad", { $0[a].padded(widths, with: 0.5) })
    case 3: return ("lowerTriangle", { $0[a].lowerTriangle(diagonal: offset) })
    case 4: return ("upperTriangle", { $0[a].upperTriangle(diagonal: offset) })
    case 5:
      return (
        "maxPool2d", { maxPool2d($0[a], PoolingWindow([2, 2], stride: [1, 2], padding: [1, 1])) }
      )
    case 6:
      return (
        "averagePool2d",
        {
          averagePool2d(
            $0[a], PoolingWindow([2, 3], stride: [1, 1], padding: [1, 1]), divisor: .inputCells)
        }
      )
    default:
      let mask = draw.mask(shape)
      return ("filled", { $0[a].filled(where: mask, with: 0.3) })
    }
  }

  /// Some places of an axis, at least one.
  private static func part(of extent: Int, _ draw: inout Draw) -> AxisIndex {
    let start = draw.number(in: 0...(extent - 1))
    let end = draw.number(in: (start + 1)...extent)
    return (start..<end).by(draw.element(of: [1, 2, -1, -2]))
  }
}
