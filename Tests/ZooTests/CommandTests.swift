import Foundation
import Pretrained
import Pronunciation
import Testing
import Training
import zoo

/// The commands as they are typed. Whatever goes wrong is one sentence on standard error and
/// status 2, and nothing that was there before is touched.
@Suite final class CommandTests: FolderTests {
  /// Status, and the one line of complaint; the line is checked here.
  private func outcome(_ line: String...) -> (status: Int32, complaint: String) { outcome(line) }

  private func outcome(_ line: [String]) -> (status: Int32, complaint: String) {
    let (status, _, complaint) = run(line)
    if status != 0 {
      #expect(complaint.hasPrefix("zoo: "))
      #expect(complaint.hasSuffix("\n"))
      #expect(complaint.count { $0 == "\n" } == 1)
    }
    return (status, complaint)
  }

  // MARK: Wrong arguments

  @Test func `an unknown model is named, with the nearest known one`() {
    let near = outcome("train", "seq2sqe", "--out", path("out"))
    #expect(near == (2, "zoo: there is no model \"seq2sqe\"; did you mean \"seq2seq\"?\n"))
    let far = outcome("train", "elephant", "--out", path("out"))
    #expect(far == (2, "zoo: there is no model \"elephant\"; see `zoo list`\n"))
    #expect(!FileManager.default.fileExists(atPath: path("out")))
  }

  @Test(arguments: [
    ("simple-rnn", "--score dot"), ("simple-rnn", "--beam 2"),
    ("simple-rnn", "--embedding-size 64"),
    ("attention-rnn", "--score additive"), ("attention-rnn", "--merges 5"),
    ("seq2seq", "--noise 0.5"), ("seq2seq", "--directions both"),
  ])
  func `an option that a model does not read is refused, even with its default value`(
    model: String, option: String
  ) throws {
    let words = try file("words", words)
    let name = option.prefix { $0 != " " }
    let result = outcome(
      ["train", model, "--data", words, "--out", path("out")]
        + option.split(separator: " ").map(String.init))
    #expect(result == (2, "zoo: \(model) takes no \(name), see `zoo train --help`\n"))
    #expect(!FileManager.default.fileExists(atPath: path("out")))
  }

