import Autograd
import Layers

extension OperationTable {
  mutating func addLosses() {}
}
