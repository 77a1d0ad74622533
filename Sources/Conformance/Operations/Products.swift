import Autograd

extension OperationTable {
  mutating func addProducts() {
    numbers("matmul") { try matmul($0[0], $0[1]) }
    numbers("linear") { try linear($0[0], $0[1], $0.optional(2)) }
  }
}
