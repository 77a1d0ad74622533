import Platform

/// The sentence of the call that failed last, of each thread by itself.
enum LastError {
  private final class Sentence {
    var text = ""
  }

  private static let current = ThreadLocal { Unmanaged<Sentence>.fromOpaque($0).release() }

  /// Empty where no call has failed on this thread.
  static var text: String {
    get {
      current.address.map { Unmanaged<Sentence>.fromOpaque($0).takeUnretainedValue().text } ?? ""
    }
    set {
      if let address = current.address {
        Unmanaged<Sentence>.fromOpaque(address).takeUnretainedValue().text = newValue
      } else {
        let sentence = Sentence()
        sentence.text = newValue
        current.address = Unmanaged.passRetained(sentence).toOpaque()
      }
    }
  }
}

/// What the body gives; where it throws, the sentence is noted and the caller gets `failure`.
func answer<Result>(orElse failure: Result, _ body: () throws -> Result) -> Result {
  do {
    return try body()
  } catch {
    LastError.text = "\(error)"
    return failure
  }
}

/// A caller's text.
///
/// - Parameter name: what it is, for the error.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(CallError) -> String {
  guard let pointer, let text = String(validatingCString: pointer) else {
    throw CallError("the \(name) is no text in UTF-8")
  }
  return text
}

/// Writes as much of a text as there is room for, with a zero at its end.
///
/// - Returns: bytes of the whole text, the zero not counted.
func copy(_ text: String, to buffer: UnsafeMutablePointer<CChar>?, size: Int64) -> Int64 {
  let bytes = text.utf8
  if let buffer, size > 0 {
    var end = 0
    for byte in bytes.prefix(Int(size) - 1) {
      buffer[end] = CChar(bitPattern: byte)
      end += 1
    }
    buffer[end] = 0
  }
  return Int64(bytes.count)
}
