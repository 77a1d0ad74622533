/// A model that can be made from a value that tells all its sizes and options, such as one that stands
/// in a file beside the weights.
///
/// ```swift
/// try model.save(to: "model.safetensors")  // weights and configuration
/// let same = try Seq2Seq<Float>(contentsOf: "model.safetensors")
/// ```
public protocol ConfiguredModel: Layer {
  /// All sizes and options of a model.
  associatedtype Configuration: Codable & Sendable

  /// The sizes and options that the model was made from.
  var configuration: Configuration { get }

  /// A model with fresh weights.
  ///
  /// For a file it is called twice: first for names and shapes alone, when large tensors that are
  /// filled (`zeros`, `uniform`, a layer's weights) have no memory. What is computed of them here has.
  init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator)

  /// Why there is no model of a configuration: a phrase; nil if there is one. What comes from a file
  /// is asked about before a model is made of it.
  static func contradiction(in configuration: Configuration) -> String?
}

/// What a configuration says that no model can be made of: a phrase about the first such number; nil if
/// all are possible.
///
/// - Parameters:
///   - sizes: numbers from 1 to 1,048,576, by their names.
///   - layers: numbers of layers, from 1 to 1,024, by their names.
///   - counts: numbers that may be 0 as well.
///   - rates: shares from 0 up to, but not including, 1.
public func contradiction(
  sizes: KeyValuePairs<String, Int>, layers: KeyValuePairs<String, Int> = [:],
  counts: KeyValuePairs<String, Int> = [:], rates: KeyValuePairs<String, Double> = [:]
) -> String? {
  let largest = 1 << 20
  for (numbers, range) in [
    (sizes, 1...largest), (layers, 1...1024), (counts, 0...largest),
  ] {
    if let (name, number) = numbers.first(where: { !range.contains($0.value) }) {
      return "\(name) is \(number); from \(range.lowerBound) to \(range.upperBound) is expected"
    }
  }
  if let (name, rate) = rates.first(where: { !(0..<1).contains($0.value) }) {
    return "\(name) is \(rate); at least 0 and less than 1 is expected"
  }
  return nil
}
