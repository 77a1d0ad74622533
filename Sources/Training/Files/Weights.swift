import Autograd
public import Layers

extension Layer {
  /// All parameters under their dotted names, each in its own type.
  ///
  /// - Parameter prefix: stands before each name.
  public func weights(metadata: [String: String] = [:], prefix: String = "") -> SafeTensors {
    var file = SafeTensors(metadata: metadata)
    for (name, parameter) in parameters {
      file.tensors[prefix + name] = StoredTensor(parameter.storedValue)
    }
    return file
  }

  /// Writes all parameters as a safetensors file, beside the old one and renamed into place.
  public func save(to path: String, metadata: [String: String] = [:]) throws(FileError) {
    try weights(metadata: metadata).write(to: path)
  }

  /// Reads all parameters from a file that `save` or another program has written.
  ///
  /// The file holds a tensor of the right shape for each parameter, and nothing else; tied weights
  /// may stand under any of their names, and under several if they are equal. Floating types are
  /// converted to the parameters'.
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
    let changes = try sources(in: file, path, prefix).map { change(of: $0, to: $1) }
    for change in changes { change() }
  }

  /// Compares all parameters with tensors that have been read already.
  ///
  /// - Throws: `WeightsError` where they could not be loaded.
  func check(_ file: SafeTensors, from path: String) throws(WeightsError) {
    _ = try sources(in: file, path, "")
  }

  /// The tensor of the file that each parameter takes.
  private func sources(
    in file: SafeTensors, _ path: String, _ prefix: String
  ) throws(WeightsError) -> [(parameter: any AnyParameter, entry: StoredTensor)] {
    func failure(_ problem: WeightsError.Problem) -> WeightsError {
      WeightsError(file: path, problem: problem)
    }
    var sources: [(parameter: any AnyParameter, entry: StoredTensor)] = []
    var unexpected = Set(file.tensors.keys.filter { $0.hasPrefix(prefix) })
    let ties = tiedNames
    for (name, parameter) in parameters {
      let names = [name] + ties.filter { $0.first == name }.map(\.name)
      let keys = names.map { prefix + $0 }.filter { file.tensors[$0] != nil }
      guard let key = keys.first else { throw failure(.missing(key: prefix + name)) }
      for key in keys {
        unexpected.remove(key)
        if let problem = Self.problem(of: file.tensors[key]!, key, for: parameter) {
          throw failure(problem)
        }
      }
      let entry = file.tensors[key]!
      if let other = keys.dropFirst().first(where: { !entry.hasNumbers(of: file.tensors[$0]!) }) {
        throw failure(.contradiction(key: key, tied: other))
      }
      sources.append((parameter, entry))
    }
    if let key = unexpected.min() { throw failure(.unexpected(key: key)) }
    return sources
  }

  /// Why a parameter cannot take a tensor; nil where it can.
  private static func problem(
    of entry: StoredTensor, _ key: String, for parameter: any AnyParameter
  ) -> WeightsError.Problem? {
    let shape = Array(parameter.shape)
    if entry.shape != shape {
      return .wrongShape(key: key, expected: shape, found: entry.shape)
    }
    return entry.dtype.isReal ? nil : .wrongType(key: key, found: entry.dtype)
  }
}

/// The assignment of a tensor that has been read to a parameter of its shape.
private func change(of parameter: any AnyParameter, to entry: StoredTensor) -> () -> Void {
  guard let value = try? entry.value(parameter.scalarType, parameter.shape) else {
    trap("\(entry.dtype.name) elements are not converted")
  }
  switch parameter {
  case let parameter as Parameter<Float>: return { parameter.tensor = Tensor(value) }
  case let parameter as Parameter<Double>: return { parameter.tensor = Tensor(value) }
  default: trap("\(type(of: parameter)) is not a Parameter of Float or Double")
  }
}

extension StoredTensor {
  /// Whether two tensors of real numbers hold the same ones, be it in different types.
  fileprivate func hasNumbers(of other: StoredTensor) -> Bool {
    if self == other { return true }
    guard let mine = try? doubles(), let theirs = try? other.doubles() else { return false }
    return mine.elementsEqual(theirs) { $0 == $1 || $0.isNaN && $1.isNaN }
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
