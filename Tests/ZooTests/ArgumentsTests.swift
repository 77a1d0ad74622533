import Testing
import Training
import zoo

private let hidden = Option.integer("hidden", in: 1...4096, default: 192, help: "hidden size")
private let minutes = Option.number(
  "minutes", "M", in: 0.1...600, default: 5, help: "time to train")
private let train = Option.text("train", "FILE", help: "words to train on")
private let out = Option.text("out", "DIR", default: "run", help: "where to write")
private let threads = Option.integer("threads", in: 1...64, help: "threads")
private let score = Option.choice(
  "score", of: ["dot", "additive", "none"], default: "additive", help: "attention score")
private let quiet = Option.flag("quiet", help: "no progress line")

private let syntax = Syntax(
  command: "zoo train", summary: "Trains a model.",
  words: .init("MODEL", count: 1...1, help: "the model to train"),
  options: [hidden, minutes, train, out, threads, score, quiet])

private func parse(_ line: String...) throws(UsageError) -> Arguments {
  try Arguments(parsing: line, for: syntax)
}

@Suite("Arguments")
struct ArgumentsTests {
  @Test("options are read in both forms, anywhere on the line")
  func options() throws {
    let arguments = try parse(
      "--hidden", "64", "seq2seq", "--minutes=2.5", "--train=a=b", "--quiet", "--score", "dot",
      "--threads", "2")
    #expect(arguments.words == ["seq2seq"])
    #expect(arguments[hidden] == 64)
    #expect(arguments[minutes] == 2.5)
    #expect(arguments[train] == "a=b")
    #expect(arguments[score] == "dot")
    #expect(arguments[threads] == 2)
    #expect(arguments[quiet])
  }

  @Test("what is not given has its default")
  func defaults() throws {
    let arguments = try parse("seq2seq")
    #expect(arguments[hidden] == 192)
    #expect(arguments[minutes] == 5)
    #expect(arguments[train] == nil)
    #expect(arguments[out] == "run")
    #expect(arguments[threads] == nil)
    #expect(arguments[score] == "additive")
    #expect(!arguments[quiet])
    #expect(!arguments.isGiven(hidden))
    #expect(try parse("seq2seq", "--hidden", "192").isGiven(hidden))
  }

  @Test("of an option given twice the last counts")
  func twice() throws {
    #expect(try parse("m", "--hidden", "1", "--hidden", "2")[hidden] == 2)
  }

  @Test("after two dashes every word is positional")
  func dashes() throws {
    #expect(try parse("--", "--hidden").words == ["--hidden"])
    #expect(try parse("-").words == ["-"])
  }

  @Test(
    "a wrong argument is told in one sentence",
    arguments: [
      (["m", "--hiden", "3"], "unknown option --hiden, did you mean --hidden?"),
      (["m", "-hidden", "3"], "unknown option -hidden, did you mean --hidden?"),
      (["m", "--minuets=3"], "unknown option --minuets, did you mean --minutes?"),
      (["m", "--xyzzy"], "unknown option --xyzzy, see `zoo train --help`"),
      (["m", "--hidden"], "--hidden needs a value: --hidden N"),
      (["m", "--out", "--quiet"], "--out needs a value: --out DIR"),
      (["m", "--hidden", "two"], "--hidden expects a whole number from 1 to 4096, found \"two\""),
      (["m", "--hidden", "0"], "--hidden expects a whole number from 1 to 4096, found \"0\""),
      (["m", "--hidden", "-1"], "--hidden expects a whole number from 1 to 4096, found \"-1\""),
      (["m", "--hidden=1.5"], "--hidden expects a whole number from 1 to 4096, found \"1.5\""),
      (["m", "--minutes", "nan"], "--minutes expects a number from 0.1 to 600, found \"nan\""),
      (["m", "--minutes", "1e9"], "--minutes expects a number from 0.1 to 600, found \"1e9\""),
      (["m", "--score", "dott"], "--score expects dot, additive or none, found \"dott\""),
      (["m", "--out="], "--out expects a text that is not empty, found \"\""),
      (["m", "--quiet=yes"], "--quiet takes no value, found \"yes\""),
      (["m", "n"], "superfluous argument \"n\", see `zoo train --help`"),
      ([], "MODEL is missing, see `zoo train --help`"),
    ])
  func wrong(line: [String], sentence: String) {
    #expect(throws: UsageError(sentence)) { try Arguments(parsing: line, for: syntax) }
  }

