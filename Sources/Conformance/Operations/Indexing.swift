import Autograd
import Layers

extension OperationTable {
  mutating func addIndexing() {
    numbers("gather") { try $0[0].gathered($0.attributes.integer("dim"), $0.indices(1)) }
    numbers("scatter_add") {
      try $0[0].scatterAdding($0.attributes.integer("dim"), $0.indices(1), $0[2])
    }
    numbers("embedding") {
      try embedding($0.indices(0), $0[1], padding: $0.attributes.optionalInteger("padding_idx"))
    }
  }
}
