// A library for Python, and for C, with a model of one's own: it says what its tensors are called, and
// exports the two functions that know which models there are.
import CInterface

/// An RNN that reads a sequence and tells its class.
struct Elman: ConfiguredModel, CallableByName {
  struct Configuration: Codable, Sendable {
    var inputs, hidden, classes: Int
  }

  let configuration: Configuration
  let rnn: RNN<Float>
  let output: Linear<Float>

  init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
    self.configuration = configuration
    rnn = RNN(
      inputSize: configuration.inputs, hiddenSize: configuration.hidden, using: &generator)
    output = Linear(
      inputs: configuration.hidden, outputs: configuration.classes, using: &generator)
  }

  static func contradiction(in configuration: Configuration) -> String? {
    Layers.contradiction(
      sizes: [
        "inputs": configuration.inputs, "hidden": configuration.hidden,
        "classes": configuration.classes,
      ])
  }

  /// `[batch, time, inputs]` to `[batch, classes]`
  func callAsFunction(_ x: Tensor<Float>, lengths: [Int]?) -> Tensor<Float> {
    output(rnn(x, lengths: lengths).finalStates.last!)
  }

  var namedFunctions: [NamedFunction<Float>] {
    [
      NamedFunction(
        inputs: [
          .numbers("x", ["batch", "time", .size(configuration.inputs)]), .lengths(of: "time"),
        ], outputs: [.numbers("logits", ["batch", .size(configuration.classes)])]
      ) { [self($0.numbers("x"), lengths: $0.lengths("lengths"))] }
    ]
  }

  var namedLoss: NamedLoss<Float>? {
    NamedLoss(
      inputs: namedFunctions[0].inputs,
      targets: [.indices("labels", ["batch"], in: 0..<configuration.classes)]
    ) {
      crossEntropyLoss(
        self($0.numbers("x"), lengths: $0.lengths("lengths")), $0.indices("labels"))
    }
  }
}

private let models = ModelLibrary([ModelKind("elman", Elman.self)])

/// `tapestry_open` of `Python/tapestry.h`.
@c(tapestry_open)
public func open(
  _ path: UnsafePointer<CChar>?, _ kind: UnsafePointer<CChar>?, _ scalar: Int32
) -> Int64 { models.open(path, kind, scalar) }

/// `tapestry_create` of `Python/tapestry.h`.
@c(tapestry_create)
public func create(
  _ kind: UnsafePointer<CChar>?, _ configuration: UnsafePointer<CChar>?, _ seed: UInt64,
  _ scalar: Int32
) -> Int64 { models.create(kind, configuration, seed, scalar) }
