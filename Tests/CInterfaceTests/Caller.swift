import CInterface
import Foundation
import Testing
import Training

// What a C caller does, for tests.

/// A tensor of a caller.
struct Given: Sendable {
  let name: String
  let type: Int32
  let shape: [Int64]
  let bytes: [UInt8]

  init<Element: BitwiseCopyable>(
    _ name: String, _ type: ElementType, _ elements: [Element], _ shape: [Int64]
  ) {
    self.name = name
    self.type = type.rawValue
    self.shape = shape
    bytes = elements.withUnsafeBytes { Array($0) }
  }

  static func floats(_ name: String, _ elements: [Float], _ shape: [Int64]) -> Given {
    Given(name, .float32, elements, shape)
  }
  static func wholes(_ name: String, _ elements: [Int64], _ shape: [Int64]? = nil) -> Given {
    Given(name, .int64, elements, shape ?? [Int64(elements.count)])
  }
}

/// Calls the body with `tapestry_tensor`s, which live as long as it runs.
func withTensors<Result>(
  _ tensors: [Given], _ body: (UnsafeRawPointer?, Int32) throws -> Result
) rethrows -> Result {
  var fields: [CTensor] = []
  var owned: [UnsafeMutableRawPointer] = []
  func copied<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let copy = UnsafeMutablePointer<Element>.allocate(capacity: elements.count + 8)
    copy.initialize(from: elements, count: elements.count)
    owned.append(UnsafeMutableRawPointer(copy))
    return copy
  }
  defer { for pointer in owned { pointer.deallocate() } }
  for tensor in tensors {
    // As aligned as any allocation.
    let words = UnsafeMutablePointer<UInt64>.allocate(capacity: tensor.bytes.count / 8 + 1)
    owned.append(UnsafeMutableRawPointer(words))
    UnsafeMutableRawPointer(words).copyMemory(from: tensor.bytes, byteCount: tensor.bytes.count)
    fields.append(
      CTensor(
        name: copied(Array(tensor.name.utf8CString)), type: tensor.type,
        rank: Int32(tensor.shape.count), shape: copied(tensor.shape),
        data: UnsafeRawPointer(words)))
  }
  return try fields.withUnsafeBytes { try body($0.baseAddress, Int32(fields.count)) }
}

/// The numbers of each output of a function, by name; nil where the call failed.
func call(
  _ model: Int64, _ tensors: [Given], of function: String? = nil
) -> [String: [Float]]? {
  var made: UnsafeRawPointer?
  var count: Int32 = 0
  let result = withTensors(tensors) { callModel(model, function, $0, $1, &made, &count) }
  if result == 0 { return nil }
  defer { #expect(releaseResult(result) == 0) }
  return numbers(made, count)
}

/// The numbers of tensors of `Float`, by name.
func numbers(_ tensors: UnsafeRawPointer?, _ count: Int32) -> [String: [Float]] {
  var all: [String: [Float]] = [:]
  for number in 0..<Int(count) {
    let field = tensors!.assumingMemoryBound(to: CTensor.self)[number]
    let size = (0..<Int(field.rank)).reduce(1) { $0 * Int(field.shape![$1]) }
    let start = field.data!.assumingMemoryBound(to: Float.self)
    all[String(cString: field.name!)] = Array(UnsafeBufferPointer(start: start, count: size))
  }
  return all
}

func train(_ model: Int64, _ tensors: [Given]) -> Double? {
  var loss = 0.0
  return withTensors(tensors) { trainModel(model, $0, $1, &loss) } == 0 ? loss : nil
}

/// What `tapestry_error` says.
var errorText: String {
  var buffer = [CChar](repeating: 0, count: Int(lastError(nil, 0)) + 1)
  _ = lastError(&buffer, Int64(buffer.count))
  return String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A folder that is gone after the body.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}
