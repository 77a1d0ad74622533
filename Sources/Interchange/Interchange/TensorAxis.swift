/// An axis of a tensor that goes into a model or comes out of it, as other systems are told: `4`, or a
/// name such as `"batch"` for one that each call chooses.
public enum TensorAxis: Sendable, Equatable, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral, CustomStringConvertible
{
  /// Always of this extent.
  case size(Int)
  /// Of an extent that a call chooses: the same for all axes of one name.
  case named(String)

  /// Always of this extent.
  public init(integerLiteral size: Int) { self = .size(size) }
  /// Of an extent that a call chooses.
  public init(stringLiteral name: String) { self = .named(name) }

  /// The extent or the name.
  public var description: String {
    switch self {
    case .size(let extent): "\(extent)"
    case .named(let name): name
    }
  }
}
