/// An option of a command: its name, what value it takes, and what it is when it is not given.
///
/// A command declares each of its options once, as a constant. The help text, the validation and
/// the typed look-up `arguments[option]` all come from that constant.
package struct Option<Value: Sendable>: Sendable {
  /// The name without the dashes.
  package let name: String
  /// What stands for the value in the help text; `nil` for a flag, which takes no value.
  package let placeholder: String?
  /// What the option does, for the help text: a phrase without a full stop.
  package let help: String
  /// The value if the option is not given.
  package let defaultValue: Value
  /// How the help text shows the value if the option is not given; `nil` to show nothing.
  let defaultText: String?
  /// What a value must be, for errors: "a whole number from 1 to 9".
  let expectation: String
  /// The value that a text stands for, or `nil` if the text is not what the option expects.
  let parse: @Sendable (String) -> Value?
}

extension Option where Value == Bool {
  /// An option without a value: false unless given.
  package static func flag(_ name: String, help: String) -> Option {
    Option(
      name: name, placeholder: nil, help: help, defaultValue: false, defaultText: nil,
      expectation: "no value", parse: { _ in true })
  }
}

extension Option where Value == Int {
  /// A whole number within a range.
  package static func integer(
    _ name: String, _ placeholder: String = "N", in range: ClosedRange<Int>, default value: Int,
    help: String
  ) -> Option {
    Option(
      name: name, placeholder: placeholder, help: help, defaultValue: value,
      defaultText: "\(value)", expectation: phrase(range),
      parse: { wholeNumber($0, in: range) })
  }
}

extension Option where Value == Int? {
  /// A whole number within a range, or `nil` if not given.
  package static func integer(
    _ name: String, _ placeholder: String = "N", in range: ClosedRange<Int>, help: String
  ) -> Option {
    Option(
      name: name, placeholder: placeholder, help: help, defaultValue: nil, defaultText: nil,
      expectation: phrase(range), parse: { wholeNumber($0, in: range).map(Optional.some) })
  }
}

extension Option where Value == Double {
  /// A number within a range; infinities and NaN are never in it.
  package static func number(
    _ name: String, _ placeholder: String = "X", in range: ClosedRange<Double>,
    default value: Double, help: String
  ) -> Option {
    Option(
      name: name, placeholder: placeholder, help: help, defaultValue: value,
      defaultText: short(value), expectation: phrase(range),
      parse: { decimalNumber($0, in: range) })
  }
}

extension Option where Value == Double? {
  /// A number within a range, or `nil` if not given.
  package static func number(
    _ name: String, _ placeholder: String = "X", in range: ClosedRange<Double>, help: String
  ) -> Option {
    Option(
      name: name, placeholder: placeholder, help: help, defaultValue: nil, defaultText: nil,
      expectation: phrase(range), parse: { decimalNumber($0, in: range).map(Optional.some) })
  }
}

extension Option where Value == String {
  /// Any text but the empty one, such as a file.
  package static func text(
    _ name: String, _ placeholder: String, default value: String, help: String
  ) -> Option {
    Option(
      name: name, placeholder: placeholder, help: help, defaultValue: value, defaultText: value,
      expectation: "a text that is not empty", parse: { $0.isEmpty ? nil : $0 })
  }

  /// One of several names.
  package static func choice(
    _ name: String, _ placeholder: String = "NAME", of choices: [String], default value: String,
    help: String
  ) -> Option {
    guard choices.contains(value) else {
      fatalError("--\(name): \(value) is not among its choices")
    }
    return Option(
      name: name, placeholder: placeholder, help: "\(help): \(list(choices))",
      defaultValue: value, defaultText: value, expectation: list(choices),
      parse: { choices.contains($0) ? $0 : nil })
  }
}

extension Option where Value == String? {
  /// Any text but the empty one, or `nil` if not given.
  package static func text(_ name: String, _ placeholder: String, help: String) -> Option {
    Option(
      name: name, placeholder: placeholder, help: help, defaultValue: nil, defaultText: nil,
      expectation: "a text that is not empty", parse: { $0.isEmpty ? nil : .some($0) })
  }
}

/// An option of whatever type of value, as a command lists it.
package protocol AnyOption: Sendable {
  /// The name without the dashes.
  var name: String { get }
  /// What stands for the value in the help text; `nil` for a flag.
  var placeholder: String? { get }
  /// What the option does.
  var help: String { get }
  /// The explanation with the value if the option is not given.
  var helpWithDefault: String { get }
  /// The value that a text stands for.
  ///
  /// - Throws: `UsageError` that says what the option expects and what was found.
  func value(of text: String) throws(UsageError) -> any Sendable
}

extension Option: AnyOption {
  package var helpWithDefault: String {
    defaultText.map { "\(help) (\($0))" } ?? help
  }

  package func value(of text: String) throws(UsageError) -> any Sendable {
    guard let value = parse(text) else {
      throw UsageError("--\(name) expects \(expectation), found \"\(text)\"")
    }
    return value
  }
}

private func wholeNumber(_ text: String, in range: ClosedRange<Int>) -> Int? {
  Int(text).flatMap { range.contains($0) ? $0 : nil }
}

private func decimalNumber(_ text: String, in range: ClosedRange<Double>) -> Double? {
  Double(text).flatMap { $0.isFinite && range.contains($0) ? $0 : nil }
}

private func phrase(_ range: ClosedRange<Int>) -> String {
  range.upperBound == .max
    ? "a whole number not below \(range.lowerBound)"
    : "a whole number from \(range.lowerBound) to \(range.upperBound)"
}

private func phrase(_ range: ClosedRange<Double>) -> String {
  range.upperBound == .infinity
    ? "a number not below \(short(range.lowerBound))"
    : "a number from \(short(range.lowerBound)) to \(short(range.upperBound))"
}

/// `5` instead of `5.0`.
func short(_ value: Double) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// `one, two or three`.
private func list(_ names: [String]) -> String {
  names.count < 2
    ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
}
