import Tasks
import Training

let svgOption = Option.text(
  "svg", "FILE", help: "where to write the picture of a single input")

let explainCommand = Command(
  "explain", summary: "What a model says to inputs, and what it looked at.",
  inputs: "INPUT ...", options: [Options.weights, Options.html, svgOption, Options.threads],
  modelOptions: { $0.allOptions(inUse: true) }
) { arguments, output in
  let inputs = Array(arguments.words.dropFirst())
  if inputs.isEmpty { throw UsageError("explain needs an input, see `zoo explain --help`") }
  if inputs.count > 1, arguments.isGiven(svgOption) {
    throw UsageError("--svg takes the picture of one input, found \(inputs.count)")
  }
  for file in [arguments[Options.html], arguments[svgOption]] {
    if let file { try requireWritable(file) }
  }
  Options.apply(threads: arguments)
  Interrupt.install()
  try recipe(named: arguments.words[0]).explain(inputs, arguments, output)
}

extension Recipe {
  /// Prints the answers with pictures, and writes the files that are asked for.
  ///
  /// - Returns: the answers.
  @discardableResult
  static func explain(
    _ inputs: [String], _ arguments: Arguments, _ output: Output
  ) throws -> [Answer] {
    let model = try trained(arguments)
    let answers = try model.answers(to: inputs)
    let pictures = try model.pictures(of: inputs)
    for (answer, picture) in zip(answers, pictures) {
      try output.print("\(answer.input)\t\(answer.text)")
      guard let picture else { continue }
      try output.print(
        picture.terminal(color: Terminal.hasColor, width: Terminal.width), terminator: "\n\n")
    }
    if let svg = arguments[svgOption] {
      guard let picture = pictures[0] else {
        throw UsageError("this model of \(name) has no attention to be seen")
      }
      try AtomicFile.write(picture.svg(), to: svg)
    }
    if let html = arguments[Options.html] {
      let report = HTMLReport(
        title: "What \(name) looked at", introduction: "\(name): \(task).",
        picturesExplanation: picturesExplanation, pictures: pictures.compactMap { $0 },
        conditions: [.init("Weights", arguments[Options.weights] ?? "shipped")])
      try AtomicFile.write(report.html, to: html)
    }
    return answers
  }
}
