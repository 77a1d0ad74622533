import Autograd
public import Layers

/// The key of the metadata under which a model's configuration stands, as JSON.
package let configurationKey = "configuration"

extension ConfiguredModel {
  /// Writes weights and configuration as a safetensors file, beside the old one and renamed into
  /// place.
  ///
  /// - Parameter metadata: what else the file says; its `configuration` is the model's own.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    var metadata = metadata
    metadata[configurationKey] = try StrictJSON.text(configuration)
    try weights(metadata: metadata).write(to: path)
  }

  /// The model of a file that `save` has written, or `zoo train`.
  ///
  /// - Throws: `WeightsError`.
  public init(contentsOf path: String) throws(WeightsError) {
    try self.init(SafeTensors(weightsAt: path), from: path)
  }

  /// The model of a file that has been read already.
  ///
  /// - Parameter path: the file's name, for errors.
  /// - Throws: `WeightsError`.
  public init(_ file: SafeTensors, from path: String = "weights") throws(WeightsError) {
    func failure(_ reason: String) -> WeightsError {
      WeightsError(file: path, problem: .noModel(reason: reason))
    }
    guard let text = file.metadata[configurationKey] else {
      throw failure("its metadata has no '\(configurationKey)'")
    }
    let configuration: Configuration
    do throws(StrictJSON.Failure) {
      configuration = try StrictJSON.value(Configuration.self, of: text)
    } catch {
      throw failure("its '\(configurationKey)' has \(error)")
    }
    if let contradiction = Self.contradiction(in: configuration) { throw failure(contradiction) }
    try self.init(configuration, weights: file, from: path)
  }

  /// The model of a configuration that can be, with the weights of a file. That the file holds as much
  /// as the configuration claims is seen before anything is made of that size: a small file may claim
  /// more than there is memory for.
  ///
  /// - Throws: `WeightsError`.
  package init(
    _ configuration: Configuration, weights file: SafeTensors, from path: String
  ) throws(WeightsError) {
    var generator = Generator(seed: 0)
    let outline = Outline.draw { Self(configuration, using: &generator) }
    try outline.check(file, from: path)
    self.init(configuration, using: &generator)
    try load(file, from: path)
  }
}
