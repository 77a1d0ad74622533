public import Autograd
public import Layers

/// A model that programs in other languages can open, apply and train: it says by which names it is
/// asked for what, and of which types and axes its tensors are.
///
/// ```swift
/// extension Elman: CallableByName {
///   var namedFunctions: [NamedFunction<Scalar>] {
///     [
///       NamedFunction(
///         inputs: [.numbers("x", ["batch", "time", 8]), .lengths(of: "time")],
///         outputs: [.numbers("output", ["batch", 3])]
///       ) { [self($0.numbers("x"), lengths: $0.lengths("lengths"))] }
///     ]
///   }
///   var namedLoss: NamedLoss<Scalar>? {
///     NamedLoss(
///       inputs: namedFunctions[0].inputs, targets: [.indices("labels", ["batch"], in: 0..<3)]
///     ) {
///       crossEntropyLoss(
///         self($0.numbers("x"), lengths: $0.lengths("lengths")), $0.indices("labels"))
///     }
///   }
/// }
/// ```
public protocol CallableByName<Scalar>: ConfiguredModel, Sendable {
  /// `Float` or `Double`.
  associatedtype Scalar: FloatingPointScalar

  /// What the model can be asked for; a call of the model itself is the first.
  var namedFunctions: [NamedFunction<Scalar>] { get }

  /// What training makes smaller; nil for a model that is only applied.
  var namedLoss: NamedLoss<Scalar>? { get }
}

extension CallableByName {
  /// None: the model is only applied.
  public var namedLoss: NamedLoss<Scalar>? { nil }
}
