/// Why a call from another language could not be done: a sentence.
public struct CallError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  /// - Parameter description: a sentence for the caller.
  public init(_ description: String) { self.description = description }
}
