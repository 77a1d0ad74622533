import Autograd
import CInterface
import Layers
import Sequences

// What models of sequences share: arguments as lists, and what a search has found as tensors.

extension NamedArguments {
  /// The rows of a rectangle of whole numbers, each as long as it is.
  func rows(_ name: String, lengths: String) -> [[Int32]] {
    let (rectangle, lengths) = (indices(name), self.lengths(lengths))
    let (width, numbers) = (rectangle.shape[1], rectangle.scalars)
    return (0..<rectangle.shape[0]).map { row in
      Array(numbers[row * width..<(row * width + (lengths?[row] ?? width))])
    }
  }

  /// Number of beginnings that a search follows.
  var width: Int { index("width", default: 1) }
  /// The most symbols that a search says.
  var limit: Int { index("limit", default: 100) }
}

extension NamedTensor {
  /// Number of beginnings that a search follows: 1, which is greedy, where a call does not say.
  static var width: NamedTensor { .indices("width", [], in: 1..<129, isOptional: true) }
  /// The most symbols that a search says: 100 where a call does not say.
  static var limit: NamedTensor { .indices("limit", [], in: 1..<4097, isOptional: true) }

  /// What a search gives: the symbols of each hypothesis, the best first, filled up with the padding
  /// symbol; how many there are; and the logarithm of its probability.
  static func hypotheses(symbols count: Int) -> [NamedTensor] {
    [
      .indices("symbols", ["batch", "hypotheses", "symbols"], in: 0..<count),
      .indices("counts", ["batch", "hypotheses"], in: 0..<4097),
      .numbers("logProbabilities", ["batch", "hypotheses"]),
    ]
  }
}

/// The outputs that `hypotheses` describes. A source for which less has been found has empty hypotheses
/// at its end, with a log-probability of minus infinity.
func tensors<Scalar: FloatingPointScalar>(
  _ found: [[SequenceHypothesis]], of _: Scalar.Type
) -> [any TensorProtocol] {
  let width = found.map(\.count).max() ?? 0
  let longest = found.joined().map(\.symbols.count).max() ?? 0
  let none = SequenceHypothesis(symbols: [], logProbability: -.infinity)
  let all = found.flatMap { $0 + Array(repeating: none, count: width - $0.count) }
  return [
    padded(all.map(\.symbols), to: longest).reshaped([found.count, width, longest]),
    Tensor(all.map { Int32($0.symbols.count) }, shape: [found.count, width]),
    Tensor(all.map { Scalar($0.logProbability) }, shape: [found.count, width]),
  ]
}

extension SequenceDecoder where Self: Sendable {
  /// `beam`, of `source` `[batch, source]`, `lengths`, `width` and `limit` to hypotheses.
  ///
  /// - Parameters:
  ///   - symbols: number of source symbols.
  ///   - target: number of target symbols.
  func beamFunction(source symbols: Int, target: Int) -> NamedFunction<Scalar> {
    NamedFunction(
      "beam",
      inputs: [
        .indices("source", ["batch", "source"], in: 0..<symbols), .lengths(of: "source"), .width,
        .limit,
      ], outputs: NamedTensor.hypotheses(symbols: target)
    ) {
      let sources = $0.rows("source", lengths: "lengths")
      return tensors(beam(sources, width: $0.width, limit: $0.limit), of: Scalar.self)
    }
  }
}
