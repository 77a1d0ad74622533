import Distributed
import Tasks
import Training

private let input = Option.text(
  "input", "FILE", help: "inputs line by line; standard input if there are none at all")

let applyCommand = Command(
  "apply", summary: "What a model says to inputs: words of the command, or lines.",
  inputs: "INPUT ...",
  options: applyOptions,
  modelOptions: { $0.allOptions(inUse: true) }
) { arguments, output in
  try ProcessGroup.whileOpen { group in
    Options.apply(threads: arguments, among: group)
    Interrupt.install()
    try recipe(named: arguments.words[0]).apply(
      Array(arguments.words.dropFirst()), arguments, output, group)
  }
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
    try ProcessGroup.whileOpen { group in
      Options.apply(threads: arguments, among: group)
      Interrupt.install()
      var recipe = recipe
      if let path = arguments[Options.weights], let saved = try WeightsFile(path).recipe {
        recipe = try zoo.recipe(named: saved)
      }
      try recipe.apply(arguments.words, arguments, output, group)
    }
  }
}

/// Lines that are answered together.
private let batchSize = 256

extension Recipe {
  /// Prints the answers to inputs, batch by batch. Of a group, rank 0 reads and prints: it alone has
  /// what stands in standard input.
  fileprivate static func apply(
    _ words: [String], _ arguments: Arguments, _ output: Output, _ group: ProcessGroup?
  ) throws {
    var model = try trained(arguments)
    model.group = group
    let isFirst = group?.rank ?? 0 == 0
    if !words.isEmpty, let path = arguments[input] {
      throw UsageError("inputs are given twice: as words and by --input \(path)")
    }
    func answer(_ inputs: [String]) throws {
      let answers = try model.answers(to: inputs)
      for answer in answers where isFirst {
        try output.print(
          arguments[Options.json] ? answer.json.line : "\(answer.input)\t\(answer.text)")
      }
    }
    if !words.isEmpty { return try answer(words) }
    var lines = try LineReader(path: arguments[input])
    func next() throws -> [String] {
      let own = isFirst ? try lines.next(batchSize) : []
      return try group?.broadcast(own) ?? own
    }
    while case let batch = try next(), !batch.isEmpty {
      do {
        try answer(batch)
      } catch let error as InputError {
        guard let index = error.index else { throw error }
        throw TextError(
          file: lines.name, line: lines.count - batch.count + index + 1, problem: error.reason)
      }
    }
  }
}
