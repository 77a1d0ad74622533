import Training

/// The folder of a training: configuration, weights, checkpoint, log and report.
struct RunFolder {
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

  /// What a configuration file holds.
  struct Configuration<Settings: RecipeSettings>: Codable {
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

    init(model: String, settings: Settings) {
      self.model = model
      self.settings = settings
    }
  }

  /// Writes the configuration.
  func write<R: Recipe>(_ settings: R.Settings, of recipe: R.Type) throws {
    try createDirectory(path)
    let configuration = Configuration(model: R.name, settings: settings)
    try AtomicFile.write(try StrictJSON.text(configuration) + "\n", to: self.configuration)
  }
}
