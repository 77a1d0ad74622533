/// Why a call from another language could not be done: a sentence.
struct CallError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
