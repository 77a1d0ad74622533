import Autograd

/// How each operation of the cases is called in this library: PyTorch's name, and a function from
/// the case's arguments to its results. One file of `Operations` a family of them.
struct OperationTable<Scalar: FloatingPointScalar> {
  /// A call of the library.
  typealias Operation = (Call<Scalar>) throws -> Results<Scalar>

  private(set) var operations: [String: Operation] = [:]

  init() {
    addElementwise()
    addReductions()
    addShapes()
    addIndexing()
    addProducts()
    addNormalizations()
    addLosses()
  }

  /// Any results.
  mutating func add(_ name: String, _ operation: @escaping Operation) {
    operations[name] = operation
  }

  /// One floating result.
  mutating func numbers(
    _ name: String, _ operation: @escaping (Call<Scalar>) throws -> Tensor<Scalar>
  ) {
    add(name) { Results(outputs: [.numbers(try operation($0))]) }
  }

  /// A list of floating results.
  mutating func lists(
    _ name: String, _ operation: @escaping (Call<Scalar>) throws -> [Tensor<Scalar>]
  ) {
    add(name) { Results(outputs: try operation($0).map { .numbers($0) }) }
  }

  /// One result of indices.
  mutating func indices(
    _ name: String, _ operation: @escaping (Call<Scalar>) throws -> Tensor<Int32>
  ) {
    add(name) { Results(outputs: [.indices(try operation($0))]) }
  }

  /// One Boolean result.
  mutating func masks(
    _ name: String, _ operation: @escaping (Call<Scalar>) throws -> Tensor<Bool>
  ) {
    add(name) { Results(outputs: [.mask(try operation($0))]) }
  }
}
