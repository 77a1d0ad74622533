import Autograd
public import Layers

/// All that a training needs to go on as if it had not been stopped, in one safetensors file:
/// weights, the optimizer's state, averaged weights, and a state of the caller's as JSON.
public enum Checkpoint {
  private struct Counts: Codable {
    /// The optimizer's kind.
    var kind: String
    /// Its steps of each parameter.
    var optimizer: [String: Int]
    var average: Int?
    var averageDecay: Double?
  }

  private enum Prefix {
    static let model = "model."
    static let optimizer = "optimizer."
    static let average = "average."
  }

  private enum Key {
    static let format = "format"
    static let counts = "counts"
    static let state = "state"
  }

  private static let format = "tapestry checkpoint 4"

  private static func kind(of optimizer: some Optimizer) -> String { "\(type(of: optimizer))" }

  /// Writes a checkpoint beside the old one and renames it into place. It has a checksum, which `load` checks.
  ///
  /// - Parameters:
  ///   - state: generators, counters and whatever else is to be restored.
  ///   - previous: what the old checkpoint is called from now on; nil does not keep it.
  public static func save(
    to path: String, model: some Layer, optimizer: some Optimizer, average: WeightAverage? = nil,
    state: some Encodable, keepingPrevious previous: String? = nil
  ) throws(FileError) {
    var file = model.weights(prefix: Prefix.model)
    let (tensors, steps) = optimizer.state.saved(prefix: Prefix.optimizer)
    file.tensors.merge(tensors) { $1 }
    if let average {
      file.tensors.merge(average.saved(prefix: Prefix.average)) { $1 }
    }
    let counts = Counts(
      kind: kind(of: optimizer), optimizer: steps, average: average?.steps,
      averageDecay: average?.decay)
    file.metadata[Key.format] = format
    do {
      file.metadata[Key.counts] = try StrictJSON.text(counts)
      file.metadata[Key.state] = try StrictJSON.text(state)
    } catch {
      throw FileError(
        path: path, attempt: .write, reason: "the state cannot be encoded: \(error)")
    }
    try file.write(to: path, hasChecksum: true, keepingPrevious: previous)
  }

  /// Restores a checkpoint.
  ///
  /// Everything that the file holds is read: what has no place in model, optimizer and state is an
  /// error.
  ///
  /// - Parameters:
  ///   - model: gets the weights.
  ///   - optimizer: one of the kind that was saved; gets its state, keeps its settings.
  ///   - average: gets the averaged weights, or nil if none were saved.
  ///   - state: the type of the caller's state.
  /// - Returns: the caller's state.
  /// - Throws: `WeightsError`; then nothing has changed.
  public static func load<State: Codable>(
    from path: String, model: some Layer, optimizer: inout some Optimizer,
    average: inout WeightAverage?, state: State.Type
  ) throws(WeightsError) -> State {
    do {
      return try load(
        from: path, model: model, optimizer: &optimizer, average: &average, state: state
      ) { _ in }
    } catch let error as WeightsError {
      throw error
    } catch {
      trap("Checkpoint.load: \(error) is thrown by nobody")
    }
  }

  /// Restores a checkpoint if the body, which looks at the caller's state first, lets it.
  static func load<State: Codable>(
    from path: String, model: some Layer, optimizer: inout some Optimizer,
    average: inout WeightAverage?, state: State.Type, accepting: (State) throws -> Void
  ) throws -> State {
    let file = try SafeTensors(weightsAt: path)
    let restored: State
    let optimizerState: OptimizerState
    let restoredAverage: WeightAverage?
    do throws(TensorFileError) {
      try check(file.metadata, path)
      restored = try decoded(State.self, Key.state, file, path)
      let counts = try decoded(Counts.self, Key.counts, file, path)
      (optimizerState, restoredAverage) = try parts(file, counts, model, optimizer, path)
    } catch {
      throw WeightsError(file: path, problem: .malformed(error))
    }
    try accepting(restored)
    try model.load(file, from: path, prefix: Prefix.model)
    optimizer.state = optimizerState
    average = restoredAverage
    return restored
  }

  /// What the optimizer and the average remember, of just the model's parameters.
  private static func parts(
    _ file: SafeTensors, _ counts: Counts, _ model: some Layer, _ optimizer: some Optimizer,
    _ path: String
  ) throws(TensorFileError) -> (OptimizerState, WeightAverage?) {
    let parameters = model.parameters.map { ($0.name, $0.parameter.scalarType, $0.parameter.shape) }
    let kind = kind(of: optimizer)
    if counts.kind != kind {
      throw TensorFileError(
        "what \(kind) remembers", found: "what \(counts.kind) does", at: .init(file: path))
    }
    // Who counts on from there does not come to the largest number.
    let counters = counts.optimizer.values + [counts.average].compactMap { $0 }
    if let wrong = counters.filter({ !(0...1 << 53).contains($0) }).min() {
      throw TensorFileError(
        "numbers of steps from 0 to 2^53", found: "\(wrong)", at: .init(file: path))
    }
    let state = try OptimizerState(
      file, prefix: Prefix.optimizer, steps: counts.optimizer, slots: optimizer.slots,
      parameters: parameters)
    var average: WeightAverage?
    if let steps = counts.average {
      average = try WeightAverage(
        file, prefix: Prefix.average, decay: counts.averageDecay, steps: steps,
        parameters: parameters)
    }
    if let name = counts.optimizer.keys.filter({ !state.names.contains($0) }).min() {
      throw TensorFileError(
        "steps of the model's parameters", found: "those of '\(name)'", at: .init(file: path))
    }
    var known = Set(state.saved(prefix: Prefix.optimizer).tensors.keys)
    if let average { known.formUnion(average.saved(prefix: Prefix.average).keys) }
    let strange = file.tensors.keys.filter { !$0.hasPrefix(Prefix.model) && !known.contains($0) }
    if let name = strange.min() {
      throw TensorFileError(
        "tensors of this model and \(kind)", found: "one that is not",
        at: .init(file: path, tensor: name))
    }
    return (state, average)
  }

  /// Throws unless metadata are those of a checkpoint of this kind.
  private static func check(
    _ metadata: [String: String], _ path: String
  ) throws(TensorFileError) {
    let location = TensorFileError.Location(file: path)
    guard let found = metadata[Key.format], found == format else {
      throw TensorFileError(
        "a '\(format)'", found: metadata[Key.format].map { "'\($0)'" } ?? "another file",
        at: location)
    }
    let known = [Key.format, Key.counts, Key.state]
    if let key = metadata.keys.filter({ !known.contains($0) }).min() {
      throw TensorFileError("no other metadata", found: "'\(key)'", at: location)
    }
  }

  private static func decoded<Content: Codable>(
    _: Content.Type, _ key: String, _ file: SafeTensors, _ path: String
  ) throws(TensorFileError) -> Content {
    func wrong(_ found: String) -> TensorFileError {
      TensorFileError(
        "'\(key)' of this training in the metadata", found: found, at: .init(file: path))
    }
    guard let text = file.metadata[key] else { throw wrong("none") }
    do throws(StrictJSON.Failure) {
      return try StrictJSON.value(Content.self, of: text)
    } catch {
      throw wrong("\(error)")
    }
  }
}
