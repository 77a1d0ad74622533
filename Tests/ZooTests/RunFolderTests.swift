import Foundation
import Testing
import Training
import zoo

/// Who may train in a folder, and what becomes of what is in it.
@Suite final class RunFolderTests: FolderTests {
  private let small = [
    "--hidden-size", "4", "--embedding-size", "3", "--batch-size", "2", "--learning-rate", "0.01",
  ]

  private func train(_ options: String...) throws -> (
    status: Int32, printed: String, complaint: String
  ) {
    if !fileExists(path("words")) { try file("words", words) }
    return run(["train", "seq2seq"] + small + options)
  }

  @Test func `a training that is there is replaced only where that is asked for`() throws {
    let (data, out) = (path("words"), path("out"))
    #expect(try train("--data", data, "--epochs", "1", "--out", out).status == 0)
    let before = try bytes("out/best.safetensors")
    let refused = try train("--data", data, "--epochs", "2", "--out", out)
    #expect(refused.status == 2)
    #expect(
      refused.complaint
        == "zoo: \(out) has a training already: --resume \(out) goes on with it, --force replaces it, "
        + "and --out names another folder\n")
    #expect(try bytes("out/best.safetensors") == before)
    #expect(try train("--data", data, "--epochs", "2", "--out", out, "--force").status == 0)
    #expect(try text("out/log.csv").split(separator: "\n").count == 3)
    let both = try train("--resume", out, "--force")
    #expect(both.status == 2 && both.complaint.contains("not both"))
    let alone = try train("--data", data, "--out", path("new"), "--allow-changes")
    #expect(alone.complaint.contains("--allow-changes needs a training that goes on"))
  }

  @Test func `a training goes on with its own data and settings alone`() throws {
    let (data, out) = (path("words"), path("out"))
    #expect(try train("--data", data, "--epochs", "1", "--out", out).status == 0)
    // The learning rate and the number of epochs may be others.
    #expect(try train("--resume", out, "--epochs", "2").status == 0)
    let batch = try train("--resume", out, "--epochs", "3", "--batch-size", "3")
    #expect(batch.status == 2)
    #expect(
      batch.complaint.contains(
        "the training.batchSize is 3, but was 2 when the training was begun"))
    // Refused before the folder says anything else.
    #expect(try text("out/config.json").contains("\"batchSize\":2"))
    try file("words", words + "tac\tT AE K\n")
    let changed = try train("--resume", out, "--epochs", "3")
    #expect(changed.status == 2)
    #expect(changed.complaint.contains("the content of --data is "))
    let allowed = try train("--resume", out, "--epochs", "3", "--allow-changes")
    #expect(allowed.status == 0)
    #expect(try text("out/log.csv").split(separator: "\n").count == 4)
  }

  @Test func `while a training goes on in a folder no other one does`() throws {
    try file("words", words)
    let options = "seq2seq --data '\(path("words"))' \(small.joined(separator: " "))"
    let out = "'\(path("out"))'"
    let result = try shell(
      """
      "$program" train \(options) --epochs 100000 --out \(out) 2>/dev/null & pid=$!
      for moment in $(seq 200); do [ -e \(out)/config.json ] || sleep 0.05; done
      zoo train \(options) --epochs 1 --out \(out) --force
      zoo train seq2seq --resume \(out)
      { sleep 60; kill -KILL $pid; } 2>/dev/null >&2 & guard=$!
      kill -HUP $pid; wait $pid; echo $?; kill $guard
      zoo train seq2seq --resume \(out) --epochs 1 2>/dev/null; echo $?
      "$program" train seq2seq --resume \(out) 2>/dev/null & pid=$!
      sleep 0.5; kill -KILL $pid; wait $pid
      zoo train seq2seq --resume \(out) --epochs 1 2>/dev/null >&2; echo $?
      """)
    let refused =
      "zoo: cannot lock '\(path("out"))': Another training is going on in it\n"
    #expect(result.errors.components(separatedBy: refused).count == 3, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("interrupted after ") == true)
    #expect(lines.filter { $0 == "0" }.count == 3, "\(result.output)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: path("out")).allSatisfy {
        !$0.hasSuffix(".tmp")
      })
  }

  @Test func `a file that may not become longer is a sentence and status 2`() throws {
    try file("words", words)
    let options = "seq2seq --data '\(path("words"))' --epochs 1 --out '\(path("out"))'"
    let result = try shell(
      "ulimit -f 8; zoo train \(options) 2>&1 | tail -n 1; ls -A '\(path("out"))'")
    #expect(result.output.contains("cannot write '\(path("out"))/"))
    #expect(result.output.contains(": File too large\n"))
    #expect(!result.output.contains(".tmp"))
  }
}
