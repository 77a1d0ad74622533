/// Why the rules of a `NameMap` do not fit a model: a sentence that begins with the tensor's name.
///
/// Whether they do depends on shapes, which a configuration in a file may state.
package struct NameRuleError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
