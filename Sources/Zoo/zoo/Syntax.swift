/// What a command accepts, declared once: its help text and the check of its arguments.
package struct Syntax: Sendable {
  /// The words of a command that are no options.
  package struct Words: Sendable {
    /// How the help text shows them, such as `MODEL` or `WORD ...`.
    package let placeholder: String
    /// How many there must be.
    package let count: ClosedRange<Int>
    /// What they are: a phrase without a full stop.
    package let help: String

    /// Words of this many.
    package init(_ placeholder: String, count: ClosedRange<Int>, help: String) {
      self.placeholder = placeholder
      self.count = count
      self.help = help
    }

    /// No words at all.
    package static let none = Words("", count: 0...0, help: "")
  }

  /// The command as it is typed, such as `zoo train`.
  package let command: String
  /// What the command does: one sentence.
  package let summary: String
  /// The words that it takes.
  package let words: Words
  /// The options that it takes, in the order of the help text.
  package let options: [any AnyOption]
  /// What stands below the options in the help text.
  package let notes: String
  /// Options that are known, but not to who reads this line, with the reader's name.
  package var refused: (names: Set<String>, reader: String) = ([], "")

  /// The declaration of a command.
  package init(
    command: String, summary: String, words: Words = .none, options: [any AnyOption] = [],
    notes: String = ""
  ) {
    guard Set(options.map(\.name)).count == options.count else {
      fatalError("\(command) declares an option twice")
    }
    self.command = command
    self.summary = summary
    self.words = words
    self.options = options
    self.notes = notes
  }

  /// What `--help` prints.
  package var help: String {
    let usage = [command, words.placeholder, "[options]"].filter { !$0.isEmpty }
    var rows = options.map { option in
      ("--\(option.name)" + (option.placeholder.map { " \($0)" } ?? ""), option.helpWithDefault)
    }
    rows.append(("--help", "print this text"))
    if !words.placeholder.isEmpty {
      rows.insert((words.placeholder, words.help), at: 0)
    }
    return "usage: \(usage.joined(separator: " "))\n\n\(summary)\n\n\(table(rows))"
      + (notes.isEmpty ? "" : "\n\(notes)")
  }

  func option(writtenAs written: String) throws(UsageError) -> any AnyOption {
    if written.hasPrefix("--"), let option = options.first(where: { "--\($0.name)" == written }) {
      return option
    }
    if written.hasPrefix("--"), refused.names.contains(String(written.dropFirst(2))) {
      throw UsageError("\(refused.reader) takes no \(written), see `\(command) --help`")
    }
    // `-hidden` and `-h` are near `--hidden` and `--help`; compare what follows the dashes.
    let name = String(written.drop { $0 == "-" })
    if let nearest = nearestName(to: name, among: options.map(\.name) + ["help"]) {
      throw UsageError("unknown option \(written), did you mean --\(nearest)?")
    }
    throw UsageError("unknown option \(written), see `\(command) --help`")
  }

  /// The value after an option. A word that begins with two dashes is no value, so that
  /// `--out --seed 3` is told as a missing value; `-1` is one, and `--out=--seed` can be written.
  func nextValue(from rest: inout ArraySlice<String>) -> String? {
    guard let next = rest.first, !next.hasPrefix("--") else { return nil }
    return rest.popFirst()
  }

  func check(_ found: [String]) throws(UsageError) {
    if found.count > words.count.upperBound {
      let superfluous = found[words.count.upperBound]
      throw UsageError("superfluous argument \"\(superfluous)\", see `\(command) --help`")
    }
    if found.count < words.count.lowerBound {
      throw UsageError("\(words.placeholder) is missing, see `\(command) --help`")
    }
  }
}

/// Two columns, the right one wrapped at 80 characters where the left one leaves room for it.
package func table(_ rows: [(String, String)]) -> String {
  let indent = 2
  let gap = 2
  let left = rows.map(\.0.count).max() ?? 0
  let right = max(80 - indent - left - gap, 20)
  var text = ""
  for (name, help) in rows {
    var lines = [""]
    for word in help.split(separator: " ") {
      if !lines[lines.count - 1].isEmpty, lines[lines.count - 1].count + 1 + word.count > right {
        lines.append("")
      }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    for (index, line) in lines.enumerated() {
      let label = index == 0 ? name : ""
      let padding = String(repeating: " ", count: left - label.count + gap)
      text += String(repeating: " ", count: indent) + label + padding + line + "\n"
    }
  }
  return text
}
