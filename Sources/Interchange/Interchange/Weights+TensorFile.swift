extension Layer {
  /// Takes all parameters from a file of any kind.
  ///
  /// ```swift
  /// let file = try TensorFile(contentsOf: "gru.pt")
  /// print(try model.load(file, names: .pyTorch).loaded.count)
  /// ```
  ///
  /// - Parameters:
  ///   - names: what the file calls them.
  ///   - prefix: only tensors whose names begin so are looked at; it is not part of the parameters'
  ///     names.
  ///   - isStrict: whether it is an error if something does not fit; else what fits is loaded, and the
  ///     report says what was not.
  /// - Returns: what became of each tensor, and the file's metadata.
  /// - Throws: `WeightsError` with that report; then nothing has changed.
  @discardableResult
  public func load(
    _ file: TensorFile, names: NameMap = .own, prefix: String = "", isStrict: Bool = true
  ) throws(WeightsError) -> LoadingReport {
    try load(
      file.tensors, metadata: file.metadata, from: file.path ?? "weights", prefix: prefix,
      names: names, isStrict: isStrict)
  }
}

extension ConfiguredModel {
  /// The model of a file that says how large it is: a folder with its `config.json`, or a file that
  /// `save` has written. What the file claims is compared with what it holds before a model of that size
  /// is made.
  ///
  /// - Parameter names: what the file calls the parameters.
  /// - Throws: `WeightsError`.
  public init(_ file: TensorFile, names: NameMap = .own) throws(WeightsError) {
    try self.init(
      configuration: file.configuration ?? file.metadata[configurationKey],
      "it has no configuration", weights: file.tensors, from: file.path ?? "weights", names: names)
  }
}
