import Training

private let input = Option.text(
  "input", "FILE", help: "inputs line by line; standard input if there are none at all")

let applyCommand = Command(
  "apply", summary: "What a model says to inputs: words of the command, or lines.",
  inputs: "INPUT ...",
  options: applyOptions,
  modelOptions: { $0.allOptions(inUse: true) }
) { arguments, output in
  Options.apply(threads: arguments)
  Interrupt.install()
  try recipe(named: arguments.words[0]).apply(
    Array(arguments.words.dropFirst()), arguments, output)
}

/// The options of what applies a model.
let applyOptions: [any AnyOption] = [Options.weights, input, Options.json, Options.threads]

/// A short name of `zoo apply` for models of a kind.
///
/// - Parameters:
///   - name: the word that calls it.
///   - summary: what it does: one sentence.
///   - recipe: whose shipped weights answer, where no file is named; a file tells itself whose
///     weights it holds.
func shortCommand(_ name: String, summary: String, _ recipe: any Recipe.Type) -> Command {
  Command(
    name, summary: summary,
    words: .init("INPUT", count: 0...10_000, help: "as of `zoo apply \(recipe.name)`"),
    options: applyOptions
  ) { arguments, output in
    Options.apply(threads: arguments)
    Interrupt.install()
    var recipe = recipe
    if let path = arguments[Options.weights], let saved = try WeightsFile(path).recipe {
      recipe = try zoo.recipe(named: saved)
    }
    try recipe.apply(arguments.words, arguments, output)
  }
}

/// Inputs that are answered together.
private let batchSize = 256

extension Recipe {
  /// Prints the answers to inputs, batch by batch.
  fileprivate static func apply(
    _ words: [String], _ arguments: Arguments, _ output: Output
  ) throws {
    let model = try trained(arguments)
    if !words.isEmpty, let path = arguments[input] {
      throw UsageError("inputs are given twice: as words and by --input \(path)")
    }
    var lines = words.isEmpty ? Lines(path: arguments[input]) : Lines(words)
    var number = 0
    while case let batch = try lines.next(batchSize), !batch.isEmpty {
      let answers: [Answer]
      do {
        answers = try model.answers(to: batch)
      } catch let error as InputError {
        guard words.isEmpty, let index = error.index else { throw error }
        throw UsageError(
          "\(arguments[input] ?? "standard input"), line \(number + index + 1): \(error.reason)")
      }
      number += batch.count
      for answer in answers {
        try output.print(
          arguments[Options.json] ? answer.json.line : "\(answer.input)\t\(answer.text)")
      }
    }
  }
}

/// Inputs as they come.
private struct Lines {
  private var words: ArraySlice<String> = []
  private let path: String?
  private let readsStandardInput: Bool

  init(_ words: [String]) {
    self.words = words[...]
    path = nil
    readsStandardInput = false
  }

  init(path: String?) {
    self.path = path
    readsStandardInput = path == nil
    isUnread = path != nil
  }

  private var isUnread = false

  /// The next inputs, at most so many; none at the end.
  mutating func next(_ count: Int) throws -> [String] {
    if isUnread {
      isUnread = false
      let text = String(decoding: try readFile(path!), as: UTF8.self)
      words =
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .map(String.init)[...]
      if words.last == "" { words.removeLast() }
    }
    if readsStandardInput {
      var lines: [String] = []
      while lines.count < count, let line = readLine() { lines.append(line) }
      return lines
    }
    defer { words = words.dropFirst(count) }
    return Array(words.prefix(count))
  }
}
