// Rows and elements chosen by index.

extension Tensor {
  /// Rows of a table: the result has the indices' shape and the table's further axes after it.
  /// Traps on an index outside the table.
  ///
  /// - Parameter indices: any shape; row `indices[...]` of this tensor goes to `[...]`.
  public func rows(_ indices: Tensor<Int32>) -> Tensor {
    if rank == 0 { trap("rows: a tensor without axes has no rows") }
    return Tensor(Autograd.rows(untyped, indices.untyped))
  }

  /// The elements at `index` along an axis, the other positions kept: for axis 1 of a matrix,
  /// `result[i, j] = self[i, index[i, j]]`. The other axes of `index` may be shorter; an index
  /// without elements may have any.
  public func gathered(axis: Int, at index: Tensor<Int32>) -> Tensor {
    let position = shape.axis(axis, "gather")
    if rank == 0, index.rank <= 1 {
      // A number is an axis of one position.
      let places = index.reshaped([index.count] as Shape)
      return reshaped([1] as Shape).gathered(axis: 0, at: places).reshaped(index.shape)
    }
    if index.count == 0 && index.rank != rank {
      return Tensor(UntypedTensor(untyped.type, index.shape))
    }
    if index.rank != rank { trap("gather: an index of shape \(index.shape) for \(shape)") }
    for i in 0..<rank where i != position && index.shape[i] > shape[i] {
      trap("gather: the index of shape \(index.shape) is longer than \(shape) at axis \(i)")
    }
    return Tensor(Autograd.gathered(untyped, position, index.untyped))
  }

}

extension Tensor where Scalar: FloatingPointScalar {
  /// A copy of this tensor to which `source` is added at `index` along an axis: for axis 1 of a
  /// matrix, `result[i, index[i, j]] += source[i, j]`. An index without elements adds nothing.
  public func scatterAdding(_ source: Tensor, axis: Int, at index: Tensor<Int32>) -> Tensor {
    let position = shape.axis(axis, "scatterAdd")
    if rank == 0, index.rank <= 1, source.rank == index.rank {
      let places = index.reshaped([index.count] as Shape)
      return reshaped([1] as Shape)
        .scatterAdding(source.reshaped([source.count] as Shape), axis: 0, at: places)
        .reshaped([] as Shape)
    }
    if index.count == 0 && index.rank != rank { return self }
    if index.rank != rank || source.rank != rank {
      trap("scatterAdd: \(shape), an index of \(index.shape) and a source of \(source.shape)")
    }
    for i in 0..<rank
    where index.shape[i] > source.shape[i] || (i != position && index.shape[i] > shape[i]) {
      trap(
        "scatterAdd: index \(index.shape), source \(source.shape) and target \(shape) at axis \(i)")
    }
    var part = source.untyped
    for i in 0..<rank { part = Autograd.narrowed(part, i, 0..<index.shape[i]) }
    return Tensor(untyped + Autograd.scattered(part, position, index.untyped, shape))
  }
}

/// Rows of a table, copied.
package func rows(_ table: UntypedTensor, _ indices: UntypedTensor) -> UntypedTensor {
  let table = Compute.contiguousOperand(table)
  let indices = Compute.contiguous(indices)
  let row = table.count / Swift.max(table.shape[0], 1)
  var shape = indices.shape
  for extent in table.shape.dropFirst() { shape.append(extent) }
  let y = UntypedTensor(table.type, shape)
  let index = indices.pointer(Int32.self)
  let bytes = row * table.type.size
  for i in 0..<indices.count {
    let position = Int(index[i])
    if position < 0 || position >= table.shape[0] {
      trap(
        "rows: index \(position) of a table with \(table.shape[0]) rows\(Compute.layerPath(table))")
    }
    (y.address + i * bytes).copyMemory(from: table.address + position * bytes, byteCount: bytes)
  }
  recording(table)?.record(
    "rows", y, of: table,
    by: .linear({ rows($0, indices) }) { dy, _ in rowSums(dy, indices, table.shape) })
  return y
}

