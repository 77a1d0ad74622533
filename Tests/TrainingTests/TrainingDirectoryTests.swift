import Autograd
import Foundation
import Layers
import Testing
import Training

/// The folder of a training: what is kept in it, and who may train in it.
@Suite struct TrainingDirectoryTests {
  private static func inputs(_ count: Int, _ generator: inout Generator) -> [Tensor<Double>] {
    (0..<count).map { _ in Tensor([[Double(generator.next() >> 40) * 0x1p-24, 1], [0.5, -1]]) }
  }

  /// Three epochs of five steps, evaluated after every second step.
  @discardableResult
  private static func train(
    _ directory: String, stopAfter: Int = .max, interruptedIn: Int = .max, batches: Int = 5,
    identity: [String: String] = [:], lock: DirectoryLock? = nil,
    observers: [any TrainingObserver] = [],
    _ change: (inout Trainer.Configuration) -> Void = { $0.resumes = true }
  ) throws -> (report: TrainingReport, weights: [Double]) {
    var configuration = Trainer.Configuration(
      epochs: 3, averageDecay: 0.9, evaluation: .steps(2), directory: directory)
    change(&configuration)
    var trainer = Trainer(configuration, optimizer: Adam(learningRate: 0.05))
    trainer.observers = observers
    trainer.identity = identity
    trainer.lock = lock
    var steps = 0
    trainer.shouldStop = {
      steps += 1
      return steps >= stopAfter
    }
    let model = SmallModel<Double>(seed: 1, dropout: 0.2)
    var evaluations = 0
    let report = try trainer.run(
      model, batches: { _, generator in inputs(batches, &generator) },
      examples: { $0.shape[0] }, loss: { model, x in square(model(x)).mean() },
      evaluate: { model in
        evaluations += 1
        if evaluations == interruptedIn { throw Interrupt.Raised() }
        return Metrics(["loss": square(model(Tensor([[0.1, 0.2]]))).sum().scalar])
      })
    return (report, model.all)
  }

  /// Hears what a training says at its beginning.
  private final class Listener: TrainingObserver {
    var notices: [String] = []
    func didBegin(_ start: TrainingStart) { notices = start.notices }
  }

  // MARK: Checkpoints

  /// Ways to damage a file.
  enum Damage: CaseIterable {
    case missing, empty, half, header, oneBit

    func apply(to path: String) throws {
      var bytes = try readFile(path)
      switch self {
      case .missing: return removeFile(path)
      case .empty: bytes = []
      case .half: bytes.removeLast(bytes.count / 2)
      case .header: bytes[9] ^= 0xFF
      case .oneBit: bytes[bytes.count - 20] ^= 1
      }
      try AtomicFile.write(bytes, to: path)
    }
  }

