import Pronunciation
import Training

let hypothesesOption = Option.text(
  "hypotheses", "FILE", help: "where to write what the model says, WORD<TAB>PH PH")

let evaluateCommand = Command(
  "evaluate", summary: "Error rates of trained weights on a word list.",
  options: [
    Options.weights, Options.test, hypothesesOption, Options.beam, Options.threads,
  ]
) { arguments, output in
  guard let test = arguments[Options.test] else {
    throw UsageError("evaluate needs a word list: --test FILE")
  }
  if let hypotheses = arguments[hypothesesOption] { try requireWritable(hypotheses) }
  Options.apply(threads: arguments)
  Interrupt.install()
  let lexicon = try Lexicon(contentsOf: test)
  let path = arguments[Options.weights] ?? ShippedWeights.path
  let model = try SafeTensors(contentsOf: path).metadata[Pronouncer.Key.model]
  if model != Pronouncer.Key.name {
    try arguments.check(
      only: [Options.weights, Options.test, Options.threads],
      of: "evaluate with weights of \(model ?? "another model")")
    let examples = Syllables.examples(of: lexicon, classes: SyllableCounter.classes)
    let accuracy = try SyllableCounter(weights: path).accuracy(examples)
    try output.print("accuracy \(fixed(accuracy, digits: 2)) words \(examples.count)")
    return
  }
  let score = try Pronouncer(weights: path).score(lexicon, beam: arguments[Options.beam])
  if let hypotheses = arguments[hypothesesOption] {
    try AtomicFile.write(score.hypothesesText, to: hypotheses)
  }
  try output.print(score)
}
