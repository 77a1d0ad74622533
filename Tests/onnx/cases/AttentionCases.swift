import Autograd
import Layers
import ONNX

/// Attention, with masks of keys and of pairs, and the layers of Transformers.
func attentionCases() -> [Case] {
  var generator = Generator(seed: 5)
  typealias F = Float
  let rotary = RotaryPositions<F>(limit: 20, size: 4)
  return [
    attention(
      "attention-additive",
      AdditiveScore<F>(querySize: 5, keySize: 6, hiddenSize: 4, using: &generator), 5),
    attention(
      "attention-concat",
      ConcatScore<F>(querySize: 5, keySize: 6, hiddenSize: 4, using: &generator), 5),
    attention("attention-general", GeneralScore<F>(querySize: 5, keySize: 6, using: &generator), 5),
    attention("attention-dot", DotScore<F>(), 6),
    attention("attention-scaled-dot", ScaledDotScore<F>(), 6),
    attention("attention-scaled-dot-double", ScaledDotScore<Double>(), 6),
    history(
      "attention-coverage",
      CoverageScore<F>(querySize: 5, keySize: 6, hiddenSize: 4, using: &generator)
    ) { $0.total },
    history(
      "attention-location",
      LocationScore<F>(
        querySize: 5, keySize: 6, hiddenSize: 4, filters: 3, width: 5, using: &generator)
    ) { $0.previous },
    local(
      "attention-local-monotonic",
      LocalAttention(GeneralScore<F>(querySize: 5, keySize: 6, using: &generator), window: 2)),
    local(
      "attention-local-predicted",
      LocalAttention(
        GeneralScore<F>(querySize: 5, keySize: 6, using: &generator), window: 2,
        predictor: PositionPredictor(querySize: 5, hiddenSize: 4, using: &generator))),
    Case("attention-layer", AttentionLayer<F>(6, using: &generator)) { run, model in
      let states: Tensor<F> = run.input("states", [run.batch, run.time, 6])
      let mask = run.mask("keyMask", [run.batch, run.time])
      run.output("output", model(states, keyMask: mask))
      run.output("weights", model.weights(states, keyMask: mask))
      run.output("context", model.context(states, keyMask: mask))
    },
    multiHead(
      "multi-head-attention",
      MultiHeadAttention<F>(8, heads: 2, keySize: 6, valueSize: 7, using: &generator)),
    multiHead(
      "multi-head-attention-double",
      MultiHeadAttention<Double>(8, heads: 2, keySize: 6, valueSize: 7, using: &generator)),
    multiHead(
      "multi-head-attention-rotary-without-bias",
      MultiHeadAttention<F>(
        8, heads: 2, keySize: 6, valueSize: 7, bias: false, rotary: rotary, using: &generator)),
    encoderLayer(
      "transformer-encoder-layer",
      TransformerEncoderLayer<F>(8, heads: 2, innerSize: 12, using: &generator)),
    encoderLayer(
      "transformer-encoder-layer-pre-norm-gelu-rotary",
      TransformerEncoderLayer<F>(
        8, heads: 2, innerSize: 12, activation: .gelu, normPosition: .preNorm, rotary: rotary,
        using: &generator)),
    decoderLayer(
      "transformer-decoder-layer",
      TransformerDecoderLayer<F>(8, heads: 2, innerSize: 12, using: &generator)),
    decoderLayer(
      "transformer-decoder-layer-pre-norm",
      TransformerDecoderLayer<F>(
        8, heads: 2, innerSize: 12, normPosition: .preNorm, using: &generator)),
  ]
}

/// Queries, keys, values and masks. Keys and values that nothing may attend to are no numbers.
private struct Inputs<Scalar: FloatingPointScalar> {
  let queries: Tensor<Scalar>
  let keys: Tensor<Scalar>
  let values: Tensor<Scalar>
  let keyMask: Tensor<Bool>
  let mask: Tensor<Bool>