  @Test(arguments: Damage.allCases)
  func `where the last checkpoint is damaged, the one before is gone on from`(
    damage: Damage
  ) throws {
    try withTemporaryDirectory { directory in
      let whole = try Self.train("\(directory)/whole")
      let path = "\(directory)/parts"
      try Self.train(path, stopAfter: 9)
      try damage.apply(to: "\(path)/checkpoint.safetensors")
      let listener = Listener()
      let second = try Self.train(path, observers: [listener])
      #expect(second.weights == whole.weights)
      #expect(second.report.best?.step == whole.report.best?.step)
      #expect(second.report.best?.metrics == whole.report.best?.metrics)
      #expect(listener.notices.count == 1)
      #expect(
        listener.notices.first?.hasSuffix("goes on from \(path)/checkpoint.previous.safetensors")
          == true)
      for name in ["last.safetensors", "best.safetensors", "checkpoint.safetensors"] {
        let files = try ["whole", "parts"].map {
          var file = try SafeTensors(contentsOf: "\(directory)/\($0)/\(name)")
          file.metadata["state"] = nil
          return file
        }
        #expect(files[0] == files[1], "\(name)")
      }
      let isKept = try names(in: path).contains("checkpoint.damaged.safetensors")
      #expect(isKept == (damage != .missing))
    }
  }

  @Test func `where both are damaged, what is wrong with the last one is told`() throws {
    try withTemporaryDirectory { directory in
      try Self.train(directory, stopAfter: 9)
      let path = "\(directory)/checkpoint.safetensors"
      try Damage.oneBit.apply(to: path)
      try Damage.empty.apply(to: "\(directory)/checkpoint.previous.safetensors")
      let error = #expect(throws: WeightsError.self) { try Self.train(directory) }
      #expect(error?.description.hasPrefix("\(path): expected content with the checksum") == true)
      #expect(try names(in: directory).contains("checkpoint.safetensors"))
    }
  }

  @Test func `a checkpoint is kept until there are two newer ones`() throws {
    try withTemporaryDirectory { directory in
      func step(_ name: String) throws -> String? {
        let file = try SafeTensors(contentsOf: "\(directory)/\(name).safetensors")
        return file.metadata["state"]?.firstRange(of: "\"step\":").map {
          String(file.metadata["state"]![$0.upperBound...].prefix { $0.isNumber })
        }
      }
      try Self.train(directory, stopAfter: 2)
      #expect(try !names(in: directory).contains("checkpoint.previous.safetensors"))
      try Self.train(directory, stopAfter: 3)
      let last = try readFile("\(directory)/checkpoint.safetensors")
      try Self.train(directory, stopAfter: 1)
      #expect(try readFile("\(directory)/checkpoint.previous.safetensors") == last)
    }
  }

  @Test func `a signal in an evaluation ends the training in order, and it is made later`() throws {
    let whole = try withTemporaryDirectory { try Self.train($0) }
    #expect(whole.report.evaluations.count == 8)
    for number in 1...8 {
      try withTemporaryDirectory { directory in
        let (first, _) = try Self.train(directory, interruptedIn: number)
        #expect(first.end == .interrupted && first.evaluations.count == number - 1)
        #expect(first.steps == whole.report.evaluations[number - 1].step)
        let (report, weights) = try Self.train(directory)
        #expect(report.evaluations.map(\.step) == whole.report.evaluations.map(\.step))
        #expect(report.evaluations.map(\.metrics) == whole.report.evaluations.map(\.metrics))
        #expect(report.best?.step == whole.report.best?.step && weights == whole.weights)
      }
    }
  }

  // MARK: Changes

  @Test func `other data are named, and let in where that is asked for`() throws {
    try withTemporaryDirectory { directory in
      try Self.train(directory, stopAfter: 7, identity: ["data": "a", "batch size": "2"])
      let changed = ["data": "b", "batch size": "2", "recipe": "new"]
      #expect(
        throws: TrainingError.changed("the data is b, but was a when the training was begun")
      ) { try Self.train(directory, identity: changed) }
      let listener = Listener()
      let (report, _) = try Self.train(directory, identity: changed, observers: [listener]) {
        $0.resumes = true
        $0.acceptsChanges = true
      }
      #expect(
        listener.notices == [
          "the data is b, but was a when the training was begun",
          "the recipe is new, but was unknown when the training was begun",
        ])
      // The rest of the second epoch is left out.
      #expect(report.steps == 7 + 5 && report.epochs == 3)
      #expect(throws: TrainingError.self) { try Self.train(directory, identity: ["data": "a"]) }
    }
  }

  @Test func `a checkpoint of another version of the library is told`() throws {
    try withTemporaryDirectory { directory in
      try Self.train(directory, stopAfter: 7)
      let path = "\(directory)/checkpoint.safetensors"
      var file = try SafeTensors(contentsOf: path)
      file.metadata["state"] = file.metadata["state"]?.replacing(
        "\"library\":\"\(Tapestry.version)\"", with: "\"library\":\"0.0.9\"")
      try file.write(to: path, hasChecksum: true)
      let sentence = "Tapestry is \(Tapestry.version), but was 0.0.9 when the training was begun"
      #expect(throws: TrainingError.changed(sentence)) { try Self.train(directory) }
      let listener = Listener()
      try Self.train(directory, observers: [listener]) {
        $0.resumes = true
        $0.acceptsChanges = true
      }
      #expect(listener.notices == [sentence])
    }
  }

  @Test func `with fewer batches it goes on with the next epoch, where that is asked for`() throws {
    try withTemporaryDirectory { directory in
      try Self.train(directory, stopAfter: 9)
      #expect(throws: TrainingError.self) { try Self.train(directory, batches: 2) }
      let (report, _) = try Self.train(directory, batches: 2) {
        $0.resumes = true
        $0.acceptsChanges = true
        $0.averageDecay = nil
        $0.batchesPerStep = 2
      }
      #expect(report.steps == 9 + 1 && report.epochs == 3)
    }
  }

  // MARK: Who may train in it

  @Test func `a training that is there is neither replaced nor gone on with unasked`() throws {
    try withTemporaryDirectory { directory in
      let first = try Self.train(directory, stopAfter: 9)
      let before = try readFile("\(directory)/checkpoint.safetensors")
      #expect(throws: TrainingError.occupied("\(directory)/checkpoint.safetensors")) {
        try Self.train(directory) { _ in }
      }
      #expect(try readFile("\(directory)/checkpoint.safetensors") == before)
      let second = try Self.train(directory, stopAfter: 9) { $0.replaces = true }
      #expect(second.weights == first.weights)
      #expect(try !names(in: directory).contains { $0.contains("damaged") })
    }
  }

  @Test func `a directory is one training's at a time`() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/run"
      try createDirectory(path)
      do {
        let lock = try DirectoryLock(path)
        let refused = FileError(
          path: path, attempt: .lock, reason: "Another training is going on in it")
        #expect(throws: refused) { try DirectoryLock(path) }
        #expect(throws: refused) { try Self.train(path) }
        #expect(try names(in: path) == [])
        try Self.train(path, stopAfter: 3, lock: lock)
        withExtendedLifetime(lock) {}
      }
      try Self.train(path, stopAfter: 3)
      // A training lets it go at its end.
      _ = try DirectoryLock(path)
    }
  }

  @Test func `what a killed process was writing is removed`() throws {
    try withTemporaryDirectory { directory in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "exit 0"]
      try process.run()
      process.waitUntilExit()
      let dead = ".tapestry-\(process.processIdentifier)-1f.tmp"
      let others = [
        ".tapestry-\(getpid())-1f.tmp", ".tapestry-x-1f.tmp", ".tapestry-99999999999-1f.tmp",
        "a.tmp",
      ]
      for name in others + [dead] { try AtomicFile.write("x", to: "\(directory)/\(name)") }
      AtomicFile.removeLeftovers(in: directory)
      // A number that no process can have is nobody's, so it is a dead one's.
      #expect(try names(in: directory) == others.filter { !$0.contains("999") }.sorted())
      AtomicFile.removeLeftovers(in: "\(directory)/nowhere")
    }
  }
}
