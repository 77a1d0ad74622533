import Training

/// A command of a program: what it accepts and what it does.
package struct Command: Sendable {
  /// The word that calls it.
  package let name: String
  /// What it accepts, whatever the model.
  package let syntax: Syntax
  /// What it accepts for a model.
  let modelSyntax: (@Sendable (any Recipe.Type) -> Syntax)?
  /// What it does; an error that it throws ends the program with one sentence and status 2.
  package let run: @Sendable (Arguments, Output) throws -> Void

  /// A command of the program `zoo`.
  ///
  /// - Parameters:
  ///   - name: the word that calls it.
  ///   - summary: what it does: one sentence.
  ///   - words: the words that it takes.
  ///   - options: the options that it takes, in the order of the help text.
  ///   - notes: what stands below the options in the help text.
  ///   - run: does the work with arguments that were checked, and prints its results.
  package init(
    _ name: String, summary: String, words: Syntax.Words = .none,
    options: [any AnyOption] = [], notes: String = "",
    run: @escaping @Sendable (Arguments, Output) throws -> Void
  ) {
    self.name = name
    self.run = run
    modelSyntax = nil
    syntax = Syntax(
      command: "zoo \(name)", summary: summary, words: words, options: options, notes: notes)
  }
}

extension Command {
  /// A command of the program `zoo` whose first word names a model, which has options of its own.
  ///
  /// - Parameters:
  ///   - inputs: the words that follow the model's name, for the help text; nil for none.
  ///   - options: the options whatever the model.
  ///   - modelOptions: the options of a model.
  init(
    _ name: String, summary: String, inputs: String? = nil,
    options: [any AnyOption],
    modelOptions: @escaping @Sendable (any Recipe.Type) -> [any AnyOption],
    run: @escaping @Sendable (Arguments, Output) throws -> Void
  ) {
    self.name = name
    self.run = run
    let words = Syntax.Words(
      inputs.map { "MODEL \($0)" } ?? "MODEL", count: 1...(inputs == nil ? 1 : 10_000),
      help: catalogue.map { $0.name }.joined(separator: ", "))
    syntax = Syntax(
      command: "zoo \(name)", summary: summary, words: words, options: options,
      notes: "A model has further options: `zoo \(name) MODEL --help` tells them.\n")
    let known = Set(catalogue.flatMap { $0.allOptions(inUse: false) }.map(\.name))
    modelSyntax = { recipe in
      var syntax = Syntax(
        command: "zoo \(name)", summary: "\(summary) \(recipe.name): \(recipe.task).",
        words: words, options: modelOptions(recipe) + options)
      syntax.refused = (known, recipe.name)
      return syntax
    }
  }

  /// What the command accepts, given the words after it.
  func syntax(for words: [String]) throws(UsageError) -> Syntax {
    guard let modelSyntax else { return syntax }
    let names = catalogue.map { $0.name }
    if let first = words.first, !first.hasPrefix("-") {
      return modelSyntax(try recipe(named: first))
    }
    // Options may stand before the model.
    guard let name = words.first(where: { names.contains($0) }) else { return syntax }
    return modelSyntax(try recipe(named: name))
  }
}

/// The program: finds the command that the first argument names, checks the others and runs it.
package struct Program: Sendable {
  /// The commands in the order of the help text.
  package let commands: [Command]

  /// A program with these commands.
  package init(_ commands: [Command]) {
    self.commands = commands
  }

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - arguments: the words after the program's name.
  ///   - output: receives help texts and results.
  ///   - complain: receives the one line of an error.
  /// - Returns: the exit status: 0, or 2 for whatever was thrown.
  package func run(
    _ arguments: [String], output: Output, complain: (String) -> Void
  ) -> Int32 {
    do {
      guard let name = arguments.first else {
        throw UsageError("expected a command, see `zoo --help`")
      }
      if ["--help", "-h", "help"].contains(name) {
        try output.print(help(about: Array(arguments.dropFirst())), terminator: "")
        return 0
      }
      let command = try command(name)
      let rest = Array(arguments.dropFirst())
      let asksHelp = rest.prefix(while: { $0 != "--" }).contains { $0 == "--help" || $0 == "-h" }
      let syntax = try command.syntax(for: rest)
      // Help is given whatever else the line says, up to the word that ends the options.
      if asksHelp {
        try output.print(syntax.help, terminator: "")
        return 0
      }
      try command.run(Arguments(parsing: rest, for: syntax), output)
      return 0
    } catch {
      complain("zoo: \((error as? WeightsError)?.sentence ?? "\(error)")\n")
      return 2
    }
  }

  private func command(_ name: String) throws(UsageError) -> Command {
    if let command = commands.first(where: { $0.name == name }) { return command }
    let nearest = nearestName(to: name, among: commands.map(\.name))
    let hint = nearest.map { "did you mean `zoo \($0)`?" } ?? "see `zoo --help`"
    throw UsageError("unknown command \"\(name)\", \(hint)")
  }

  /// The help text of the command that the words name, or of the program if there are none.
  private func help(about words: [String]) throws(UsageError) -> String {
    if words.count > 1 {
      throw UsageError("superfluous argument \"\(words[1])\", see `zoo --help`")
    }
    if let name = words.first { return try command(name).syntax.help }
    return "usage: zoo COMMAND [options]\n\n"
      + table(commands.map { ($0.name, $0.syntax.summary) })
      + "\n`zoo COMMAND --help` explains a command.\n"
  }
}
