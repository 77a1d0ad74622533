import Autograd

extension OperationTable {
  mutating func addShapes() {
    numbers("reshape") { try $0[0].reshaped($0.attributes.integers("shape")) }
    numbers("permute") { try $0[0].permuted($0.attributes.integers("dims")) }
    numbers("transpose") {
      try $0[0].transposed($0.attributes.integer("dim0"), $0.attributes.integer("dim1"))
    }
    numbers("expand") { call in
      let size = try call.attributes.integers("size")
      let shape = try call[0].shape
      let offset = size.count - shape.rank
      return try call[0].expanded(
        to: Shape(size.enumerated().map { $1 == -1 ? shape[$0 - offset] : $1 }))
    }
    numbers("squeeze") { try $0[0].squeezed(axes: $0.axes()) }
    numbers("unsqueeze") { try $0[0].unsqueezed($0.attributes.integer("dim")) }
    numbers("flatten") {
      try $0[0].flattened(
        from: $0.attributes.integer("start_dim"), to: $0.attributes.integer("end_dim"))
    }
    numbers("cat") { try .concatenated($0.list, axis: $0.attributes.integer("dim")) }
    numbers("stack") { try .stacked($0.list, axis: $0.attributes.integer("dim")) }
    numbers("narrow") {
      let start = try $0.attributes.integer("start")
      let length = try $0.attributes.integer("length")
      return try $0[0].narrowed($0.attributes.integer("dim"), start..<(start + length))
    }
  }
}
