import Autograd
public import Layers

extension Layer {
  /// All parameters as tensors of a file.
  ///
  /// - Parameters:
  ///   - names: what the file calls them.
  ///   - dtype: of floating tensors, F64, F32, F16 or BF16, each number rounded to the nearest; the
  ///     parameters' own if nil.
  ///   - metadata: text that stands beside them.
  ///   - prefix: stands before each name. Names whose rules do not fit the model trap.
  public func weights(
    names: NameMap = .own, as dtype: StoredTensor.DType? = nil, metadata: [String: String] = [:],
    prefix: String = ""
  ) -> SafeTensors {
    var file = SafeTensors(metadata: metadata)
    let layout: ParameterLayout
    do throws(NameRuleError) {
      layout = try ParameterLayout(of: self, names: names)
    } catch { trap("weights: the rules of the names do not fit the model: \(error)") }
    for (name, tensor) in layout.tensors(as: dtype) { file.tensors[prefix + name] = tensor }
    return file
  }

  /// Writes all parameters as a safetensors file, beside the old one and renamed into place.
  ///
  /// - Parameters: as those of `weights`.
  public func save(
    to path: String, names: NameMap = .own, as dtype: StoredTensor.DType? = nil,
    metadata: [String: String] = [:]
  ) throws(FileError) {
    try weights(names: names, as: dtype, metadata: metadata).write(to: path)
  }

  /// Reads all parameters from a safetensors file that `save` or another program has written.
  ///
  /// The file holds a tensor of the right shape for each parameter, and nothing else; tied weights
  /// may stand under any of their names, and under several if they are equal. Floating types are
  /// converted to the parameters'.
  ///
  /// - Parameters:
  ///   - names: what the file calls them.
  ///   - isStrict: whether it is an error if something does not fit; else what fits is loaded, and the
  ///     report says what was not.
  /// - Returns: what became of each tensor, and the file's metadata.
  /// - Throws: `WeightsError`; then nothing has changed.
  @discardableResult
  public func load(
    from path: String, names: NameMap = .own, isStrict: Bool = true
  ) throws(WeightsError) -> LoadingReport {
    try load(SafeTensors(weightsAt: path), from: path, names: names, isStrict: isStrict)
  }

  /// Takes all parameters from tensors that have been read already.
  ///
  /// - Parameters:
  ///   - file: the tensors.
  ///   - path: the file's name, for errors.
  ///   - prefix: only tensors whose names begin so are looked at; it is not part of the
  ///     parameters' names.
  ///   - names: what the file calls them.
  ///   - isStrict: whether it is an error if something does not fit.
  /// - Returns: what became of each tensor, and the file's metadata.
  /// - Throws: `WeightsError`; then nothing has changed.
  @discardableResult
  public func load(
    _ file: SafeTensors, from path: String = "weights", prefix: String = "",
    names: NameMap = .own, isStrict: Bool = true
  ) throws(WeightsError) -> LoadingReport {
    try load(
      file.tensors, metadata: file.metadata, from: path, prefix: prefix, names: names,
      isStrict: isStrict)
  }

  /// The same with the tensors of a file of any kind.
  @discardableResult
  package func load(
    _ tensors: [String: StoredTensor], metadata: [String: String], from path: String,
    prefix: String = "", names: NameMap, isStrict: Bool = true
  ) throws(WeightsError) -> LoadingReport {
    let loading = try Loading(self, names, tensors, prefix: prefix, metadata: metadata, from: path)
    if isStrict && !loading.report.isComplete {
      throw WeightsError(file: path, problem: .mismatch(loading.report))
    }
    loading.apply()
    return loading.report
  }

  /// Compares all parameters with tensors that have been read already.
  ///
  /// - Throws: `WeightsError` where they could not be loaded.
  func check(
    _ tensors: [String: StoredTensor], from path: String, names: NameMap
  ) throws(WeightsError) {
    let report = try Loading(self, names, tensors, prefix: "", metadata: [:], from: path).report
    if !report.isComplete { throw WeightsError(file: path, problem: .mismatch(report)) }
  }
}

extension SafeTensors {
  /// Reads a file of weights.
  init(weightsAt path: String) throws(WeightsError) {
    let bytes: StoredBytes
    do {
      bytes = try mapFile(path)
    } catch {
      throw WeightsError(file: path, problem: .unreadable(error))
    }
    do {
      try self.init(bytes: bytes, file: path)
    } catch {
      throw WeightsError(file: path, problem: .malformed(error))
    }
  }
}
