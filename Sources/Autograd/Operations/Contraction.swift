// Sums of products written as a formula: einsum.

/// Sums of products by Einstein's convention, as NumPy's `einsum`: each tensor's axes have letters,
/// and letters that the result lacks are summed over.
///
/// `"bqd,bkd->bqk"` are the products of each query with each key; `"...k,kn->...n"` a matrix
/// product whose left side has any axes in front; `"ii"` a trace. Without `->` the result has the
/// letters that occur once, in alphabetical order, after the axes of `...`. Axes of one letter
/// have equal extents, or 1, which is repeated. Tensors are contracted from left to right.
public func einsum<Scalar: FloatingPointScalar>(
  _ formula: String, _ tensors: Tensor<Scalar>...
) -> Tensor<Scalar> {
  einsum(formula, tensors)
}

/// Sums of products by Einstein's convention, of a list of tensors.
public func einsum<Scalar: FloatingPointScalar>(
  _ formula: String, _ tensors: [Tensor<Scalar>]
) -> Tensor<Scalar> {
  let plan = ContractionFormula(formula, tensors.map { $0.shape })
  // Each operand without repeated letters, and expanded.
  var operands = zip(tensors, plan.operands).map { tensor, labels in
    plan.prepared(tensor, labels)
  }
  guard var result = operands.first else { trap("einsum: there is no tensor for \(formula)") }
  operands.removeFirst()
  for (position, next) in operands.enumerated() {
    var needed = Set(plan.output)
    for later in operands[(position + 1)...] { needed.formUnion(later.labels) }
    result = contracted(result, next, needed: needed)
  }
  let superfluous = result.labels.indices.filter { !plan.output.contains(result.labels[$0]) }
  var tensor = result.tensor
  if !superfluous.isEmpty { tensor = tensor.sum(axes: superfluous) }
  let labels = result.labels.filter { plan.output.contains($0) }
  return tensor.permuted(axes: plan.output.map { label in labels.firstIndex(of: label)! })
}

/// A tensor whose axes have labels, none twice.
private struct Labelled<Scalar: FloatingPointScalar> {
  var tensor: Tensor<Scalar>
  var labels: [Int]

  /// The tensor with the axes of the given lists one after the other, each list as one axis
  /// but for the first.
  func arranged(_ leading: [Int], _ second: [Int], _ third: [Int]) -> Tensor<Scalar> {
    let order = (leading + second + third).map { label in labels.firstIndex(of: label)! }
    let permuted = tensor.permuted(axes: order)
    let extents = Array(permuted.shape)
    let middle = extents[leading.count..<(leading.count + second.count)].reduce(1, *)
    let last = extents[(leading.count + second.count)...].reduce(1, *)
    let batch = extents[..<leading.count].reduce(1, *)
    return permuted.reshaped([batch, middle, last] as Shape)
  }

  func extent(_ label: Int) -> Int { tensor.shape[labels.firstIndex(of: label)!] }

  /// Sums over the labels that nobody needs.
  mutating func drop(where isDropped: (Int) -> Bool) {
    let axes = labels.indices.filter { isDropped(labels[$0]) }
    if axes.isEmpty { return }
    tensor = tensor.sum(axes: axes)
    labels = labels.filter { !isDropped($0) }
  }
}

/// Two tensors multiplied, and summed over the labels that are needed no more: one matrix product
/// for each position of the labels that both have and that stay.
private func contracted<Scalar>(
  _ a: Labelled<Scalar>, _ b: Labelled<Scalar>, needed: Set<Int>
) -> Labelled<Scalar> {
  var (a, b) = (a, b)
  a.drop { !b.labels.contains($0) && !needed.contains($0) }
  b.drop { !a.labels.contains($0) && !needed.contains($0) }
  let batch = a.labels.filter { b.labels.contains($0) && needed.contains($0) }
  let inner = a.labels.filter { b.labels.contains($0) && !needed.contains($0) }
  let left = a.labels.filter { !b.labels.contains($0) }
  let right = b.labels.filter { !a.labels.contains($0) }
  let product = matmul(a.arranged(batch, left, inner), b.arranged(batch, inner, right))
  let extents = batch.map(a.extent) + left.map(a.extent) + right.map(b.extent)
  return Labelled(tensor: product.reshaped(Shape(extents)), labels: batch + left + right)
}