  init(_ run: inout Run, querySize: Int, keySize: Int = 6) {
    let (batch, queries) = (run.batch, run.time / 2 + 2)
    self.queries = run.input("queries", [batch, queries, querySize])
    keyMask = run.mask("keyMask", [batch, run.time])
    keys = run.input("keys", [batch, run.time, keySize], present: keyMask)
    values = run.input("values", [batch, run.time, 7], present: keyMask)
    mask = run.mask("mask", [batch, queries, run.time])
  }
}

private func attention<Score: ONNXAttentionScore>(
  _ name: String, _ score: Score, _ querySize: Int
) -> Case {
  Case(name, Attention(score)) { run, model in
    let given = Inputs<Score.Scalar>(&run, querySize: querySize)
    let (context, weights) = model(
      queries: given.queries, keys: given.keys, values: given.values, keyMask: given.keyMask,
      mask: given.mask)
    run.output("output", context)
    run.output("weights", weights)
  }
}

/// A step after another one.
private func history<Score: ONNXHistoryScore & HistoryScore>(
  _ name: String, _ score: Score,
  _ tensor: @escaping (AttentionHistory<Score.Scalar>) -> Tensor<Score.Scalar>
) -> Case {
  Case(name, Attention(score)) { run, model in
    let query: Tensor<Score.Scalar> = run.input("query", [run.batch, 5])
    let keys: Tensor<Score.Scalar> = run.input("keys", [run.batch, run.time, 6])
    let values: Tensor<Score.Scalar> = run.input("values", [run.batch, run.time, 7])
    let memory = model.prepare(
      keys: keys, values: values, keyMask: run.mask("keyMask", [run.batch, run.time]))
    let weights: Tensor<Score.Scalar> = run.input("state.history", [run.batch, run.time])
    let before = model.initialHistory(memory).followed(by: weights)
    let made = model(query, memory, after: before)
    run.output("context", made.context)
    run.output("weights", made.weights)
    run.output("next.history", tensor(made.history))
  }
}

private func local<Score: ONNXAttentionScore>(
  _ name: String, _ model: LocalAttention<Score>
) -> Case {
  Case(name, model) { run, model in
    let given = Inputs<Score.Scalar>(&run, querySize: 5)
    run.whole("input.step", [1], [])
    let memory = model.prepare(
      keys: given.keys, values: given.values, keyMask: given.keyMask, mask: given.mask)
    let (context, weights) = model(given.queries, memory, step: 1)
    run.output("output", context)
    run.output("weights", weights)
  }
}

private func multiHead<Scalar>(_ name: String, _ model: MultiHeadAttention<Scalar>) -> Case {
  Case(name, model) { run, model in
    let given = Inputs<Scalar>(&run, querySize: 8)
    let (output, weights) = model(
      queries: given.queries, keys: given.keys, values: given.values, keyMask: given.keyMask,
      mask: given.mask)
    run.output("output", output)
    run.output("weights", weights)
  }
}

private func encoderLayer(_ name: String, _ model: TransformerEncoderLayer<Float>) -> Case {
  Case(name, model) { run, model in
    let x: Tensor<Float> = run.input("x", [run.batch, run.time, 8])
    let keyMask = run.mask("keyMask", [run.batch, run.time])
    let mask = run.mask("mask", [run.batch, run.time, run.time])
    run.output("output", model(x, mask: mask, keyMask: keyMask))
  }
}

private func decoderLayer(_ name: String, _ model: TransformerDecoderLayer<Float>) -> Case {
  Case(name, model) { run, model in
    let target = run.time / 2 + 2
    let x: Tensor<Float> = run.input("x", [run.batch, target, 8])
    let memory: Tensor<Float> = run.input("memory", [run.batch, run.time, 8])
    let mask = run.mask("mask", [run.batch, target, target])
    let keyMask = run.mask("memoryKeyMask", [run.batch, run.time])
    run.output("output", model(x, memory: memory, mask: mask, memoryKeyMask: keyMask))
  }
}
