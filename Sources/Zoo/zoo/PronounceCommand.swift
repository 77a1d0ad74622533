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

let pronounceCommand = Command(
  "pronounce", summary: "Says how words are pronounced, and what the model looked at.",
  words: .init("WORD", count: 1...10_000, help: "words to pronounce"),
  options: [Options.weights, Options.html, svgOption, speakOption, wavOption, Options.threads]
    + Pronouncer.usedOptions.map(\.option).filter { $0.name == "beam" }
) { arguments, output in
  for file in [arguments[Options.html], arguments[wavOption]] {
    if let file { try requireWritable(file) }
  }
  Options.apply(threads: arguments)
  let said = try Pronouncer.explain(arguments.words, arguments, output)
  if arguments[speakOption] || arguments[wavOption] != nil {
    try Speaker(file: arguments[wavOption]).say(said.map { WordTokenizer().tokens(of: $0.text) })
  }
}

private let speakOption = Option.flag("speak", help: "says the words through espeak-ng")
private let wavOption = Option.text("wav", "FILE", help: "where espeak-ng writes what it says")

/// The recipe of the weights that `zoo pronounce` reads.
typealias Pronouncer = EncoderDecoder<Seq2Seq<Float>>

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