/// A formula such as `ij,jk->ik`, its letters and the axes of `...` as numbers.
private struct ContractionFormula {
  let formula: String
  var operands: [[Int]] = []
  var output: [Int] = []
  /// Extent of each label.
  private var extents: [Int: Int] = [:]

  init(_ formula: String, _ shapes: [Shape]) {
    self.formula = formula
    let text = formula.filter { $0 != " " }
    let arrow = text.firstRange(of: "->")
    let left = arrow.map { text[..<$0.lowerBound] } ?? text[...]
    let terms = left.split(separator: ",", omittingEmptySubsequences: false)
    if terms.count != shapes.count {
      trap("einsum: \(formula) is for \(terms.count) tensors, not \(shapes.count)")
    }
    var dots = 0
    for (term, shape) in zip(terms, shapes) {
      let (labels, rest) = parse(term, rank: shape.rank)
      dots = max(dots, rest)
      for (axis, label) in labels.enumerated() {
        let known = extents[label] ?? 1
        if known != 1 && shape[axis] != 1 && known != shape[axis] {
          trap("einsum: \(formula): extents \(known) and \(shape[axis]) of one letter differ")
        }
        extents[label] = known == 1 ? shape[axis] : known
      }
      operands.append(labels)
    }
    let front = (0..<dots).reversed().map { -1 - $0 }
    if let arrow {
      output = parse(text[arrow.upperBound...], rank: nil, dots: dots).labels
      for label in output where extents[label] == nil {
        trap("einsum: \(formula): the result has a letter that no tensor has")
      }
      if Set(output).count != output.count {
        trap("einsum: \(formula): the result has a letter twice")
      }
    } else {
      let letters = operands.flatMap { $0 }.filter { $0 >= 0 }
      output = front + Set(letters).filter { label in letters.count { $0 == label } == 1 }.sorted()
    }
  }

  /// Labels of a term: a letter is its code, the axes of `...` are negative, -1 the last.
  private func parse(
    _ term: Substring, rank: Int?, dots: Int = 0
  ) -> (labels: [Int], dots: Int) {
    let parts = term.split(separator: "...", omittingEmptySubsequences: false)
    func letters(_ part: Substring) -> [Int] {
      part.unicodeScalars.map { letter in
        guard letter.properties.isAlphabetic && letter.isASCII else {
          trap("einsum: \(formula): unexpected \(letter)")
        }
        return Int(letter.value)
      }
    }
    if parts.count > 2 { trap("einsum: \(formula): a term has `...` twice") }
    let before = letters(parts.first ?? "")
    let after = parts.count == 2 ? letters(parts[1]) : []
    let named = before.count + after.count
    var count = parts.count == 2 ? dots : 0
    if let rank {
      count = rank - named
      if count < 0 || (parts.count < 2 && count > 0) {
        trap("einsum: \(formula): the term \(term) is not for a tensor of \(rank) axes")
      }
    }
    return (before + (0..<count).reversed().map { -1 - $0 } + after, count)
  }

  /// The tensor with each label once, its axes expanded to the label's extent.
  func prepared<Scalar>(_ tensor: Tensor<Scalar>, _ labels: [Int]) -> Labelled<Scalar> {
    var shape = tensor.shape
    for (axis, label) in labels.enumerated() { shape[axis] = extents[label]! }
    var result = Labelled(tensor: tensor.expanded(to: shape), labels: labels)
    while let (first, second) = repeated(result.labels) {
      let label = result.labels[first]
      result.tensor = result.tensor.diagonal(axes: first, second)
      result.labels =
        result.labels.indices.filter { $0 != first && $0 != second }
        .map { result.labels[$0] } + [label]
    }
    return result
  }

  private func repeated(_ labels: [Int]) -> (Int, Int)? {
    for first in labels.indices {
      if let second = labels[(first + 1)...].firstIndex(of: labels[first]) {
        return (first, second)
      }
    }
    return nil
  }
}
