import Autograd
public import Layers

/// The key of the metadata under which a model's configuration stands, as JSON.
package let configurationKey = "configuration"

extension ConfiguredModel {
  /// Writes weights and configuration as a safetensors file, beside the old one and renamed into
  /// place.
  ///
  /// - Parameters:
  ///   - names: what the file calls the parameters.
  ///   - dtype: of floating tensors, F64, F32, F16 or BF16; the parameters' own if nil.
  ///   - metadata: what else the file says; its `configuration` is the model's own.
  public func save(
    to path: String, names: NameMap = .own, as dtype: StoredTensor.DType? = nil,
    metadata: [String: String] = [:]
  ) throws {
    var metadata = metadata
    metadata[configurationKey] = try StrictJSON.text(configuration)
    try weights(names: names, as: dtype, metadata: metadata).write(to: path)
  }

  /// The model of a file that `save` has written, or `zoo train`.
  ///
  /// - Parameter names: what the file calls the parameters.
  /// - Throws: `WeightsError`.
  public init(contentsOf path: String, names: NameMap = .own) throws(WeightsError) {
    try self.init(SafeTensors(weightsAt: path), from: path, names: names)
  }

  /// The model of a file that has been read already.
  ///
  /// - Parameters:
  ///   - path: the file's name, for errors.
  ///   - names: what the file calls the parameters.
  /// - Throws: `WeightsError`.
  public init(
    _ file: SafeTensors, from path: String = "weights", names: NameMap = .own
  ) throws(WeightsError) {
    try self.init(
      configuration: file.metadata[configurationKey], "its metadata has no '\(configurationKey)'",
      weights: file.tensors, from: path, names: names)
  }

  /// The model of a configuration in JSON.
  ///
  /// - Parameter absence: what is wrong where there is none.
  package init(
    configuration text: String?, _ absence: String, weights: [String: StoredTensor],
    from path: String, names: NameMap
  ) throws(WeightsError) {
    func failure(_ reason: String) -> WeightsError {
      WeightsError(file: path, problem: .noModel(reason: reason))
    }
    guard let text else { throw failure(absence) }
    let configuration: Configuration
    do throws(StrictJSON.Failure) {
      configuration = try StrictJSON.value(Configuration.self, of: text)
    } catch {
      throw failure("its '\(configurationKey)' has \(error)")
    }
    if let contradiction = Self.contradiction(in: configuration) { throw failure(contradiction) }
    try self.init(configuration, weights: weights, from: path, names: names)
  }

  /// The model of a configuration that can be, with the weights of a file. That the file holds as much
  /// as the configuration claims is seen before anything is made of that size: a small file may claim
  /// more than there is memory for.
  ///
  /// - Throws: `WeightsError`.
  package init(
    _ configuration: Configuration, weights: [String: StoredTensor], from path: String,
    names: NameMap = .own
  ) throws(WeightsError) {
    var generator = Generator(seed: 0)
    let outline = Outline.draw { Self(configuration, using: &generator) }
    try outline.check(weights, from: path, names: names)
    self = awaitingWeights { Self(configuration, using: &generator) }
    try load(weights, metadata: [:], from: path, names: names)
  }
}
