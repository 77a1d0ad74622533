import Training

/// The folder of a training: configuration, weights, checkpoint, log and report.
package struct RunFolder {
  /// The folder as it was named.
  let path: String
  /// The weights of the best evaluation.
  var best: String { "\(path)/best.safetensors" }
  /// The page of the training.
  var report: String { "\(path)/report.html" }
  /// What came of the training.
  var scores: String { "\(path)/scores.json" }
  /// The course of the training, a line an evaluation.
  var log: String { "\(path)/log.jsonl" }
  /// A row for every so many steps, where that was asked for.
  var steps: String { "\(path)/steps.csv" }
  /// The whole configuration.
  var configuration: String { "\(path)/config.json" }

  package init(path: String) { self.path = path }

  /// What becomes of a training that is in the folder already.
  enum Start: Equatable {
    /// It is an error if there is one.
    case new
    /// It is replaced.
    case replace
    /// It goes on, if there is one.
    case resume(allowsChanges: Bool)

    /// Whether a training goes on.
    var resumes: Bool {
      if case .resume = self { true } else { false }
    }
  }

  /// - Throws: `UsageError` where there is a training that is to be neither replaced nor gone on with.
  func checkIsFree(_ start: Start) throws(UsageError) {
    if start == .new, [configuration, best, log, scores].contains(where: fileExists) {
      throw UsageError(
        "\(path) has a training already: --resume \(path) goes on with it, --force replaces it, and --out "
          + "names another folder")
    }
  }

  /// Makes the folder, if it is missing, and has it for this training alone.
  ///
  /// - Throws: `FileError`, also where another training is going on in it; `UsageError` where there is one that
  ///   is to be neither replaced nor gone on with.
  func open(_ start: Start) throws -> DirectoryLock {
    try createDirectory(path)
    let lock = try DirectoryLock(path)
    // Another one may have ended since somebody looked.
    try checkIsFree(start)
    if !start.resumes {
      // The training removes what is its own.
      for file in [report, scores, steps, configuration] { removeFile(file) }
    }
    return lock
  }

  /// What a configuration file holds.
  package struct Configuration<Settings: RecipeSettings>: Codable {
    var model: String
    var settings: Settings

    /// Reads a file, of which every key must be known.
    init(recipe name: String, path: String) throws {
      let text = String(decoding: try readFile(path), as: UTF8.self)
      do throws(StrictJSON.Failure) {
        self = try StrictJSON.value(Self.self, of: text)
      } catch {
        throw UsageError("\(path): expected a configuration of \(name), found \(error)")
      }
      if model != name {
        throw UsageError("\(path): expected a configuration of \(name), found \(model)'s")
      }
    }

    package init(model: String, settings: Settings) {
      self.model = model
      self.settings = settings
    }
  }

  /// Writes the configuration, when a training with it begins: one that may not go on with it leaves the file
  /// as it was.
  final class ConfigurationWriter: TrainingObserver {
    private let text: String
    private let path: String

    init<R: Recipe>(_ folder: RunFolder, _ settings: R.Settings, of recipe: R.Type) throws {
      text = try StrictJSON.text(Configuration(model: R.name, settings: settings)) + "\n"
      path = folder.configuration
    }

    func didBegin(_ start: TrainingStart) throws { try AtomicFile.write(text, to: path) }
  }
}
