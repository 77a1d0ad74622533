import Autograd
import Pronunciation
import Seq2Seq
import Training

/// The options that several commands share.
enum Options {
  static let train = Option.text(
    "train", "FILE", help: "word list or CMU dictionary to learn from; the shipped one if absent")
  static let test = Option.text("test", "FILE", help: "word list to be tested on at the end")
  static let epochs = Option.integer(
    "epochs", in: 1...100_000, help: "passes over the training words")
  static let minutes = Option.number(
    "minutes", "M", in: 0.01...100_000, help: "time after which training ends")
  static let batchSize = Option.integer(
    "batch-size", in: 1...65_536, default: 128, help: "words in a training step")
  static let hiddenSize = Option.integer(
    "hidden-size", in: 1...8192, default: 128, help: "extent of the recurrent states")
  static let embeddingSize = Option.integer(
    "embedding-size", in: 1...8192, default: 64, help: "extent of a letter's and phoneme's vector")
  static let score = Option.choice(
    "score", of: ScoreName.allCases.map(\.rawValue), default: "additive",
    help: "which attention the decoder has")
  static let dropout = Option.number(
    "dropout", in: 0...0.95, default: 0.1, help: "rate of dropout")
  static let smoothing = Option.number(
    "label-smoothing", in: 0...0.9, default: 0.1, help: "share of the target spread evenly")
  static let learningRate = Option.number(
    "learning-rate", in: 1e-9...10, default: 4e-3, help: "the largest in the course of training")
  static let seed = Option.integer(
    "seed", in: 0...Int.max, default: 1, help: "what all randomness comes from")
  static let threads = Option.integer(
    "threads", in: 1...1024, help: "threads that share the work; all processors if absent")
  static let directory = Option.text(
    "out", "DIR", default: "zoo-out", help: "where weights and log go")
  static let weights = Option.text(
    "weights", "FILE", help: "weights that `zoo train` has written; the shipped ones if absent")
  static let beam = Option.integer(
    "beam", in: 1...64, default: 1, help: "beginnings followed while decoding; 1 is greedy")
  static let html = Option.text("html", "FILE", help: "where to write a page of the attention")

  /// What every model reads in training.
  static let training: [any AnyOption] = [
    train, test, epochs, minutes, batchSize, seed, threads, directory,
  ]

  /// What some models read in training.
  static var ofModels: [any AnyOption] {
    var names: Set<String> = []
    return catalogue.flatMap(\.options).filter { names.insert($0.name).inserted }
  }

  /// Which model reads which of these.
  static var modelNotes: String {
    "Of these options some are not read by every model:\n\n"
      + table(
        ofModels.map { option in
          let readers = catalogue.filter { $0.options.contains { $0.name == option.name } }
          return ("--\(option.name)", readers.map(\.name).joined(separator: ", "))
        })
  }

  /// Takes `--threads` to heart.
  static func apply(threads arguments: Arguments) {
    if let count = arguments[threads] { Processor.threadCount = count }
  }
}

let trainCommand = Command(
  "train", summary: "Trains a model on a word list.",
  words: .init("MODEL", count: 1...1, help: catalogue.map(\.name).joined(separator: ", ")),
  options: Options.training + Options.ofModels, notes: Options.modelNotes
) { arguments, output in
  let name = arguments.words[0]
  try arguments.check(only: Options.training + catalogueEntry(name).options, of: name)
  Options.apply(threads: arguments)
  Interrupt.install()
  let lexicon = try arguments[Options.train].map { try Lexicon(contentsOf: $0) } ?? .cmudict()
  let test = try arguments[Options.test].map { try Lexicon(contentsOf: $0) }
  var (learnt, heldOut) = try TrainingData(lexicon).parts
  var training = PronunciationTraining()
  training.epochs = arguments[Options.epochs]
  training.minutes = arguments[Options.minutes]
  if training.epochs == nil && training.minutes == nil { training.epochs = 10 }
  training.batchSize = arguments[Options.batchSize]
  training.hiddenSize = arguments[Options.hiddenSize]
  training.embeddingSize = arguments[Options.embeddingSize]
  training.score = ScoreName(rawValue: arguments[Options.score])!
  training.dropout = arguments[Options.dropout]
  training.smoothing = Float(arguments[Options.smoothing])
  training.learningRate = arguments[Options.learningRate]
  training.seed = UInt64(arguments[Options.seed])
  training.directory = arguments[Options.directory]
  if let test { (learnt, heldOut) = (learnt.without(test), heldOut.without(test)) }
  if learnt.isEmpty { throw UsageError("all training words are in the test list") }
  let best = "\(training.directory!)/best.safetensors"
  if name == "seq2seq" {
    let (_, report) = try training.run(learnt, heldOut: heldOut)
    try announce(report, training.directory!, output)
    if report.end == .interrupted { return }
    try output.print(
      Pronouncer(weights: best).score(test ?? heldOut, beam: arguments[Options.beam]))
  } else {
    let letters = Symbols.letters(of: learnt)
    var generator = Generator(seed: training.seed)
    let counter = SyllableCounter(
      name, letters: letters, hiddenSize: training.hiddenSize, using: &generator)
    func examples(_ lexicon: Lexicon) -> [SyllableExample] {
      Syllables.examples(of: lexicon, classes: SyllableCounter.classes)
    }
    let report = try counter.train(examples(learnt), heldOut: examples(heldOut), training)
    try announce(report, training.directory!, output)
    if report.end == .interrupted { return }
    let words = examples(test ?? heldOut)
    let accuracy = try SyllableCounter(weights: best).accuracy(words)
    try output.print("accuracy \(fixed(accuracy, digits: 2)) words \(words.count)")
  }
}

/// One line about a training that has ended.
private func announce(
  _ report: TrainingReport, _ directory: String, _ output: Output
) throws {
  let ending =
    switch report.end {
    case .epochs: "finished"
    case .time: "out of time"
    case .interrupted: "interrupted"
    }
  try output.print(
    "\(ending) after \(report.steps) steps, \(report.examples) words, "
      + "\(fixed(report.seconds, digits: 1)) seconds; weights in \(directory)")
}

/// The words to learn from, and some held out to choose the best weights by.
struct TrainingData {
  let lexicon: Lexicon

  init(_ lexicon: Lexicon) { self.lexicon = lexicon }

  /// A fiftieth of the words, at most 2,000, is held out; of fewer than fifty words one.
  var parts: (learnt: Lexicon, heldOut: Lexicon) {
    get throws {
      if lexicon.count < 2 {
        throw UsageError(
          "\(lexicon.count) word\(lexicon.count == 1 ? " is" : "s are") not enough to train on: "
            + "some are held out")
      }
      let count = Swift.min(2000, Swift.max(1, lexicon.count / 50))
      let split = lexicon.split(heldOut: count, seed: 0)
      return (split.training, split.heldOut)
    }
  }
}
