public import Interchange

/// What a model is given or gives, as other languages see it: a name, the kind of its elements, and its
/// axes. What a caller hands over is compared with it before a model sees anything.
public struct NamedTensor: Sendable, Equatable {
  /// What elements are.
  public enum Elements: Sendable, Equatable {
    /// Numbers of the model's own type, `Float` or `Double`.
    case numbers
    /// Whole numbers of a range, such as symbols of a vocabulary.
    case indices(Range<Int>)
    /// How many positions of an axis count: whole numbers from 1 to its extent.
    case lengths(axis: String)
    /// Truth values; true = may attend.
    case mask
  }

  /// What callers call it.
  public let name: String
  /// What its elements are.
  public let elements: Elements
  /// Its axes. Those of one name have one extent in all that a call is given, at least 1.
  public let axes: [TensorAxis]
  /// Whether a call may do without.
  public let isOptional: Bool

  private init(
    _ name: String, _ elements: Elements, _ axes: [TensorAxis], _ isOptional: Bool
  ) {
    self.name = name
    self.elements = elements
    self.axes = axes
    self.isOptional = isOptional
  }

  /// Numbers of the model's own type.
  public static func numbers(
    _ name: String, _ axes: [TensorAxis], isOptional: Bool = false
  ) -> NamedTensor {
    NamedTensor(name, .numbers, axes, isOptional)
  }

  /// Whole numbers.
  ///
  /// - Parameter range: which there are; others are refused.
  public static func indices(
    _ name: String, _ axes: [TensorAxis], in range: Range<Int>, isOptional: Bool = false
  ) -> NamedTensor {
    NamedTensor(name, .indices(range), axes, isOptional)
  }

  /// How many positions of an axis count, `[batch]`; all do where a call does not say.
  public static func lengths(_ name: String = "lengths", of axis: String) -> NamedTensor {
    NamedTensor(name, .lengths(axis: axis), ["batch"], true)
  }

  /// Truth values, true = may attend; all do where a call does not say.
  public static func mask(_ name: String, _ axes: [TensorAxis]) -> NamedTensor {
    NamedTensor(name, .mask, axes, true)
  }

  /// The axes as people write them: `[batch, time, 8]`.
  var shapeText: String { "[\(axes.map(\.description).joined(separator: ", "))]" }
}
