import Autograd
public import CInterface
import Layers
public import SentenceEncoder

extension SentenceEncoder: CallableByName {
  /// `apply`, of `symbols` and their `types` `[batch, time]`, which are 0 where a call has none, and
  /// `lengths` to `vectors`, `[batch, size]`.
  public var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(
        inputs: [
          .indices("symbols", ["batch", "time"], in: 0..<configuration.vocabulary),
          .indices("types", ["batch", "time"], in: 0..<configuration.types, isOptional: true),
          .lengths(of: "time"),
        ], outputs: [.numbers("vectors", ["batch", .size(configuration.size)])]
      ) {
        let symbols = $0.indices("symbols")
        if symbols.shape[1] > configuration.positions {
          throw CallError(
            "symbols: \(symbols.shape[1]) of them are more than the model has positions, "
              + "\(configuration.positions)")
        }
        return [
          self(
            symbols, lengths: $0.lengths("lengths"),
            types: $0.contains("types") ? $0.indices("types") : nil)
        ]
      }
    ]
  }
}
