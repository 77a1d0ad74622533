import Autograd
import Platform
import Pronunciation
import Seq2Seq
import Tasks
import Training

private let pageOption = Option.text(
  "html", "FILE", default: "tapestry-demo.html", help: "where to write the page")
private let timeOption = Option.number(
  "minutes", "M", in: 0.05...1000, default: 1.5, help: "time after which training ends")

let demoCommand = Command(
  "demo",
  summary: "Trains a model to pronounce English for about a minute and a half, and shows it.",
  options: [pageOption, timeOption, Options.seed, Options.threads]
) { arguments, output in
  Options.apply(threads: arguments)
  try requireWritable(arguments[pageOption])
  Interrupt.install()
  try Demo(
    minutes: arguments[timeOption], seed: UInt64(arguments[Options.seed]),
    page: arguments[pageOption]
  ).run(output)
}

/// The demonstration: the shipped dictionary, a model with additive attention, held-out words.
struct Demo {
  let minutes: Double
  let seed: UInt64
  let page: String

  /// Held-out words; those whose attention is drawn are the first of them of middling length.
  private let heldOutCount = 2000
  private let shownCount = 4

  func run(_ output: Output) throws {
    let lexicon = try Lexicon.cmudict().onlyLettersAndApostrophes()
      .limited(letters: 2...20, phonemes: 1...20)
    let (training, heldOut) = lexicon.split(heldOut: heldOutCount, seed: 0)
    try output.print(
      "Learning to pronounce English: \(training.count) words of CMUdict to learn from, "
        + "\(heldOut.count) others held out, never seen in training.")
    var settings = Pronouncer.Settings()
    settings.training.epochs = nil
    settings.training.minutes = minutes
    settings.training.seed = seed
    var generator = Generator(seed: seed)
    let learnt = TextPairs(training)
    let pronouncer = try Pronouncer(settings, for: learnt, using: &generator)
    var trainer = settings.training.trainer(
      unit: "words", metadata: [:], evaluation: .seconds(15), directory: nil)
    let report = try pronouncer.fit(
      learnt, heldOut: TextPairs(Lexicon(Array(heldOut.pairs.prefix(300)))), with: &trainer)
    if report.end == .interrupted { throw Interrupt.Raised() }
    let score = try pronouncer.score(TextPairs(heldOut))
    let shown = Array(
      heldOut.map(\.word).filter { (6...10).contains($0.count) }.prefix(shownCount))
    let alignments = zip(shown, try pronouncer.said(to: shown, beam: 1)).compactMap {
      word, said in said.flatMap { pronouncer.alignment(word, $0) }
    }
    for alignment in alignments {
      try output.print("\n\(alignment.caption)  \(alignment.outputs.joined(separator: " "))")
      try output.print(alignment.terminal(color: Terminal.hasColor, width: Terminal.width))
    }
    try output.print("\nHeld-out words (no stress marks):")
    try output.print(score)
    try AtomicFile.write(
      htmlPage(pronouncer, report, score, alignments, words: training.count).html, to: page)
    try output.print("The loss curve and the attention of these words: \(page)")
  }

  private func htmlPage(
    _ pronouncer: Pronouncer, _ report: TrainingReport, _ score: Score,
    _ alignments: [AttentionMap], words: Int
  ) -> HTMLReport {
    HTMLReport(
      title: "Tapestry learns to pronounce English",
      introduction:
        "A GRU encoder-decoder with additive attention, trained from nothing on the CMU "
        + "Pronouncing Dictionary, and tested on words that it has never seen.",
      figures: [
        .init(
          "Phoneme error rate", "\(fixed(score.phonemeErrorRate, digits: 2)) %",
          note: "on \(score.words.count) held-out words, no stress marks"),
        .init(
          "Word error rate", "\(fixed(score.wordErrorRate, digits: 2)) %",
          note: "a word is right if it equals any reference"),
        .init(
          "Training", "\(fixed(report.seconds, digits: 0)) s",
          note: "\(report.examples) words seen, \(report.steps) steps"),
        .init(
          "Speed", "\(fixed(Double(report.examples) / report.seconds, digits: 0)) words/s",
          note: "training, evaluations included"),
      ],
      curve: TrainingCurve(
        losses: report.losses.map {
          .init(examples: $0.examples, seconds: $0.seconds, loss: $0.loss)
        },
        evaluations: report.evaluations.map { evaluation in
          .init(
            examples: evaluation.examples, seconds: evaluation.seconds,
            metrics: evaluation.metrics.values.map { .init($0.name, $0.value, unit: "%") })
        }),
      picturesExplanation: Pronouncer.picturesExplanation,
      pictures: Pronouncer.judged(alignments, score), samples: [Pronouncer.samples(of: score)],
      lengthErrors: Pronouncer.lengthErrors(of: score),
      configuration: [
        .init("Score", pronouncer.settings.model.score.rawValue),
        .init("Hidden size", "\(pronouncer.settings.model.hiddenSize)"),
        .init("Embedding size", "\(pronouncer.settings.model.embeddingSize)"),
        .init("Dropout", "\(pronouncer.settings.model.dropout)"),
      ],
      conditions: [
        .init("Training words", "\(words), CMU Pronouncing Dictionary"),
        .init("Parameters", "\(pronouncer.model.parameterCount)"),
        .init("Instruction set", Processor.instructionSet.rawValue),
        .init("Threads", "\(Processor.threadCount)"), .init("Seed", "\(seed)"),
      ])
  }
}
