import CInterface
import Foundation
import Interchange
import SentenceEmbedding
import SentenceEncoder
import SimpleRNN
import Tasks
import TensorBoard

extension Target {
  /// What becomes a model or a training, or is a folder.
  static let models = [
    Target("configuration") { bytes in
      var file = weights
      file.metadata["configuration"] = String(decoding: bytes, as: UTF8.self)
      _ = attempt { try SimpleRNN<Float>(file) }
    },
    Target("weights") { bytes in
      guard let file = attempt({ try SafeTensors(bytes: bytes, file: "f") }) else { return }
      _ = attempt { try smallModel().load(file) }
      _ = attempt { try smallModel().load(file, isStrict: false) }
      _ = attempt { try SimpleRNN<Double>(file) }
    },
    Target("name-rules") { bytes in
      var choices = Choices(bytes)
      let names = nameMap(&choices)
      let model = smallModel()
      _ = attempt { try model.load(weights, names: names) }
    },
    Target("checkpoint") { bytes in useCheckpoint(bytes) },
    Target("training") { bytes in resumeTraining(bytes) },
    Target("index") { bytes in
      let folder = Scratch.folder("index")
      Scratch.write(bytes, folder, "model.safetensors.index.json")
      guard let file = attempt({ try TensorFile(contentsOf: folder) }) else { return }
      for tensor in file.tensors.values { useNumbers(of: tensor) }
    },
    Target("sentence-encoder") { bytes in
      // A byte says which file of the folder is another one.
      guard let first = bytes.first else { return }
      let folder = Scratch.folder("sentences", prepared: writeSentenceFolder)
      let names = sentenceFiles.keys.sorted()
      let name = names[Int(first) % names.count]
      Scratch.write(Array(bytes.dropFirst()), folder, name)
      defer { Scratch.write(sentenceFiles[name]!, folder, name) }
      guard let embedder = attempt({ try SentenceEmbedder(contentsOf: folder) }) else { return }
      _ = embedder(["a dog", String(decoding: bytes, as: UTF8.self)])
    },
    Target("events") { bytes in
      let folder = Scratch.folder("events")
      Scratch.write(bytes, folder, "events.out.tfevents.tapestry")
      let log = TensorBoardLog(directory: folder, resumingAt: Int(bytes.first ?? 0), clock: { 0 })
      _ = attempt { try log.addScalar("a", 1, step: 1) }
    },
    Target("c-call") { bytes in callFromC(bytes) },
  ]
}

// MARK: Files

/// A folder that this process alone uses: `TMPDIR`, which the script makes and removes.
enum Scratch {
  private nonisolated(unsafe) static var folders: [String: String] = [:]

  /// The folder of a target.
  static func folder(_ name: String, prepared prepare: ((String) -> Void)? = nil) -> String {
    if let folder = folders[name] { return folder }
    let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    let folder = "\(parent)/\(name)-\(ProcessInfo.processInfo.processIdentifier)"
    try! FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    folders[name] = folder
    prepare?(folder)
    return folder
  }

  static func write(_ bytes: [UInt8], _ folder: String, _ name: String) {
    guard FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data(bytes)) else {
      fatalError("\(folder)/\(name) cannot be written")
    }
  }

  static func remove(_ folder: String, _ name: String) {
    try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
  }

  static func read(_ folder: String, _ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(folder)/\(name)").map { Array($0) }
  }
}

// MARK: Models

func smallModel() -> SimpleRNN<Float> {
  var generator = Generator(seed: 1)
  return SimpleRNN(.init(inputSize: 2, hiddenSize: 2, outputSize: 2), using: &generator)
}

private let weights = smallModel().weights()

/// Rules that may or may not fit the small model.
private func nameMap(_ choices: inout Choices) -> NameMap {
  let all = weights.tensors.keys.sorted() + ["a", "b"]
  func name() -> String { all[choices.number(below: all.count)] }
  var rules: [NameRule] = []
  while !choices.isEmpty && rules.count < 6 {
    let axis = choices.number(below: 4) - 1
    switch choices.number(below: 7) {
    case 0: rules.append(.rename(name(), to: name()))
    case 1: rules.append(.join([name(), name()], to: name(), axis: axis))
    case 2:
      let lengths = choices.truth() ? [choices.number(below: 3), choices.number(below: 3)] : nil
      rules.append(.split(name(), to: [name(), name()], axis: axis, lengths: lengths))
    case 3: rules.append(.transpose(name(), axes: choices.truth() ? [2, 0, 1] : nil))
    case 4:
      rules.append(.reorder(name(), blocks: choices.truth() ? [1, 0] : [2, 1, 0], axis: axis))
    case 5: rules.append(choices.truth() ? .keep(name()) : .skip(name()))
    default: rules.append(.wholeNumbers(name()))
    }
  }
  return NameMap(choices.truth() ? .pyTorch : .own, rules)
}

/// A file of tensors of which some things are others: values in the JSON of its metadata, and tensors.
private func changed(_ file: SafeTensors, texts: [String], by bytes: [UInt8]) -> SafeTensors {
  var file = file
  var choices = Choices(bytes)
  while !choices.isEmpty {
    let names = file.tensors.keys.sorted()
    let name = names.isEmpty ? "" : names[choices.number(below: names.count)]
    let key = texts[choices.number(below: texts.count)]
    switch choices.number(below: 8) {
    case 0: file.tensors[name] = nil
    case 1: file.tensors[name] = StoredTensor([Float(choices.number(below: 9)), .nan], shape: [2])
    case 2: file.tensors[choices.text(upTo: 8)] = file.tensors[name]
    case 3: file.tensors[name] = StoredTensor([-1] as [Int64], shape: [1])
    case 4: file.metadata[key] = choices.text(upTo: 40)
    default: file.metadata[key] = file.metadata[key].map { changedJSON($0, &choices) }
    }
  }
  return file
}

