import Seq2Seq
import Tasks
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

private let beam = Option.integer(
  "beam", in: 1...64, default: 1, help: "beginnings followed while decoding; 1 is greedy")

let pronounceCommand = Command(
  "pronounce", summary: "Says how words are pronounced, and what the model looked at.",
  words: .init("WORD", count: 1...10_000, help: "words to pronounce"),
  options: [Options.weights, Options.html, beam, Options.threads]
) { arguments, output in
  Options.apply(threads: arguments)
  if let html = arguments[Options.html] { try requireWritable(html) }
  let pronouncer = try Pronouncer.trained(arguments)
  let words = arguments.words.map { $0.lowercased() }
  // Refuses what has no answer.
  _ = try pronouncer.checked(words)
  let hypotheses = try pronouncer.hypotheses(words, beam: arguments[beam])
  var alignments: [AttentionMap] = []
  for case (let word, let hypothesis?) in zip(words, hypotheses) {
    try output.print("\(word)\t\(pronouncer.targetCodec.text(hypothesis.symbols))")
    guard let alignment = pronouncer.alignment(word, hypothesis) else { continue }
    try output.print(
      alignment.terminal(color: Terminal.hasColor, width: Terminal.width), terminator: "\n\n")
    alignments.append(alignment)
  }
  if let html = arguments[Options.html] {
    let report = HTMLReport(
      title: "Pronunciations", introduction: "What the model looked at, letter by letter.",
      picturesExplanation: Explanation.letters, pictures: alignments,
      conditions: [.init("Weights", arguments[Options.weights] ?? "shipped")])
    try AtomicFile.write(report.html, to: html)
  }
}

/// The recipe of the weights that `zoo pronounce` reads.
typealias Pronouncer = EncoderDecoder<Seq2Seq<Float>>

extension EncoderDecoder {
  /// What the model looked at while it said a word; nil for a model without attention.
  func alignment(_ word: String, _ hypothesis: Seq2SeqHypothesis) -> AttentionMap? {
    hypothesis.weights.isEmpty
      ? nil
      : AttentionMap(
        sources: sourceCodec.tokens(of: word), outputs: targetCodec.tokens(hypothesis.symbols),
        weights: hypothesis.weights, caption: word)
  }
}

/// What a page says about its pictures.
enum Explanation {
  static let letters =
    "Each row is a phoneme as it is said; colour marks the letters it looks at."
}

/// Says at once, not after the work, that a file cannot be written.
func requireWritable(_ path: String) throws {
  var status = stat()
  let exists = stat(path, &status) == 0
  if exists, status.st_mode & S_IFMT == S_IFDIR {
    throw FileError(path: path, attempt: .replace, reason: String(cString: strerror(EISDIR)))
  }
  let isDevice = exists && status.st_mode & S_IFMT != S_IFREG
  // A file is written beside the old one, a device itself.
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
  if access(isDevice ? path : folder, W_OK) != 0 {
    throw FileError(path: path, attempt: .create, reason: String(cString: strerror(errno)))
  }
}

/// What standard output can show.
enum Terminal {
  /// Whether it is a terminal that shows colours.
  static var hasColor: Bool {
    isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
      && getenv("TERM").map { String(cString: $0) } != "dumb"
  }

  /// The columns of the terminal; 80 where there is none that tells.
  static var width: Int {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }
}
