public import Autograd

/// What a function is given, checked against its description. Asking for what was not described, or
/// for what a call was allowed to leave out and did, is an error in the program.
public struct NamedArguments<Scalar: FloatingPointScalar>: Sendable {
  enum Value: Sendable {
    case numbers(Tensor<Scalar>)
    case indices(Tensor<Int32>)
    case mask(Tensor<Bool>)
    case lengths([Int])
  }

  private var names: [String] = []
  private var values: [Value] = []

  init() {}

  mutating func add(_ name: String, _ value: Value) {
    names.append(name)
    values.append(value)
  }

  /// Whether the call has given it.
  public func contains(_ name: String) -> Bool { names.contains(name) }

  /// Numbers, of the axes of their description.
  public func numbers(_ name: String) -> Tensor<Scalar> {
    if case .numbers(let tensor) = value(name) { return tensor }
    trap("NamedArguments: there are no numbers '\(name)' among \(names)")
  }

  /// Whole numbers, of the axes and the range of their description.
  public func indices(_ name: String) -> Tensor<Int32> {
    if case .indices(let tensor) = value(name) { return tensor }
    trap("NamedArguments: there are no indices '\(name)' among \(names)")
  }

  /// One whole number, of a description without axes; another one where the call has none.
  public func index(_ name: String, default other: Int) -> Int {
    contains(name) ? Int(indices(name).scalar) : other
  }

  /// Lengths; nil where the call has none, and all positions count.
  public func lengths(_ name: String) -> [Int]? {
    if case .lengths(let numbers) = value(name) { return numbers }
    return nil
  }

  /// A mask; nil where the call has none.
  public func mask(_ name: String) -> Tensor<Bool>? {
    if case .mask(let tensor) = value(name) { return tensor }
    return nil
  }

  private func value(_ name: String) -> Value? {
    names.firstIndex(of: name).map { values[$0] }
  }
}
