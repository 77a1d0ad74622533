import Autograd
import FoundationEssentials
public import Layers

/// All that a training needs to go on as if it had not been stopped, in one safetensors file:
/// weights, the optimizer's state, averaged weights, and a state of the caller's as JSON.
public enum Checkpoint {
  private struct Counts: Codable {
    var optimizer: [String: Int]
    var average: Int?
    var averageDecay: Double?
  }

  private static let prefixes = (model: "model.", optimizer: "optimizer.", average: "average.")

  /// Writes a checkpoint beside the old one and renames it into place.
  ///
  /// - Parameter state: generators, counters and whatever else is to be restored.
  public static func save(
    to path: String, model: some Layer, optimizer: some Optimizer, average: WeightAverage? = nil,
    state: some Encodable
  ) throws(FileError) {
    var file = model.weights(prefix: prefixes.model)
    let (tensors, steps) = optimizer.state.saved(prefix: prefixes.optimizer)
    file.tensors.merge(tensors) { $1 }
    if let average {
      file.tensors.merge(average.saved(prefix: prefixes.average)) { $1 }
    }
    let counts = Counts(
      optimizer: steps, average: average?.steps, averageDecay: average?.decay)
    file.metadata["format"] = "tapestry checkpoint 1"
    file.metadata["counts"] = try json(counts, path)
    file.metadata["state"] = try json(state, path)
    try file.write(to: path)
  }

  /// Restores a checkpoint.
  ///
  /// - Parameters:
  ///   - model: gets the weights.
  ///   - optimizer: one of the kind that was saved; gets its state, keeps its settings.
  ///   - average: gets the averaged weights, or nil if none were saved.
  ///   - state: the type of the caller's state.
  /// - Returns: the caller's state.
  /// - Throws: `WeightsError`; then nothing has changed.
  public static func load<State: Decodable>(
    from path: String, model: some Layer, optimizer: inout some Optimizer,
    average: inout WeightAverage?, state: State.Type
  ) throws(WeightsError) -> State {
    let file = try SafeTensors(weightsAt: path)
    let parameters = model.parameters.map { ($0.name, $0.parameter.scalarType, $0.parameter.shape) }
    let restored: State
    let optimizerState: OptimizerState
    var restoredAverage: WeightAverage?
    do throws(SafeTensorsError) {
      restored = try decoded(State.self, "state", file, path)
      let counts = try decoded(Counts.self, "counts", file, path)
      optimizerState = try OptimizerState(
        file, prefix: prefixes.optimizer, steps: counts.optimizer, slots: optimizer.slots,
        parameters: parameters)
      if let steps = counts.average {
        restoredAverage = try WeightAverage(
          file, prefix: prefixes.average, decay: counts.averageDecay, steps: steps)
      }
    } catch {
      throw WeightsError(file: path, problem: .malformed(error))
    }
    try model.load(file, from: path, prefix: prefixes.model)
    optimizer.state = optimizerState
    average = restoredAverage
    return restored
  }

  private static func json(_ value: some Encodable, _ path: String) throws(FileError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw FileError(
        path: path, attempt: .write, reason: "the state cannot be encoded: \(error)")
    }
  }

  private static func decoded<Content: Decodable>(
    _: Content.Type, _ key: String, _ file: SafeTensors, _ path: String
  ) throws(SafeTensorsError) -> Content {
    guard let text = file.metadata[key] else {
      throw SafeTensorsError(
        "a checkpoint", found: "no metadata '\(key)'", at: .init(file: path))
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(Content.self, from: Data(text.utf8))
    } catch {
      throw SafeTensorsError(
        "'\(key)' of this training in the metadata", found: "\(error)", at: .init(file: path))
    }
  }
}