/// JSON in which one value, of which there may be many, is another one.
private func changedJSON(_ text: String, _ choices: inout Choices) -> String {
  let bytes = Array(text.utf8)
  var values: [Range<Int>] = []
  var index = 0
  while index < bytes.count {
    let start = index
    if bytes[index] == UInt8(ascii: "\"") {
      index += 1
      while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
        index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      index += 1
      // A key stands before a colon.
      if index < bytes.count, bytes[index] == UInt8(ascii: ":") { continue }
    } else {
      while index < bytes.count, !Array("{}[],:\"".utf8).contains(bytes[index]) { index += 1 }
      if index == start {
        index += 1
        continue
      }
    }
    values.append(start..<min(index, bytes.count))
  }
  if values.isEmpty { return text }
  let place = choices.number(below: 256) << 8 | choices.number(below: 256)
  let others = [
    "-1", "0", "1", "2", "3", "0.5", "1.5", "-0.0", "1e308", "1e-320", "9223372036854775807",
    "-9223372036854775808", "18446744073709551615", "1e20", "null", "true", "\"nan\"", "\"inf\"",
    "\"-inf\"", "\"\"", "[]", "{}", "4294967296",
  ]
  let range = values[place % values.count]
  let other = others[choices.number(below: others.count)]
  return String(
    decoding: bytes[..<range.lowerBound] + Array(other.utf8) + bytes[range.upperBound...],
    as: UTF8.self)
}

// MARK: Trainings

/// A state of a caller with all that a training's own has.
private struct State: Codable {
  var generator = Generator(seed: 1)
  var curve = LossCurve()
  var plateau: ReduceOnPlateau?
  var evaluations: [TrainingReport.Evaluation] = []
}

private let checkpoint: SafeTensors = {
  let folder = Scratch.folder("checkpoint")
  let path = "\(folder)/first.safetensors"
  let model = smallModel()
  var optimizer = Adam()
  let (_, gradients) = valueWithGradient(at: model) { model in
    model(.ones([1, 2, 2])).mean()
  }
  optimizer.update(model, along: gradients)
  var average = WeightAverage()
  average.update(model)
  let state = State(plateau: ReduceOnPlateau(learningRate: 0.1))
  try! Checkpoint.save(
    to: path, model: model, optimizer: optimizer, average: average, state: state)
  return try! SafeTensors(bytes: Scratch.read(folder, "first.safetensors")!)
}()

private func useCheckpoint(_ bytes: [UInt8]) {
  let file = changed(checkpoint, texts: ["counts", "state"], by: bytes)
  let folder = Scratch.folder("checkpoint")
  Scratch.write(file.serialized(), folder, "c.safetensors")
  let model = smallModel()
  var optimizer = Adam()
  var average: WeightAverage?
  let state = attempt {
    try Checkpoint.load(
      from: "\(folder)/c.safetensors", model: model, optimizer: &optimizer, average: &average,
      state: State.self)
  }
  guard var state else { return }
  _ = state.generator.next()
  state.curve.add(loss: 1, count: 1, examples: 1, seconds: 1)
  if var plateau = state.plateau { plateau.update(metric: 1) }
}

/// A training of a few steps, alone or from the checkpoint that is in the folder.
private func train(_ folder: String, epochs: Int, resumes: Bool) throws {
  var configuration = Trainer.Configuration(
    epochs: epochs, averageDecay: 0.9, seed: 1, directory: folder, resumes: resumes)
  configuration.plateau = ReduceOnPlateau(learningRate: 0.1)
  configuration.replaces = !resumes
  var trainer = Trainer(configuration, optimizer: Adam())
  trainer.observers = []
  _ = try trainer.run(
    smallModel(), batches: { _, _ in [Tensor<Float>.ones([1, 2, 2])] }, examples: { _ in 1 },
    loss: { model, batch in model(batch).mean() }, evaluate: { _ in Metrics(["loss": 1]) })
}

/// The checkpoint of a training of one epoch.
private let begun: SafeTensors = {
  let folder = Scratch.folder("training")
  try! train(folder, epochs: 1, resumes: false)
  // Not mapped: the file is written anew.
  return try! SafeTensors(bytes: Scratch.read(folder, "checkpoint.safetensors")!)
}()

private func resumeTraining(_ bytes: [UInt8]) {
  let file = changed(begun, texts: ["state", "counts"], by: bytes)
  let folder = Scratch.folder("training")
  Scratch.remove(folder, "checkpoint.previous.safetensors")
  Scratch.write(file.serialized(), folder, "checkpoint.safetensors")
  _ = attempt { try train(folder, epochs: 2, resumes: true) }
}

// MARK: Folders

/// The files of a folder of a small sentence encoder.
private nonisolated(unsafe) var sentenceFiles: [String: [UInt8]] = [:]

private func writeSentenceFolder(_ folder: String) {
  var generator = Generator(seed: 1)
  let configuration = SentenceEncoderConfiguration(
    vocabulary: 8, size: 4, heads: 2, innerSize: 4, layers: 1, positions: 8)
  let encoder = SentenceEncoder<Float>(configuration, using: &generator)
  let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "dog", "##s"]
  try! SentenceEmbedder(encoder, WordPiece(pieces)).save(toFolder: folder)
  for name in try! FileManager.default.contentsOfDirectory(atPath: folder) {
    sentenceFiles[name] = Scratch.read(folder, name)
  }
}