  @Test("the help text shows every option with its value, meaning and default")
  func help() {
    let lines = syntax.help.split(separator: "\n").map(String.init)
    #expect(lines[0] == "usage: zoo train MODEL [options]")
    #expect(lines.contains("  --hidden N    hidden size (192)"))
    #expect(lines.contains("  --minutes M   time to train (5)"))
    #expect(lines.contains("  --score NAME  attention score: dot, additive or none (additive)"))
    #expect(lines.contains("  --train FILE  words to train on"))
    #expect(lines.contains("  --quiet       no progress line"))
    #expect(lines.contains("  MODEL         the model to train"))
  }

  @Test("long explanations are wrapped at 80 columns")
  func wrapping() {
    let help = String(repeating: "word ", count: 40)
    let text = Syntax(command: "zoo x", summary: "X.", options: [Option.flag("f", help: help)]).help
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(text.split(separator: " ").count { $0.hasPrefix("word") } == 40)
  }
}

@Suite("The program")
struct ProgramTests {
  private struct Broken: Error, CustomStringConvertible {
    var description: String { "words.tsv, line 3: expected a tab" }
  }

  private func run(_ line: String...) -> (status: Int32, printed: String, complaint: String) {
    let program = Program([
      Command("train", summary: "Trains a model.", options: [hidden]) { _, output in
        try output.print("done")
      },
      Command("evaluate", summary: "Evaluates a model.") { _, _ in throw Broken() },
    ])
    var printed = ""
    var complaint = ""
    let status = program.run(
      line, output: Output { printed += $0 }, complain: { complaint += $0 })
    return (status, printed, complaint)
  }

  @Test("a command that succeeds ends with status 0 and says nothing of its own")
  func success() {
    #expect(run("train", "--hidden", "3") == (0, "done\n", ""))
  }

  @Test("what cannot be printed is an error, of results and of help texts")
  func unprintable() {
    struct Full: Error, CustomStringConvertible { let description = "no space" }
    let program = Program([
      Command("train", summary: "Trains a model.") { _, output in try output.print("done") }
    ])
    for line in [["train"], ["--help"], ["train", "--help"], ["help", "train"]] {
      var complaint = ""
      let status = program.run(
        line, output: Output { _ in throw Full() }, complain: { complaint += $0 })
      #expect(status == 2 && complaint == "zoo: no space\n")
    }
  }

  @Test("help about what is not there says so")
  func helplessness() {
    for help in ["help", "--help", "-h"] {
      #expect(
        run(help, "trian") == (2, "", "zoo: unknown command \"trian\", did you mean `zoo train`?\n")
      )
      #expect(run(help, "xyz") == (2, "", "zoo: unknown command \"xyz\", see `zoo --help`\n"))
      #expect(
        run(help, "train", "x") == (2, "", "zoo: superfluous argument \"x\", see `zoo --help`\n"))
    }
  }

  @Test("whatever goes wrong is one line on standard error and status 2")
  func failure() {
    #expect(run() == (2, "", "zoo: expected a command, see `zoo --help`\n"))
    #expect(run("trian") == (2, "", "zoo: unknown command \"trian\", did you mean `zoo train`?\n"))
    #expect(run("fly") == (2, "", "zoo: unknown command \"fly\", see `zoo --help`\n"))
    #expect(
      run("train", "x") == (2, "", "zoo: superfluous argument \"x\", see `zoo train --help`\n"))
    #expect(run("evaluate") == (2, "", "zoo: words.tsv, line 3: expected a tab\n"))
  }

  @Test("help is given for the program and for each command, with status 0")
  func help() {
    #expect(run("--help").status == 0)
    #expect(run("--help").printed.contains("  train     Trains a model.\n"))
    #expect(run("train", "--nonsense", "--help").printed.hasPrefix("usage: zoo train [options]\n"))
    #expect(run("help", "train").printed == run("train", "--help").printed)
  }
}
