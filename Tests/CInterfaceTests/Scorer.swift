import CInterface
import Testing

/// A model with an argument of every kind: scores symbols beside numbers, where a mask allows it.
struct Scorer<Scalar: FloatingPointScalar>: ConfiguredModel, CallableByName {
  struct Configuration: Codable, Sendable {
    var symbols: Int
    var size: Int
  }

  let configuration: Configuration
  let embedding: Embedding<Scalar>
  let dropout = Dropout<Scalar>(0.5)

  init(_ configuration: Configuration, using generator: inout some RandomNumberGenerator) {
    self.configuration = configuration
    embedding = Embedding(
      count: configuration.symbols, size: configuration.size, using: &generator)
  }

  static func contradiction(in configuration: Configuration) -> String? {
    Layers.contradiction(sizes: ["symbols": configuration.symbols, "size": configuration.size])
  }

  static var inputs: [NamedTensor] {
    [
      .numbers("x", ["batch", "time", 4]), .indices("symbols", ["batch", "time"], in: 0..<9),
      .mask("mask", ["batch", "time"]), .lengths(of: "time"),
      .indices("power", [], in: 1..<4, isOptional: true),
    ]
  }

  /// The scores `[batch, time]`, 0 where there are none.
  func callAsFunction(_ arguments: NamedArguments<Scalar>) -> Tensor<Scalar> {
    let x = arguments.numbers("x")
    var scores = (x * dropout(embedding(arguments.indices("symbols")))).sum(axes: 2)
    if let mask = arguments.mask("mask") { scores = scores.filled(where: !mask, with: 0) }
    if let lengths = arguments.lengths("lengths") {
      scores = scores.filled(where: !sequenceMask(lengths: lengths, time: x.shape[1]), with: 0)
    }
    return (1..<arguments.index("power", default: 1)).reduce(scores) { made, _ in made * scores }
  }

  var namedFunctions: [NamedFunction<Scalar>] {
    [
      NamedFunction(inputs: Self.inputs, outputs: [.numbers("scores", ["batch", "time"])]) {
        [self($0)]
      },
      NamedFunction("refuse", inputs: [], outputs: []) { _ in throw CallError("not today") },
      NamedFunction("forgetful", inputs: [], outputs: [.numbers("nothing", [])]) { _ in [] },
    ]
  }

  var namedLoss: NamedLoss<Scalar>? {
    NamedLoss(inputs: Self.inputs, targets: [.numbers("wanted", ["batch", "time"])]) {
      squaredErrorLoss(self($0), $0.numbers("wanted"))
    }
  }
}

let scorers = ModelLibrary([ModelKind("scorer", Scorer<Float>.self)])

/// An open model with random weights.
func openScorer() throws -> Int64 {
  try withFolder { folder in
    var generator = Generator(seed: 3)
    try Scorer<Float>(.init(symbols: 9, size: 4), using: &generator).save(toFolder: folder)
    let model = scorers.open(folder, nil, 1)
    try #require(model != 0, "\(errorText)")
    return model
  }
}

/// What a call wants at least.
func given(batch: Int = 2, time: Int = 3) -> [Given] {
  let count = batch * time
  return [
    .floats(
      "x", (0..<count * 4).map { Float($0 % 7) - 3 }, [Int64(batch), Int64(time), 4]),
    .wholes("symbols", (0..<count).map { Int64($0 % 9) }, [Int64(batch), Int64(time)]),
  ]
}
