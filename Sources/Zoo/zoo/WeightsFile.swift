import Layers
import Training

/// A weights file that a recipe has saved: the tensors, and what the metadata says of the model.
package struct WeightsFile {
  /// The keys of the metadata that every recipe's file has.
  enum Key {
    static let model = "model"
    static let settings = "settings"
  }

  /// The file as it was named.
  let path: String
  /// What it holds.
  package let content: SafeTensors

  /// Reads a file.
  package init(_ path: String) throws {
    self.path = path
    content = try SafeTensors(contentsOf: path)
  }

  /// The name of the recipe that has saved it.
  package var recipe: String? { content.metadata[Key.model] }

  /// The value of a metadata entry in JSON, of which every key must be known.
  func value<Value: Codable>(
    _: Value.Type = Value.self, of key: String, in expected: String
  ) throws(ModelFileError) -> Value {
    guard let text = content.metadata[key] else {
      throw ModelFileError(file: path, key: key, expected: expected)
    }
    do throws(StrictJSON.Failure) {
      return try StrictJSON.value(Value.self, of: text)
    } catch {
      throw ModelFileError(file: path, key: key, expected: expected, found: "\(error)")
    }
  }
}

/// A weights file that is not the kind of model that was asked for.
struct ModelFileError: Error, CustomStringConvertible {
  let file: String
  let key: String
  let expected: String
  /// What is in the way, if more is known.
  var found: String?

  var description: String {
    "\(file): its metadata \"\(key)\" does not describe a \(expected) model that zoo has saved"
      + (found.map { "; it has \($0)" } ?? "")
  }
}

extension ConfiguredModel {
  /// The configuration as JSON.
  fileprivate var configurationText: String { get throws { try StrictJSON.text(configuration) } }
}

extension Recipe {
  /// The model of a weights file.
  ///
  /// - Parameter arguments: set what matters in use, such as the width of a beam.
  package init(file: WeightsFile, arguments: Arguments? = nil) throws {
    guard file.recipe == Self.name else {
      throw ModelFileError(
        file: file.path, key: WeightsFile.Key.model, expected: Self.name,
        found: file.recipe.map { "\"\($0)\"" })
    }
    var settings: Settings = try file.value(of: WeightsFile.Key.settings, in: Self.name)
    if let arguments { Self.usedOptions.forEach { $0.apply(arguments, &settings) } }
    try self.init(settings, file: file)
  }

  /// The metadata of a weights file.
  func fileMetadata() throws -> [String: String] {
    try metadata.merging([
      WeightsFile.Key.model: Self.name, WeightsFile.Key.settings: StrictJSON.text(settings),
      configurationKey: configuredModel.configurationText,
    ]) { $1 }
  }

  /// The options that matter when a trained model is used.
  static var usedOptions: [Setting<Settings>] { options.filter(\.isForUse) }
}