  @Test func `the help text of a model's training has its options with its defaults`() throws {
    var help = ""
    let program = Program(allCommands)
    #expect(
      program.run(
        ["train", "simple-rnn", "--help"], output: Output { help += $0 }, complain: { _ in }) == 0)
    #expect(help.hasPrefix("usage: zoo train MODEL [options]\n"))
    #expect(help.contains("  --hidden-size N       extent of the recurrent states (128)\n"))
    #expect(help.contains("  --noise X "))
    #expect(!help.contains("--score") && !help.contains("--beam"))
    // What every model has is not lost among them.
    #expect(help.contains("  --resume DIR "))
  }

  @Test func `evaluate needs a word list`() {
    #expect(
      outcome("evaluate", "seq2seq")
        == (2, "zoo: seq2seq has no test data of its own; name a file: --test FILE\n"))
    #expect(outcome("evaluate").complaint.contains("MODEL is missing"))
  }

  @Test func `export writes a graph, of a decoder two, with what the weights file says`() throws {
    let one = run("export", "attention-rnn", "--onnx", path("one.onnx"))
    #expect(one == (0, "\(path("one.onnx"))\n", ""))
    let graph = try bytes("one.onnx")
    for text in ["attention.attention.weight", "vowels", "classes"] {
      #expect(graph.range(of: Data(text.utf8)) != nil, "\(text)")
    }
    let two = run("export", "seq2seq", "--onnx", path("two.onnx"))
    #expect(two == (0, "\(path("two.encoder.onnx"))\n\(path("two.step.onnx"))\n", ""))
    #expect(try bytes("two.step.onnx").range(of: Data("next.hidden".utf8)) != nil)
    #expect(
      outcome("export", "seq2seq") == (2, "zoo: export needs a file: --onnx FILE\n"))
    #expect(
      outcome("export", "speech", "--onnx", path("three.onnx")).complaint.contains("--weights FILE")
    )
  }

  // MARK: Word lists

  @Test(arguments: ["--data", "--test"])
  func `a missing word list is named`(option: String) throws {
    let words = try file("words", words)
    let result = outcome("train", "seq2seq", "--data", words, option, path("none"))
    #expect(result.status == 2)
    #expect(result.complaint.contains("\(path("none")): expected a word list, found no such file"))
  }

  @Test func `a malformed word list is named with its line`() throws {
    let list = try file("list", "cat\tK AE T\ndog D AO G\n")
    for result in [
      outcome("train", "seq2seq", "--data", list, "--out", path("out")),
      outcome("evaluate", "seq2seq", "--test", list),
    ] {
      #expect(result.status == 2)
      #expect(result.complaint.hasPrefix("zoo: \(list), line 2: expected "))
      #expect(result.complaint.contains("dog D AO G"))
    }
    #expect(!FileManager.default.fileExists(atPath: path("out")))
  }

  @Test func `an empty word list is named`() throws {
    let list = try file("list", "\n\n")
    for result in [
      outcome("train", "simple-rnn", "--task", "syllables", "--data", list, "--out", path("out")),
      outcome("evaluate", "seq2seq", "--test", list),
    ] {
      #expect(result.status == 2)
      #expect(result.complaint.contains("\(list): expected at least one word"))
    }
    #expect(!FileManager.default.fileExists(atPath: path("out")))
  }

  @Test func `one word is too few, and so are words that are all tested`() throws {
    let one = try file("one", "cat\tK AE T\n")
    #expect(outcome("train", "seq2seq", "--data", one).complaint.contains("1 word is not enough"))
    let words = try file("words", words)
    let all = outcome("train", "seq2seq", "--data", words, "--test", words, "--out", path("out"))
    #expect(all == (2, "zoo: all training words are in the test list\n"))
    #expect(!FileManager.default.fileExists(atPath: path("out")))
  }

  // MARK: Directories

  @Test(arguments: ["seq2seq", "simple-rnn"])
  func `a directory that cannot be written to is told before the training`(
    model: String
  ) throws {
    // A file in the directory's place refuses everybody, be it the superuser.
    let blocked = try file("blocked", "mine")
    let words = try file("words", words)
    for out in [blocked, "\(blocked)/out"] {
      let task = model == "seq2seq" ? "pronunciation" : "syllables"
      let result = outcome(
        "train", model, "--task", task, "--data", words, "--epochs", "100000", "--out", out)
      #expect(result.status == 2)
      #expect(result.complaint.contains(blocked))
    }
    #expect(try text("blocked") == "mine")
  }

  @Test func `a page that cannot be written is told before the demonstration`() throws {
    let blocked = try file("blocked", "mine")
    let result = outcome("demo", "--html", "\(blocked)/page.html")
    #expect(result.status == 2)
    #expect(result.complaint.contains(blocked))
    #expect(try text("blocked") == "mine")
  }

  @Test(arguments: ["evaluate seq2seq --test none --hypotheses", "pronounce ape --html"])
  func `a file that cannot be written is told before the work`(line: String) throws {
    let blocked = try file("blocked", "mine")
    for target in ["\(blocked)/result", folder.path] {
      // The weights are not there either, which would be found next.
      let words = line.split(separator: " ").map(String.init)
      let result = outcome(words + [target, "--weights", path("no weights")])
      #expect(result.status == 2)
      #expect(result.complaint.contains(target) && !result.complaint.contains("no weights"))
    }
    #expect(try text("blocked") == "mine")
  }

  @Test func `a training that cannot begin leaves older weights as they are`() throws {
    try FileManager.default.createDirectory(
      atPath: path("out"), withIntermediateDirectories: false)
    _ = try file("out/best.safetensors", "older weights")
    #expect(
      outcome("train", "seq2seq", "--data", path("none"), "--out", path("out")).status == 2)
    #expect(try text("out/best.safetensors") == "older weights")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: path("out")) == ["best.safetensors"])
  }

  // MARK: Weights

  @Test func `a weights file that is cut off is told with its position`() throws {
    let whole = SafeTensors(tensors: ["bias": .init([0.5, 1.5] as [Float], shape: [2])])
    let bytes = whole.serialized()
    try whole.write(to: path("whole"))
    #expect(outcome("inspect", path("whole")).status == 0)
    for length in [0, 4, 20, bytes.count - 1] {
      try Data(bytes.prefix(length)).write(to: URL(fileURLWithPath: path("cut")))
      for result in [
        outcome("inspect", path("cut")), outcome("pronounce", "cat", "--weights", path("cut")),
      ] {
        #expect(result.status == 2)
        #expect(result.complaint.contains("\(path("cut"))"))
        #expect(result.complaint.contains("expected"))
      }
    }
  }

  @Test func `a weights file that is not there is named`() throws {
    let words = try file("words", words)
    for result in [
      outcome("inspect", path("none")), outcome("pronounce", "cat", "--weights", path("none")),
      outcome("evaluate", "seq2seq", "--test", words, "--weights", path("none")),
    ] {
      #expect(result.status == 2)
      #expect(result.complaint.contains(path("none")))
    }
  }

  @Test func `inspect lists tensors of all types, known or not`() throws {
    let header =
      #"{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},"#
      + #""b":{"dtype":"I8","shape":[3],"data_offsets":[2,5]},"#
      + #""c":{"dtype":"F3","shape":[2,4],"data_offsets":[5,8]},"__metadata__":null}"#
    let length = [UInt8(truncatingIfNeeded: header.utf8.count), 0, 0, 0, 0, 0, 0, 0]
    try Data(length + header.utf8 + (0..<8)).write(to: URL(fileURLWithPath: path("types")))
    var printed = ""
    let status = Program([inspectCommand]).run(
      ["inspect", path("types")], output: Output { printed += $0 }, complain: { _ in })
    #expect(status == 0)
    #expect(printed == "  a  F8_E4M3 [2]\n  b  I8 [3]\n  c  F3 [2, 4]\n3 tensors, 13 numbers\n")
  }

  @Test func `a configuration with a key that nothing reads is refused`() throws {
    let whole = try SafeTensors(contentsOf: #require(Pretrained.path(of: "seq2seq")))
    for (key, text) in [("settings", "{\"layers\":2,"), ("settings", "{")] {
      var file = whole
      file.metadata[key] = text + file.metadata[key]!.dropFirst()
      try file.write(to: path("other"))
      let result = outcome("pronounce", "cat", "--weights", path("other"))
      #expect((result.status == 2) == text.contains("layers"))
      if result.status == 2 {
        #expect(result.complaint.hasSuffix("it has a key 'layers' that is not known\n"))
      }
    }
  }

  @Test func `settings that claim more than the file holds are refused`() throws {
    var file = try SafeTensors(contentsOf: #require(Pretrained.path(of: "seq2seq")))
    let settings = try #require(file.metadata["settings"])
    file.metadata["settings"] = settings.replacing(
      /"hiddenSize":\d+/, with: "\"hiddenSize\":1000000")
    try file.write(to: path("claims"))
    let result = outcome("pronounce", "cat", "--weights", path("claims"))
    #expect(result.status == 2 && result.complaint.contains("has the shape"))
  }

  @Test func `weights of something else are refused`() throws {
    let other = SafeTensors(
      metadata: ["model": "elephant"],
      tensors: ["bias": .init([0.5, 1.5] as [Float], shape: [2])])
    try other.write(to: path("other"))
    let words = try file("words", words)
    for result in [
      outcome("pronounce", "cat", "--weights", path("other")),
      outcome("evaluate", "seq2seq", "--test", words, "--weights", path("other")),
    ] {
      #expect(result.status == 2)
      #expect(result.complaint.contains("\(path("other")): its metadata \"model\""))
    }
  }

  // MARK: A whole round

  @Test func `without weights of one's own the shipped ones are used`() throws {
    #expect(outcome("pronounce", "tapestry", "--html", path("page.html")) == (0, ""))
    #expect(try text("page.html").contains("tapestry"))
  }

  @Test func `what train has written, evaluate, pronounce and inspect can read`() throws {
    let words = try file("words", words)
    let weights = path("out/best.safetensors")
    let trained = outcome(
      "train", "seq2seq", "--data", words, "--epochs", "2", "--hidden-size", "4",
      "--embedding-size", "3", "--out", path("out"))
    #expect(trained == (0, ""))
    #expect(try text("out/log.csv").split(separator: "\n").count > 1)
    #expect(
      outcome(
        "evaluate", "seq2seq", "--test", words, "--weights", weights, "--hypotheses",
        path("hypotheses"))
        == (0, ""))
    let hypotheses = try text("hypotheses").split(separator: "\n")
    #expect(
      hypotheses.map { String($0.prefix { $0 != "\t" }) }.sorted() == [
        "act", "cat", "catta", "tact",
      ])
    #expect(
      outcome("pronounce", "cat", "--weights", weights, "--html", path("page.html")) == (0, ""))
    // What two epochs have taught may be to say nothing; the page is there all the same.
    #expect(try text("page.html").contains("<title>What seq2seq looked at</title>"))
    #expect(outcome("inspect", weights) == (0, ""))
    // A letter that the model has never seen.
    let unknown = outcome("pronounce", "zebra", "--weights", weights)
    #expect(unknown.status == 2)
    #expect(unknown.complaint.contains("zebra"))
  }

  @Test(arguments: ["simple-rnn", "attention-rnn"])
  func `the models of article 000 train and are evaluated`(model: String) throws {
    let words = try file("words", words)
    let weights = path("out/best.safetensors")
    #expect(
      outcome(
        "train", model, "--task", "syllables", "--data", words, "--epochs", "2", "--hidden-size",
        "4", "--out", path("out")) == (0, ""))
    #expect(outcome("evaluate", model, "--test", words, "--weights", weights) == (0, ""))
    let beam = outcome("evaluate", model, "--test", words, "--weights", weights, "--beam", "2")
    #expect(beam == (2, "zoo: \(model) takes no --beam, see `zoo evaluate --help`\n"))
    // They do not pronounce.
    #expect(outcome("pronounce", "cat", "--weights", weights).status == 2)
    #expect(outcome("evaluate", "seq2seq", "--test", words, "--weights", weights).status == 2)
  }

  @Test func `every phoneme has a sound, and the first vowel the stress`() throws {
    let lexicon = try Lexicon.cmudict()
    let phonemes = Set(lexicon.flatMap { $0.pronunciations.joined() })
    #expect(phonemes == Set(Speaker.sounds.keys))
    #expect(Speaker.mnemonics(of: ["T", "AE", "P", "AH", "S", "T", "R", "IY"]) == "t'apVstri:")
    #expect(Set(Speaker.sounds.values).count == Speaker.sounds.count)
  }

  @Test func `every command has a name of its own`() {
    #expect(Set(allCommands.map(\.name)).count == allCommands.count)
  }
}
