import Autograd

extension RandomProgram {
  static func product(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values, rank: 1) else { return nil }
    let shape = values[a].shape
    let last = shape[shape.rank - 1]
    switch draw.number(in: 0...5) {
    case 0, 1:
      // A right side whose rows are as many as the left's columns.
      let partners = values.indices.filter { other in
        let theirs = values[other].shape
        if theirs.rank == 0 { return false }
        if theirs.rank == 1 { return theirs[0] == last }
        let batches = Shape(Array(theirs.dropLast(2)))
        return theirs[theirs.rank - 2] == last
          && Shape(Array(shape.dropLast(2))).broadcast(with: batches) != nil
      }
      if partners.isEmpty { return nil }
      let b = draw.element(of: partners)
      return ("matmul", { matmul($0[a], $0[b]) })
    case 2:
      guard shape.rank >= 2 else { return nil }
      return ("matmul of a transpose", { matmul($0[a], tanh($0[a]).transposed()) })
    case 3:
      let partners = values.indices.filter { values[$0].rank == 2 && values[$0].shape[1] == last }
      if partners.isEmpty { return nil }
      let b = draw.element(of: partners)
      let hasBias = draw.chance()
      return (
        "linear", { linear($0[a], $0[b], hasBias ? $0[b].sum(axes: 1) : nil) }
      )
    case 4:
      let partners = values.indices.filter {
        values[$0].rank > 0 && values[$0].shape[values[$0].rank - 1] == last
      }
      let b = draw.element(of: partners)
      return (
        "einsum",
        { values in
          let left = values[a].reshaped([-1, last])
          return einsum("ik,jk->ji", left, values[b].reshaped([-1, last]))
        }
      )
    default:
      let count = shape.elementCount
      let size = draw.number(in: 1...min(count, 3))
      let stride = draw.number(in: 1...2)
      return (
        "conv1d",
        { values in
          let x = values[a].reshaped([1, 1, count] as Shape)
          let weight = x.narrowed(axis: 2, to: 0..<size)
          return conv1d(x, tanh(weight), stride: stride, padding: .each([1]))
        }
      )
    }
  }

  static func normalization(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values, rank: 1) else { return nil }
    let shape = values[a].shape
    let axis = draw.axis(shape.rank)
    let last = shape[shape.rank - 1]
    switch draw.number(in: 0...5) {
    case 0:
      let mask = draw.chance() ? draw.mask(shape) : nil
      return ("softmax", { softmax($0[a], axis: axis, mask: mask) })
    case 1: return ("logSoftmax", { logSoftmax($0[a], axis: axis) })
    case 2:
      return (
        "layerNorm",
        {
          layerNorm($0[a], shape: [last], weight: $0[a].reshaped([-1, last])[row: 0], epsilon: 0.3)
        }
      )
    case 3: return ("rmsNorm", { rmsNorm($0[a], shape: [last], epsilon: 0.3) })
    case 4:
      guard shape.rank >= 2 else { return nil }
      return ("batchNorm", { batchNorm($0[a], epsilon: 0.3).output })
    default: return ("normalized", { (tanh($0[a]) + 2).normalized(axis: axis) })
    }
  }

  static func attention(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values, rank: 2) else { return nil }
    let shape = values[a].shape
    let (rows, size) = (shape[shape.rank - 2], shape[shape.rank - 1])
    if draw.chance() {
      let mask = draw.mask([rows, rows])
      let isCausal = draw.chance()
      return (
        "scaledDotProductAttention",
        {
          scaledDotProductAttention(
            queries: $0[a], keys: tanh($0[a]), values: $0[a], mask: mask, isCausal: isCausal)
        }
      )
    }
    return (
      "additiveScores",
      { values in
        let keys = values[a].reshaped([-1, rows, size])
        return additiveScores(queries: sin(keys), keys: keys, v: keys.sum(axes: 0, 1))
      }
    )
  }

  /// A checkpointed segment, and a gradient within the program.
  static func segment(
    _ draw: inout Draw, _ values: [Tensor<Double>]
  ) -> (name: String, step: Step)? {
    guard let a = draw.operand(values) else { return nil }
    let partners = values.indices.filter {
      values[a].shape.broadcast(with: values[$0].shape) != nil
    }
    let b = draw.element(of: partners)
    switch draw.number(in: 0...2) {
    case 0: return ("checkpointed", { checkpointed([$0[a], $0[b]]) { [tanh($0[0] * $0[1])] }[0] })
    case 1:
      return (
        "gradient",
        { values in gradient(at: values[a]) { (sin($0) * values[b]).mean() } }
      )
    default:
      return (
        "jacobianVectorProduct",
        { values in
          jacobianVectorProduct(at: values[a], along: tanh(values[a])) {
            sin($0) * values[b]
          }.tangent
        }
      )
    }
  }
}

extension Tensor where Scalar == Double {
  /// A row of a matrix.
  fileprivate subscript(row index: Int) -> Tensor { selected(axis: 0, at: index) }
}
