import Autograd
import Layers

extension OperationTable {
  mutating func addIndexing() {
    numbers("gather") { try $0[0].gathered(axis: $0.attributes.integer("dim"), at: $0.indices(1)) }
    numbers("scatter_add") {
      try $0[0].scatterAdding($0[2], axis: $0.attributes.integer("dim"), at: $0.indices(1))
    }
    numbers("index_select") {
      try $0[0].indexed(axis: $0.attributes.integer("dim"), at: $0.indices(1))
    }
    add("sort") {
      let (values, indices) = try $0[0].sorted(
        axis: $0.attributes.integer("dim"), descending: $0.attributes.flag("descending"))
      return Results(outputs: [.numbers(values), .indices(indices)])
    }
    add("topk") {
      // Of a number PyTorch gives the number, even where it is asked for none.
      let (values, indices) = try $0[0].topK(
        $0[0].rank == 0 ? 1 : $0.attributes.integer("k"), axis: $0.attributes.integer("dim"),
        largest: $0.attributes.flag("largest"))
      return Results(outputs: [.numbers(values), .indices(indices)])
    }
    numbers("embedding") {
      try embedding($0.indices(0), $0[1], padding: $0.attributes.optionalInteger("padding_idx"))
    }
  }
}
