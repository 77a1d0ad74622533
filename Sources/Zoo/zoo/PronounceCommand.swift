import Tasks
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

let pronounceCommand = Command(
  "pronounce", summary: "Says how words are pronounced, and what the model looked at.",
  words: .init("WORD", count: 1...10_000, help: "words to pronounce"),
  options: [Options.weights, Options.html, Options.beam, Options.threads]
) { arguments, output in
  Options.apply(threads: arguments)
  if let html = arguments[Options.html] { try requireWritable(html) }
  let path = arguments[Options.weights] ?? ShippedWeights.path
  let pronouncer = try Pronouncer(weights: path)
  let words = arguments.words.map { $0.lowercased() }
  if words.contains("") { throw UsageError("an empty word has no pronunciation") }
  let hypotheses = try pronouncer.pronounce(words, beam: arguments[Options.beam])
  var alignments: [AttentionMap] = []
  for (word, hypothesis) in zip(words, hypotheses) {
    try output.print(
      "\(word)\t\(pronouncer.phonemes.decode(hypothesis.symbols).joined(separator: " "))")
    guard let alignment = pronouncer.alignment(word, hypothesis) else { continue }
    try output.print(
      alignment.terminal(color: Terminal.hasColor, width: Terminal.width), terminator: "\n\n")
    alignments.append(alignment)
  }
  if let html = arguments[Options.html] {
    let report = HTMLReport(
      title: "Pronunciations", introduction: "What the model looked at, letter by letter.",
      picturesExplanation: Explanation.letters, pictures: alignments,
      conditions: [.init("Weights", path)])
    try AtomicFile.write(report.html, to: html)
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
