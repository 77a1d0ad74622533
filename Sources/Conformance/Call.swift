import Autograd
import Training

/// The arguments of one call of an operation, by their numbers in the case.
struct Call<Scalar: FloatingPointScalar> {
  let attributes: Attributes
  private(set) var tensors: [Int: Tensor<Scalar>] = [:]
  private var indices: [Int: Tensor<Int32>] = [:]
  private var masks: [Int: Tensor<Bool>] = [:]
  private let path: String

  init(_ item: Case) throws {
    attributes = item.attributes
    path = item.path
    for number in item.numbers("input") {
      let entry = item.file.tensors["input.\(number)"]!
      switch entry.dtype {
      case .bool: masks[number] = Tensor(try entry.bools(), shape: Shape(entry.shape))
      case .int64, .int32, .uint8:
        indices[number] = Tensor(try entry.int32s(), shape: Shape(entry.shape))
      default: tensors[number] = try Tensor(entry)
      }
    }
  }

  /// This call with other floating tensors.
  func with(_ tensors: [Int: Tensor<Scalar>]) -> Call {
    var result = self
    result.tensors.merge(tensors) { $1 }
    return result
  }

  /// A floating argument.
  subscript(number: Int) -> Tensor<Scalar> {
    get throws(CaseError) {
      guard let tensor = tensors[number] else { throw missing(number, "floating") }
      return tensor
    }
  }

  /// A floating argument that may be absent.
  func optional(_ number: Int) -> Tensor<Scalar>? { tensors[number] }

  /// A Boolean argument that may be absent.
  func optionalMask(_ number: Int) -> Tensor<Bool>? { masks[number] }

  /// An argument of indices that may be absent.
  func optionalIndices(_ number: Int) -> Tensor<Int32>? { indices[number] }

  /// An argument of indices.
  func indices(_ number: Int) throws(CaseError) -> Tensor<Int32> {
    guard let tensor = indices[number] else { throw missing(number, "whole-number") }
    return tensor
  }

  /// A Boolean argument.
  func mask(_ number: Int) throws(CaseError) -> Tensor<Bool> {
    guard let tensor = masks[number] else { throw missing(number, "Boolean") }
    return tensor
  }

  /// All floating arguments in their order.
  var list: [Tensor<Scalar>] { tensors.sorted { $0.key < $1.key }.map(\.value) }

  private func missing(_ number: Int, _ kind: String) -> CaseError {
    CaseError("\(path): expected a \(kind) tensor 'input.\(number)', found none")
  }
}

/// What a call gave: its results, and what it left behind beside them.
struct Results<Scalar: FloatingPointScalar> {
  /// A result of any type.
  enum Output {
    case numbers(Tensor<Scalar>)
    case indices(Tensor<Int32>)
    case mask(Tensor<Bool>)

    var numbers: Tensor<Scalar>? { if case .numbers(let tensor) = self { tensor } else { nil } }
  }

  var outputs: [Output]
  /// The tensors `extra.NAME` of the case.
  var extras: [String: Output] = [:]
}

extension Tensor where Scalar: FloatingPointScalar {
  /// The tensor of a file.
  init(_ entry: StoredTensor) throws {
    self.init(
      try entry.doubles().map { number in
        let rounded = Scalar(number)
        // What is not 0 stays so, or it would be another case.
        if rounded != 0 || number == 0 { return rounded }
        return number < 0 ? -.leastNormalMagnitude : .leastNormalMagnitude
      }, shape: Shape(entry.shape))
  }
}