/// Adds rows to those of a table of zeros: the derivative of `rows`.
private func rowSums(_ x: UntypedTensor, _ indices: UntypedTensor, _ shape: Shape) -> UntypedTensor
{
  let x = Compute.contiguousOperand(x)
  let y = Compute.filled(x.type, shape, 0)
  let row = y.count / Swift.max(shape[0], 1)
  Compute.addRows(x, to: y, at: indices, row: row)
  recording(x)?.record(
    "rowSums", y, of: x,
    by: .linear({ rowSums($0, indices, shape) }) { dy, _ in rows(dy, indices) })
  return y
}

/// Calls the body with the offset of each element of `index` and that of its counterpart in a
/// tensor of `shape`.
private func forEachIndexed(
  _ index: UntypedTensor, _ axis: Int, _ shape: Shape, _ name: String, _ body: (Int, Int) -> Void
) {
  let strides = shape.contiguousStrides
  let numbers = index.pointer(Int32.self)
  var position = Strides(repeating: 0)
  for i in 0..<index.count {
    let chosen = Int(numbers[i])
    if chosen < 0 || chosen >= shape[axis] {
      trap("\(name): index \(chosen) of axis \(axis) of a tensor of shape \(shape)")
    }
    var offset = 0
    for j in 0..<shape.rank { offset += (j == axis ? chosen : position[j]) * strides[j] }
    body(i, offset)
    var j = shape.rank - 1
    while j >= 0 {
      position[j] += 1
      if position[j] < index.shape[j] { break }
      position[j] = 0
      j -= 1
    }
  }
}

package func gathered(_ x: UntypedTensor, _ axis: Int, _ index: UntypedTensor) -> UntypedTensor {
  let x = Compute.contiguousOperand(x)
  let index = Compute.contiguous(index)
  let y = UntypedTensor(x.type, index.shape)
  func run<Scalar>(_: Scalar.Type) {
    let (from, to) = (x.pointer(Scalar.self), y.pointer(Scalar.self))
    forEachIndexed(index, axis, x.shape, "gather") { to[$0] = from[$1] }
  }
  x.type.word(run(UInt8.self), run(UInt32.self), run(UInt64.self))
  recording(x)?.record(
    "gather", y, of: x,
    by: .linear({ gathered($0, axis, index) }) {
      [shape = x.shape] dy, _ in scattered(dy, axis, index, shape)
    })
  return y
}

/// Zeros of a shape to which `x` is added at `index`: the derivative of `gathered`.
package func scattered(_ x: UntypedTensor, _ axis: Int, _ index: UntypedTensor, _ shape: Shape)
  -> UntypedTensor
{
  let x = Compute.contiguousOperand(x)
  let index = Compute.contiguous(index)
  let y = UntypedTensor(x.type, shape)
  func run<Scalar: FloatingPointScalar>(_: Scalar.Type) {
    let from = x.pointer(Scalar.self)
    // An element gets at most one number from each position of the axis.
    let most = index.rank == 0 ? 1 : index.shape[axis]
    Compute.addParts(most, to: y.pointer(Scalar.self), count: y.count) { to in
      forEachIndexed(index, axis, shape, "scatterAdd") { to[$1] += from[$0] }
    } inDouble: { to in
      forEachIndexed(index, axis, shape, "scatterAdd") { to[$1] += Double(from[$0]) }
    }
  }
  x.type.floatingPoint("scatterAdd", run(Float.self), run(Double.self))
  recording(x)?.record(
    "scatterAdd", y, of: x,
    by: .linear({ scattered($0, axis, index, shape) }) { dy, _ in gathered(dy, axis, index) })
  return y
}

extension Compute {
  /// A contiguous tensor that is still on its tape.
  package static func contiguousOperand(_ x: UntypedTensor) -> UntypedTensor {
    if x.isContiguous { return x }
    let y = copy(x)
    y.label = x.label
    recording(x)?.record("copy", y, of: x, by: .elementwise { dy, _ in dy })
    return y
  }
}
