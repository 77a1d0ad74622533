import Autograd

extension OperationTable {
  mutating func addReductions() {
    numbers("sum") { try $0[0].sum(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("mean") { try $0[0].mean(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("amax") { try $0[0].max(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("amin") { try $0[0].min(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("prod") { try $0[0].product(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("var") {
      try $0[0].variance(
        axes: $0.axes(), correction: $0.attributes.number("correction"), keepsAxes: $0.keepsAxes())
    }
    numbers("std") {
      try $0[0].standardDeviation(
        axes: $0.axes(), correction: $0.attributes.number("correction"), keepsAxes: $0.keepsAxes())
    }
    numbers("logsumexp") { try $0[0].logSumExp(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("cumsum") { try $0[0].cumulativeSum(axis: $0.attributes.integer("dim")) }
    numbers("vector_norm") {
      try $0[0].norm($0.normOrder("ord"), axes: $0.axes(), keepsAxes: $0.keepsAxes())
    }
    numbers("normalize") {
      try $0[0].normalized(
        $0.normOrder("p"), axis: $0.attributes.integer("dim"),
        epsilon: Scalar($0.attributes.number("eps")))
    }
    numbers("cosine_similarity") {
      try cosineSimilarity(
        $0[0], $0[1], axis: $0.attributes.integer("dim"),
        epsilon: Scalar($0.attributes.number("eps")))
    }
    masks("all") { try $0.mask(0).all(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    masks("any") { try $0.mask(0).any(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    indices("argmax") {
      try $0[0].argmax(axis: $0.attributes.optionalInteger("dim"), keepsAxes: $0.keepsAxes())
    }
    indices("argmin") {
      try $0[0].argmin(axis: $0.attributes.optionalInteger("dim"), keepsAxes: $0.keepsAxes())
    }
  }
}

extension Call {
  /// The attribute `dim` as axes; none for all of them.
  func axes() throws -> [Int] {
    attributes.has("dim") ? try attributes.integers("dim") : []
  }

  func keepsAxes() throws -> Bool { try attributes.flag("keepdim") }

  func normOrder(_ name: String) throws -> NormOrder {
    switch try attributes.number(name) {
    case 1: .one
    case 2: .two
    case .infinity: .infinity
    default: throw Missing()
    }
  }
}
