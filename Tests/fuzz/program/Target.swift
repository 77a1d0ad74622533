import Foundation
import Training

/// A reader, or a writer with its reader, that is fed whatever libFuzzer thinks of. It must come back, and what it
/// has read must be what it writes.
struct Target: Sendable {
  let name: String
  private let body: @Sendable ([UInt8]) -> Void

  init(_ name: String, _ body: @escaping @Sendable ([UInt8]) -> Void) {
    self.name = name
    self.body = body
  }

  func run(_ input: [UInt8]) {
    currentInput = input
    body(input)
  }

  static let all = tensors + archives + data + texts + models + writers
}

// Unsafe: inputs come one after the other, on one thread.
private nonisolated(unsafe) var currentInput: [UInt8] = []

/// Ends the program, which libFuzzer then reports, with the input.
func fail(_ statement: String) -> Never {
  fatalError("\(statement); the input, in base64: \(Data(currentInput).base64EncodedString())")
}

/// What a body returns; nil where it throws, with an error that can be printed without harm.
func attempt<Result>(_ body: () throws -> Result) -> Result? {
  do {
    return try body()
  } catch {
    // The standard library's own are escaped where `zoo` prints them.
    let text = error is DecodingError ? "" : "\(error)"
    let command = text.unicodeScalars.first {
      $0 != "\n" && ($0.value < 0x20 || (0x7F...0x9F).contains($0.value))
    }
    if let command { fail("an error has U+\(String(command.value, radix: 16)): \(text)") }
    return nil
  }
}

/// Ends the program where something does not hold.
func expect(_ condition: Bool, _ statement: @autoclosure () -> String) {
  if !condition { fail(statement()) }
}

/// Choices made of the bytes of an input, from its front.
struct Choices {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isEmpty: Bool { rest.isEmpty }

  /// The next byte; 0 behind the end.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// A number below a limit of at most 256.
  mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

  mutating func truth() -> Bool { byte() & 1 == 1 }

  /// Up to so many bytes as text, with what is no UTF-8 repaired.
  mutating func text(upTo limit: Int) -> String {
    String(decoding: bytes(number(below: limit + 1)), as: UTF8.self)
  }

  /// All that is left.
  mutating func remaining() -> [UInt8] {
    defer { rest = [] }
    return Array(rest)
  }
}
