/// Why a file of weights does not fit a model; the model is then unchanged.
///
/// Prints as `weights.safetensors: 'encoder.bias' has the shape [3], expected [4]`.
public struct WeightsError: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// The file cannot be read.
    case unreadable(FileError)
    /// It is no safetensors file, or what it holds beside the weights is damaged.
    case malformed(TensorFileError)
    /// The model has a parameter that the file lacks.
    case missing(key: String)
    /// The file has a tensor that the model lacks.
    case unexpected(key: String)
    /// Extents differ.
    case wrongShape(key: String, expected: [Int], found: [Int])
    /// Tied weights, which are one parameter, stand under two names with different numbers.
    case contradiction(key: String, tied: String)
    /// The file does not say of which model its weights are, or of one that cannot be.
    case noModel(reason: String)
    /// The elements are of a type that no parameter takes.
    case wrongType(key: String, found: StoredTensor.DType)
  }

  /// The file's path.
  public let file: String
  /// What is wrong.
  public let problem: Problem

  /// `FILE: what is wrong`.
  public var description: String {
    switch problem {
    case .unreadable(let error): "\(error)"
    case .malformed(let error): "\(error)"
    case .missing(let key): "\(file): there is no '\(key)', which the model needs"
    case .unexpected(let key): "\(file): the model has no parameter '\(key)'"
    case .wrongShape(let key, let expected, let found):
      "\(file): '\(key)' has the shape \(found), expected \(expected)"
    case .contradiction(let key, let tied):
      "\(file): '\(key)' and '\(tied)' are tied in the model, but differ in the file"
    case .noModel(let reason): "\(file): no model can be made of it: \(reason)"
    case .wrongType(let key, let found):
      "\(file): '\(key)' has \(found.name) elements, expected floating ones "
        + "(F32, F64, F16 or BF16)"
    }
  }
}
