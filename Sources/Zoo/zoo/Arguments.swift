/// The words after a command, checked against what the command declares.
package struct Arguments: Sendable {
  /// The words that are no options, in order; as many as the command declares.
  package let words: [String]

  private let values: [String: any Sendable]
  private let declared: Set<String>

  /// The value of an option: the last one given, else the option's default.
  ///
  /// An option that the command does not declare is a programming error and traps.
  package subscript<Value>(option: Option<Value>) -> Value {
    guard declared.contains(option.name) else {
      fatalError("the command does not declare --\(option.name)")
    }
    guard let value = values[option.name] else { return option.defaultValue }
    guard let value = value as? Value else {
      fatalError("--\(option.name) is declared twice, with different types")
    }
    return value
  }

  /// Whether the option was given, even if with its default value.
  package func isGiven<Value>(_ option: Option<Value>) -> Bool {
    values[option.name] != nil
  }

  /// Whether the option of that name was given.
  func isGiven(named name: String) -> Bool { values[name] != nil }

  /// Checks the words after a command.
  ///
  /// `--name VALUE` and `--name=VALUE` are the same; after `--` every word is positional, and so is
  /// a lone `-`. Of an option that is given twice the last value counts.
  ///
  /// - Throws: `UsageError` for an unknown option, a missing or superfluous value, a value that the
  ///   option does not accept, and too few or too many words.
  package init(parsing arguments: [String], for syntax: Syntax) throws(UsageError) {
    var words: [String] = []
    var values: [String: any Sendable] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        words += rest
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        words.append(argument)
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = try syntax.option(writtenAs: String(parts[0]))
      let inline = parts.count == 2 ? String(parts[1]) : nil
      guard let placeholder = option.placeholder else {
        if let inline {
          throw UsageError("--\(option.name) takes no value, found \"\(inline)\"")
        }
        values[option.name] = try option.value(of: "")
        continue
      }
      guard let text = inline ?? syntax.nextValue(from: &rest) else {
        throw UsageError("--\(option.name) needs a value: --\(option.name) \(placeholder)")
      }
      values[option.name] = try option.value(of: text)
    }
    try syntax.check(words)
    self.words = words
    self.values = values
    declared = Set(syntax.options.map(\.name))
  }
}
