import Autograd
import Training

/// Runs a case of the families `ops` and `gradgrad`.
struct OperationCheck<Scalar: FloatingPointScalar> {
  let item: Case
  let operation: OperationTable<Scalar>.Operation

  /// The first difference, if there is one.
  func run() throws -> Difference? {
    let call = try Call<Scalar>(item)
    let differentiated = item.numbers("gradient").filter { call.tensors[$0] != nil }
    let cotangents = try item.entries("cotangent").mapValues { try Tensor<Scalar>($0) }
    let inputs = differentiated.map { call.tensors[$0]! }
    var results: Results<Scalar>?
    var failure: (any Error)?

    // The function cannot throw, so what an adapter throws is handed around it.
    func outputs(_ tensors: [Tensor<Scalar>]) -> [Tensor<Scalar>] {
      do {
        let current = try operation(call.with(keyed(differentiated, tensors)))
        if results == nil { results = current }
        // Outputs without numbers keep their places.
        return current.outputs.map { $0.numbers ?? Tensor(0) }
      } catch {
        failure = error
        return []
      }
    }
    func given(_ outputs: [Tensor<Scalar>]) -> [Tensor<Scalar>?] {
      outputs.indices.map { index in
        // A result of another shape is reported by the comparison.
        cotangents["\(index)"].flatMap { $0.shape == outputs[index].shape ? $0 : nil }
      }
    }

    let (_, gradients) = vectorJacobianProduct(at: inputs, of: outputs, cotangents: given)
    if let failure { throw failure }
    let comparison = try Comparison<Scalar>(item: item)
    if let difference = try compareOutputs(results!, comparison) { return difference }
    for (position, number) in differentiated.enumerated() {
      let gradient = gradients[position] ?? .zeros(inputs[position].shape)
      let entry = item.file.tensors["gradient.\(number)"]!
      if let difference = try comparison.difference("gradient.\(number)", gradient, entry) {
        return difference
      }
    }
    let seconds = try item.entries("second_cotangent").mapValues { try Tensor<Scalar>($0) }
    if seconds.isEmpty { return nil }
    let (_, secondGradients) = valueWithGradient(at: inputs) { inputs in
      let first = vectorJacobianProduct(at: inputs, of: outputs, cotangents: given).gradients
      var total = Tensor<Scalar>(0)
      for (position, number) in differentiated.enumerated() {
        guard let gradient = first[position], let second = seconds["\(number)"] else { continue }
        total = total + (gradient * second).sum()
      }
      return total
    }
    for (position, number) in differentiated.enumerated() {
      let key = "second_gradient.\(number)"
      let difference =
        if let entry = item.file.tensors[key] {
          try comparison.difference(key, secondGradients[position], entry)
        } else {
          comparison.differenceFromZero(key, secondGradients[position])
        }
      if let difference { return difference }
    }
    return nil
  }

  private func compareOutputs(
    _ results: Results<Scalar>, _ comparison: Comparison<Scalar>
  ) throws -> Difference? {
    let expected = item.numbers("output").count
    if results.outputs.count != expected {
      return Difference(
        description: "ours has \(results.outputs.count) outputs, theirs \(expected)")
    }
    for (number, output) in results.outputs.enumerated() {
      if let difference = try comparison.difference("output.\(number)", output) {
        return difference
      }
    }
    for name in item.entries("extra").keys.sorted() {
      guard let output = results.extras[name] else {
        return Difference(description: "extra.\(name): ours has none")
      }
      if let difference = try comparison.difference("extra.\(name)", output) { return difference }
    }
    return nil
  }

  private func keyed(_ numbers: [Int], _ tensors: [Tensor<Scalar>]) -> [Int: Tensor<Scalar>] {
    Dictionary(uniqueKeysWithValues: zip(numbers, tensors))
  }
}
