import Autograd
import Layers
import ONNX

/// Layers that make one tensor of one other.
func layerCases() -> [Case] {
  var generator = Generator(seed: 3)
  func sequence(_ size: Int) -> (Int, Int) -> Shape { { [$0, $1, size] } }
  func channels(_ size: Int) -> (Int, Int) -> Shape { { [$0, size, $1] } }
  func picture(_ size: Int) -> (Int, Int) -> Shape { { [$0, size, $1 + 2, $1 + 5] } }
  typealias F = Tensor<Float>
  let rotary = RotaryPositions<Float>.Pairing.self
  return [
    Case("linear", Linear<Float>(inputs: 5, outputs: 4, using: &generator), shape: sequence(5)) {
      $0($1) as F
    },
    Case(
      "linear-double", Linear<Double>(inputs: 5, outputs: 4, using: &generator),
      shape: sequence(5)
    ) { $0($1) as Tensor<Double> },
    Case(
      "linear-without-bias", Linear<Float>(inputs: 5, outputs: 4, bias: false, using: &generator),
      shape: sequence(5)
    ) { $0($1) as F },
    Case("embedding", Embedding<Float>(count: 9, size: 4, using: &generator)) { run, model in
      let x = run.symbols("input.x", 0..<9, [run.batch, run.time])
      run.output("output", model(x))
    },
    Case("layer-norm", LayerNorm<Float>([6]), shape: sequence(6)) { $0($1) as F },
    Case("layer-norm-double", LayerNorm<Double>([6]), shape: sequence(6)) {
      $0($1) as Tensor<Double>
    },
    Case(
      "layer-norm-of-two-axes-without-scale", LayerNorm<Float>([4, 3], weight: false, bias: false),
      shape: { [$0, $1, 4, 3] }
    ) { $0($1) as F },
    Case("batch-norm", BatchNorm<Float>(4), shape: channels(4)) { $0($1) as F },
    Case("batch-norm-not-affine", BatchNorm<Float>(4, affine: false), shape: channels(4)) {
      $0($1) as F
    },
    Case(
      "batch-norm-of-the-batch", BatchNorm<Float>(4, tracksStatistics: false), shape: channels(4)
    ) { $0($1) as F },
    Case("softmax", Softmax<Float>(), shape: sequence(6)) { $0($1) as F },
    Case("softmax-over-time", Softmax<Float>(axis: 1), shape: sequence(6)) { $0($1) as F },
    Case("dropout", Dropout<Float>(0.5), shape: sequence(6)) { $0($1) as F },
    Case("gaussian-noise", GaussianNoise<Float>(0.5), shape: sequence(6)) { $0($1) as F },
    Case(
      "conv1d", Conv1d<Float>(inputs: 3, outputs: 5, width: 3, using: &generator),
      shape: channels(3)
    ) { $0($1) as F },
    Case(
      "conv1d-same-even-width",
      Conv1d<Float>(
        inputs: 3, outputs: 5, width: 4, padding: .same, bias: false, using: &generator),
      shape: channels(3)
    ) { $0($1) as F },
    Case(
      "conv1d-strided-dilated-in-groups",
      Conv1d<Float>(
        inputs: 4, outputs: 6, width: 3, stride: 2, padding: .each([2]), dilation: 2, groups: 2,
        using: &generator), shape: channels(4)
    ) { $0($1) as F },
    Case(
      "conv2d",
      Conv2d<Float>(inputs: 3, outputs: 5, size: [3, 2], padding: .same, using: &generator),
      shape: picture(3)
    ) { $0($1) as F },
    Case(
      "conv2d-strided-dilated-in-groups",
      Conv2d<Float>(
        inputs: 4, outputs: 6, size: [3, 2], stride: [2, 1], padding: .each([1, 2]),
        dilation: [1, 2], groups: 2, using: &generator), shape: picture(4)
    ) { $0($1) as F },
    Case(
      "feed-forward", FeedForward<Float>(6, innerSize: 10, using: &generator), shape: sequence(6)
    ) {
      $0($1) as F
    },
    Case(
      "feed-forward-gelu",
      FeedForward<Float>(6, innerSize: 10, activation: .gelu, bias: false, using: &generator),
      shape: sequence(6)
    ) { $0($1) as F },
    Case("sinusoidal-positions", SinusoidalPositions<Float>(limit: 20, size: 6), shape: sequence(6))
    {
      $0($1) as F
    },
    Case(
      "sinusoidal-positions-odd", SinusoidalPositions<Float>(limit: 20, size: 5), shape: sequence(5)
    ) { $0($1) as F },
    Case(
      "learned-positions", LearnedPositions<Float>(limit: 20, size: 6, using: &generator),
      shape: sequence(6)
    ) { $0($1) as F },
    Case(
      "rotary-positions-neighbours",
      RotaryPositions<Float>(limit: 20, size: 6, pairing: rotary.neighbours), shape: sequence(6)
    ) { $0($1) as F },
    Case(
      "rotary-positions-halves", RotaryPositions<Float>(limit: 20, size: 6, pairing: rotary.halves),
      shape: sequence(6)
    ) { $0($1) as F },
  ]
}
