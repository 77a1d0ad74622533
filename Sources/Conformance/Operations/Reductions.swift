import Autograd

extension OperationTable {
  mutating func addReductions() {
    numbers("sum") { try $0[0].sum(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("mean") { try $0[0].mean(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("amax") { try $0[0].max(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
    numbers("amin") { try $0[0].min(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
  }
}

extension Call {
  /// The attribute `dim` as axes; none for all of them.
  func axes() throws -> [Int] {
    attributes.has("dim") ? try attributes.integers("dim") : []
  }

  func keepsAxes() throws -> Bool { try attributes.flag("keepdim") }
}
