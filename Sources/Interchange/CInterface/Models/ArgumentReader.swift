import Autograd
import Interchange

/// Reads what a caller has given, and finds everything that a model could not cope with: names, types,
/// axes, ranges. What it lets through cannot trap for what a description says.
struct ArgumentReader<Scalar: FloatingPointScalar> {
  private let descriptions: [NamedTensor]
  private let given: [GivenTensor]
  /// The extents of named axes, and the tensor that had each first.
  private var extents: [(axis: String, extent: Int, owner: String)] = []

  /// - Throws: `CallError`
  static func read(
    _ given: [GivenTensor], as descriptions: [NamedTensor]
  ) throws(CallError) -> NamedArguments<Scalar> {
    var reader = ArgumentReader(descriptions: descriptions, given: given)
    return try reader.read()
  }

  private init(descriptions: [NamedTensor], given: [GivenTensor]) {
    self.descriptions = descriptions
    self.given = given
  }

  private mutating func read() throws(CallError) -> NamedArguments<Scalar> {
    try checkNames()
    var pairs: [(NamedTensor, GivenTensor)] = []
    for description in descriptions {
      guard let tensor = given.first(where: { $0.name == description.name }) else {
        if description.isOptional { continue }
        throw CallError("'\(description.name)' is missing: \(Self.wanted(description)) is expected")
      }
      try checkShape(tensor, description)
      pairs.append((description, tensor))
    }
    var arguments = NamedArguments<Scalar>()
    for (description, tensor) in pairs {
      arguments.add(description.name, try value(of: tensor, description))
    }
    return arguments
  }

  /// What is expected under a name, for people.
  private static func wanted(_ description: NamedTensor) -> String {
    let type =
      switch description.elements {
      case .numbers: "\(ElementType(Scalar.scalarType))"
      case .indices, .lengths: "int32 or int64"
      case .mask: "bool"
      }
    return "\(type) \(description.shapeText)"
  }

  // MARK: Names and axes

  private func checkNames() throws(CallError) {
    for (index, tensor) in given.enumerated() {
      guard descriptions.contains(where: { $0.name == tensor.name }) else {
        let names = descriptions.map { "'\($0.name)'" }.joined(separator: ", ")
        throw CallError("nothing is called '\(tensor.name)' here; there are \(names)")
      }
      if given[..<index].contains(where: { $0.name == tensor.name }) {
        throw CallError("'\(tensor.name)' is given twice")
      }
    }
  }

  private mutating func checkShape(
    _ tensor: GivenTensor, _ description: NamedTensor
  ) throws(CallError) {
    func error(_ reason: String) -> CallError {
      CallError(
        "'\(tensor.name)' is \(tensor.text); \(Self.wanted(description)) is expected\(reason)")
    }
    if tensor.shape.count != description.axes.count { throw error("") }
    for (axis, extent) in zip(description.axes, tensor.shape) {
      switch axis {
      case .size(let size):
        if extent != size { throw error("") }
      case .named(let name):
        if extent < 1 { throw error(": '\(name)' is at least 1") }
        guard let known = extents.first(where: { $0.axis == name }) else {
          extents.append((name, extent, tensor.name))
          continue
        }
        if known.extent != extent {
          throw error(", and '\(name)' is \(known.extent) in '\(known.owner)'")
        }
      }
    }
  }

  // MARK: Elements

  private func value(
    of tensor: GivenTensor, _ description: NamedTensor
  ) throws(CallError) -> NamedArguments<Scalar>.Value {
    let shape = Shape(tensor.shape)
    switch (description.elements, tensor.type) {
    case (.numbers, ElementType(Scalar.scalarType)):
      return .numbers(Tensor(tensor.elements(Scalar.self), shape: shape))
    case (.mask, .bool):
      // Whatever byte a caller holds for true, Swift's is 1.
      return .mask(Tensor(tensor.elements(UInt8.self).map { $0 != 0 }, shape: shape))
    case (.indices(let range), .int32):
      return .indices(Tensor(try indices(tensor, Int32.self, range, ""), shape: shape))
    case (.indices(let range), .int64):
      return .indices(Tensor(try indices(tensor, Int64.self, range, ""), shape: shape))
    case (.lengths(let axis), .int32):
      return .lengths(try lengths(tensor, Int32.self, axis))
    case (.lengths(let axis), .int64):
      return .lengths(try lengths(tensor, Int64.self, axis))
    default:
      throw CallError(
        "'\(tensor.name)' is \(tensor.text); \(Self.wanted(description)) is expected")
    }
  }

  private func lengths<Whole: FixedWidthInteger>(
    _ tensor: GivenTensor, _: Whole.Type, _ axis: String
  ) throws(CallError) -> [Int] {
    guard let extent = extents.first(where: { $0.axis == axis })?.extent else {
      throw CallError("'\(tensor.name)' are of the axis '\(axis)', which no tensor here has")
    }
    let reason = ": '\(axis)' has so many positions"
    return try indices(tensor, Whole.self, 1..<(extent + 1), reason).map { Int($0) }
  }

  private func indices<Whole: FixedWidthInteger>(
    _ tensor: GivenTensor, _: Whole.Type, _ range: Range<Int>, _ reason: String
  ) throws(CallError) -> [Int32] {
    let elements = tensor.elements(Whole.self)
    if let wrong = elements.firstIndex(where: { !($0 >= range.lowerBound && $0 < range.upperBound) }
    ) {
      let position = Shape(tensor.shape).position(wrong)
      throw CallError(
        "'\(tensor.name)' has \(elements[wrong])\(position.isEmpty ? "" : " at \(position)"); from "
          + "\(range.lowerBound) to \(range.upperBound - 1) is expected\(reason)")
    }
    return elements.map { Int32(truncatingIfNeeded: $0) }
  }
}
