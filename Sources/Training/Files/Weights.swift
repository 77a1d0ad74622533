import Autograd
public import Layers

extension Layer {
  /// All parameters under their dotted names, each in its own type.
  ///
  /// - Parameter prefix: stands before each name.
  public func weights(metadata: [String: String] = [:], prefix: String = "") -> SafeTensors {
    var file = SafeTensors(metadata: metadata)
    for (name, parameter) in parameters {
      file.tensors[prefix + name] = SafeTensors.Entry(parameter.storedValue)
    }
    return file
  }

  /// Writes all parameters as a safetensors file, beside the old one and renamed into place.
  public func save(to path: String, metadata: [String: String] = [:]) throws(FileError) {
    try weights(metadata: metadata).write(to: path)
  }

  /// Reads all parameters from a file that `save` or another program has written.
  ///
  /// The file holds a tensor of the right shape for each parameter, and nothing else; one of tied
  /// weights may stand under any of its names. Floating types are converted to the parameters'.
  ///
  /// - Returns: the file's metadata.
  /// - Throws: `WeightsError`; then nothing has changed.
  @discardableResult
  public func load(from path: String) throws(WeightsError) -> [String: String] {
    let file = try SafeTensors(weightsAt: path)
    try load(file, from: path)
    return file.metadata
  }

  /// Takes all parameters from tensors that have been read already.
  ///
  /// - Parameters:
  ///   - file: the tensors.
  ///   - path: the file's name, for errors.
  ///   - prefix: only tensors whose names begin so are looked at; it is not part of the
  ///     parameters' names.
  /// - Throws: `WeightsError`; then nothing has changed.
  public func load(
    _ file: SafeTensors, from path: String = "weights", prefix: String = ""
  ) throws(WeightsError) {
    func failure(_ problem: WeightsError.Problem) -> WeightsError {
      WeightsError(file: path, problem: problem)
    }
    var changes: [() -> Void] = []
    var unexpected = Set(file.tensors.keys.filter { $0.hasPrefix(prefix) })
    let ties = tiedNames
    for (name, parameter) in parameters {
      let names = [name] + ties.filter { $0.first == name }.map(\.name)
      let key = prefix + (names.first { file.tensors[prefix + $0] != nil } ?? name)
      guard let entry = file.tensors[key] else { throw failure(.missing(key: key)) }
      unexpected.remove(key)
      let shape = Array(parameter.shape)
      if entry.shape != shape {
        throw failure(.wrongShape(key: key, expected: shape, found: entry.shape))
      }
      guard let change = change(of: parameter, to: entry) else {
        throw failure(.wrongType(key: key, found: entry.dtype))
      }
      changes.append(change)
    }
    if let key = unexpected.min() { throw failure(.unexpected(key: key)) }
    for change in changes { change() }
  }
}

/// The assignment of a tensor that has been read to a parameter of its shape; nil if it is of the
/// wrong type.
private func change(of parameter: any AnyParameter, to entry: SafeTensors.Entry) -> (() -> Void)? {
  guard let value = try? entry.value(parameter.scalarType, parameter.shape) else { return nil }
  switch parameter {
  case let parameter as Parameter<Float>: return { parameter.tensor = Tensor(value) }
  case let parameter as Parameter<Double>: return { parameter.tensor = Tensor(value) }
  default: trap("\(type(of: parameter)) is not a Parameter of Float or Double")
  }
}

extension SafeTensors {
  /// Reads a file of weights.
  init(weightsAt path: String) throws(WeightsError) {
    let bytes: [UInt8]
    do {
      bytes = try readFile(path)
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
