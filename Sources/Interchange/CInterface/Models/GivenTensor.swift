import Autograd

/// A tensor in a caller's memory: what a call is given under a name.
struct GivenTensor {
  let name: String
  let type: ElementType
  let shape: [Int]
  /// As many elements as the shape says, row by row.
  let data: UnsafeRawPointer

  /// As people write it: `float32 [2, 3]`.
  var text: String { "\(type) \(shape)" }

  /// Number of elements.
  var count: Int { shape.reduce(1, *) }

  /// The elements, which are of this Swift type.
  func elements<Element>(_: Element.Type) -> UnsafeBufferPointer<Element> {
    UnsafeBufferPointer(start: data.assumingMemoryBound(to: Element.self), count: count)
  }
}

/// The types of elements that cross the border; raw values are those of the header.
package enum ElementType: Int32, CaseIterable, CustomStringConvertible {
  case float32 = 1
  case float64 = 2
  case int32 = 3
  case int64 = 4
  case bool = 5
  case uint8 = 6

  init(_ type: ScalarType) {
    switch type {
    case .float: self = .float32
    case .double: self = .float64
    case .int32: self = .int32
    case .bool: self = .bool
    case .uint8: self = .uint8
    }
  }

  /// NumPy's name.
  package var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int32: "int32"
    case .int64: "int64"
    case .bool: "bool"
    case .uint8: "uint8"
    }
  }
}
