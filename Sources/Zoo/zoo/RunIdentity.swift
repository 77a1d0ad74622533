import Training

/// What a training that goes on has in common with the one that was stopped, as names and values: its
/// configuration but for what may be changed, and the content of its data.
struct RunIdentity {
  /// What sets how long and how fast is learnt, and what matters in use alone.
  private static let changeable: Set<String> = [
    "training.epochs", "training.minutes", "training.learningRate", "training.warmupSteps",
    "training.weightDecay", "training.clipNorm", "training.patience", "beam", "lengthPower",
  ]
  /// What names files, whose content counts, wherever they are.
  private static let files: Set<String> = ["data", "heldOut", "test"]

  /// By name.
  let values: [String: String]

  /// - Throws: `FileError` where a file of the settings cannot be read.
  init(_ settings: some RecipeSettings, of recipe: String) throws {
    let tree = try StrictJSON.decoded(StrictJSON.text(settings)) as JSON
    var values = ["model": recipe]
    for (name, value) in tree.leaves() where !Self.changeable.contains(name) {
      switch value {
      case .string(let path) where Self.files.contains(name):
        values["content of --\(name == "heldOut" ? "held-out" : name)"] = try Self.hash(path)
      case .string(let text): values[name] = text
      default: values[name] = try value.line
      }
    }
    self.values = values
  }

  /// The hash of a file, or of what stands for a folder: the list of what is in it.
  private static func hash(_ path: String) throws -> String {
    let bytes = try mapFile(isDirectory(path) ? "\(path)/manifest.tsv" : path)
    var hash = XXH64()
    bytes.withUnsafeBytes { hash.add($0) }
    return "\(hash.text) (\(bytes.count) bytes)"
  }
}

extension JSON {
  /// What has no parts, by the keys that lead to it, joined by points; a list counts as one.
  fileprivate func leaves(_ path: String = "") -> [(name: String, value: JSON)] {
    guard case .object(let values) = self else { return [(path, self)] }
    return values.flatMap { $1.leaves(path.isEmpty ? $0 : "\(path).\($0)") }
  }
}
