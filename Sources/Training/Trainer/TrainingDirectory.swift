import Autograd
import Layers
import Platform

/// The directory of a training: locked, without what a killed training has left, and with the files that a
/// training finds or makes there.
struct TrainingDirectory {
  let path: String
  /// Nil where another process has it.
  private let lock: DirectoryLock?

  var checkpoint: String { file("checkpoint") }
  /// The checkpoint before the last one.
  private var previousCheckpoint: String { file("checkpoint.previous") }
  /// A checkpoint that could not be read, for whoever wants to look at it.
  private var damagedCheckpoint: String { file("checkpoint.damaged") }
  /// What rounding has taken away from the gradients of a rank, when the last checkpoints were written;
  /// the last one first.
  func roundingErrors(ofRank rank: Int) -> [String] {
    [file("checkpoint.rank\(rank)"), file("checkpoint.previous.rank\(rank)")]
  }
  /// The weights of the best evaluation.
  var best: String { file("best") }
  /// The weights of the last one.
  var last: String { file("last") }

  private func file(_ name: String) -> String { "\(path)/\(name).safetensors" }

  /// Makes the directory, if it is missing, and has it for itself.
  ///
  /// - Throws: `FileError`, also where another training is going on in it; `TrainingError.occupied` where
  ///   there is another training that is to be neither resumed nor replaced.
  init(_ path: String, _ configuration: Trainer.Configuration, lock: DirectoryLock?) throws {
    self.path = path
    try createDirectory(path)
    self.lock = try lock ?? DirectoryLock(path)
    AtomicFile.removeLeftovers(in: path)
    if configuration.resumes { return }
    let files = [checkpoint, previousCheckpoint, damagedCheckpoint, best, last]
    let present = files.filter { FileSystem.exists($0) }
    if let file = present.first, !configuration.replaces { throw TrainingError.occupied(file) }
    present.forEach(removeFile)
    for paths in (0...).lazy.map(roundingErrors) {
      if !paths.contains(where: FileSystem.exists) { break }
      paths.forEach(removeFile)
    }
  }

  /// A directory that another process has for itself, rank 0 of a group: what is there is read.
  init(ofOthers path: String) {
    self.path = path
    lock = nil
  }

  /// Calls the body with the path of the last checkpoint, or, where that is damaged, of the one before.
  ///
  /// - Parameter load: throws a `WeightsError` where the file cannot be read.
  /// - Returns: what the body gives, and a sentence where it is not of the last checkpoint; nil if there is
  ///   none.
  func resume<State>(
    _ load: (_ path: String) throws -> State
  ) throws -> (state: State, notice: String?)? {
    guard FileSystem.exists(checkpoint) else {
      if !FileSystem.exists(previousCheckpoint) { return nil }
      return (try load(previousCheckpoint), "\(checkpoint) is missing; \(remark)")
    }
    do {
      return (try load(checkpoint), nil)
    } catch let error as WeightsError where error.isDamage {
      // What is wrong with the last one is worth more than what is with the one before.
      guard FileSystem.exists(previousCheckpoint), let state = try? load(previousCheckpoint) else {
        throw error
      }
      if lock != nil { try? FileSystem.rename(checkpoint, to: damagedCheckpoint) }
      return (state, "\(error.sentence); \(remark)")
    }
  }

  private var remark: String { "the training goes on from \(previousCheckpoint)" }

  /// Writes a checkpoint; the one that is there becomes the previous one.
  func save(
    _ model: some Layer, _ optimizer: some Optimizer, _ average: WeightAverage?,
    _ state: TrainingState
  ) throws(FileError) {
    try Checkpoint.save(
      to: checkpoint, model: model, optimizer: optimizer, average: average, state: state,
      keepingPrevious: previousCheckpoint)
  }
}

extension WeightsError {
  /// Whether the file, not what is in it, is wrong.
  fileprivate var isDamage: Bool {
    switch problem {
    case .unreadable, .malformed: true
    case .mismatch, .noModel, .names: false
    }
  }
}
