import Platform
import Seq2Seq
import Tasks
import Training

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
  let status = try? FileSystem.status(of: path)
  if status?.kind == .directory { throw FileError(path: path, attempt: .replace, .isDirectory) }
  // A file is written beside the old one, a device itself.
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
  try FileError.wrapping(path, .create) { () throws(SystemError) in
    try FileSystem.checkWritable(status?.kind == .other ? path : folder)
  }
}

/// What standard output can show.
enum Terminal {
  /// Whether it is a terminal that shows colours.
  static var hasColor: Bool {
    StandardStream.output.isTerminal && EnvironmentVariables["NO_COLOR"] == nil
      && EnvironmentVariables["TERM"] != "dumb"
  }

  /// The columns of the terminal; 80 where there is none that tells.
  static var width: Int { StandardStream.output.columns ?? 80 }
}
