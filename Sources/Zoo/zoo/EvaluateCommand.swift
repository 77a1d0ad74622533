import Distributed
import Training

let hypothesesOption = Option.text(
  "hypotheses", "FILE", help: "where to write what the model says: a line an example")

let evaluateCommand = Command(
  "evaluate", summary: "How good trained weights are, on test data.",
  options: [Options.weights, hypothesesOption, Options.json, Options.threads],
  modelOptions: { $0.allOptions(inUse: true) }
) { arguments, output in
  if let hypotheses = arguments[hypothesesOption] { try requireWritable(hypotheses) }
  try ProcessGroup.whileOpen { group in
    Options.apply(threads: arguments, among: group)
    Interrupt.install()
    try recipe(named: arguments.words[0]).evaluate(arguments, output, group)
  }
}

extension Recipe {
  /// The weights that the arguments mean: `--weights`, or the shipped ones.
  static func weightsFile(_ arguments: Arguments) throws -> WeightsFile {
    guard let path = arguments[Options.weights] ?? shippedWeights else {
      throw UsageError("no weights of \(name) ship with zoo; name a file: --weights FILE")
    }
    return try WeightsFile(path)
  }

  /// The model that the arguments mean, as they use it.
  static func trained(_ arguments: Arguments) throws -> Self {
    try Self(file: weightsFile(arguments), arguments: arguments)
  }

  fileprivate static func evaluate(
    _ arguments: Arguments, _ output: Output, _ group: ProcessGroup?
  ) throws {
    var model = try trained(arguments)
    model.group = group
    guard let test = try testExamples(model.settings) else {
      throw UsageError("\(name) has no test data of its own; name a file: --test FILE")
    }
    let scores = try model.scores(on: test)
    let hypotheses = try arguments[hypothesesOption].map { (try model.hypotheses(on: test), $0) }
    guard group?.rank ?? 0 == 0 else { return }
    if let (text, path) = hypotheses { try AtomicFile.write(text, to: path) }
    try output.print(scores, asJSON: arguments[Options.json], with: ["model": .string(name)])
  }
}
