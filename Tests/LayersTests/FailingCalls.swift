import Autograd
import Layers
import Training

/// A programming error inside a model, and what its message must say: what was given, what was
/// expected, and the layer's path.
struct FailingCall: Sendable {
  let name: String
  /// Parts of the message.
  let sentences: [String]
  let call: @Sendable () -> Void

  init(_ name: String, _ sentences: String..., call: @escaping @Sendable () -> Void) {
    self.name = name
    self.sentences = sentences
    self.call = call
  }

  static let all: [FailingCall] =
    basic + recurrent + attention + losses + arguments + states + copies + training

  static func named(_ name: String) -> FailingCall { all.first { $0.name == name }! }

  /// A model with layers at some depth, so that errors have a path to name.
  struct Model: Layer {
    struct Encoder: Layer {
      let first: Linear<Float>
      let rnn: GRU<Float>
      let lstm: LSTM<Float>
      let projected: LSTM<Float>
      let own: Recurrent<Leaky<Float>>
      let dropout = Dropout<Float>(0.5)
    }

    let encoder: Encoder
    let embedding: Embedding<Float>
    let norm = LayerNorm<Float>([4])
    let batchNorm = BatchNorm<Float>(3)
    let convolution: Conv1d<Float>
    let attention: Attention<AdditiveScore<Float>>
    let heads: MultiHeadAttention<Float>
    let features: AttentionLayer<Float>
    let transformer: TransformerEncoderLayer<Float>

    init() {
      var generator = Generator(seed: 1)
      encoder = Encoder(
        first: Linear(inputs: 3, outputs: 4, using: &generator),
        rnn: GRU(inputSize: 4, hiddenSize: 5, using: &generator),
        lstm: LSTM(inputSize: 4, hiddenSize: 5, using: &generator),
        projected: LSTM(inputSize: 4, hiddenSize: 5, projectionSize: 2, using: &generator),
        own: Recurrent(inputSize: 4) { Leaky($0, 5, using: &generator) })
      embedding = Embedding(count: 10, size: 3, using: &generator)
      convolution = Conv1d(inputs: 2, outputs: 3, width: 2, using: &generator)
      attention = Attention(
        AdditiveScore(querySize: 4, keySize: 5, hiddenSize: 6, using: &generator))
      heads = MultiHeadAttention(4, heads: 2, keySize: 5, using: &generator)
      features = AttentionLayer(4, using: &generator)
      transformer = TransformerEncoderLayer(4, heads: 2, innerSize: 8, using: &generator)
      // Looking at the parameters tells each its name, as the first gradient does.
      _ = parameters
    }
  }

  static func zeros(_ shape: Shape) -> Tensor<Float> { .zeros(shape) }

  /// Calls the body with a generator.
  static func random<Result>(_ body: (inout Generator) -> Result) -> Result {
    var generator = Generator(seed: 1)
    return body(&generator)
  }

  // MARK: Layers

  private static let basic: [FailingCall] = [
    .init(
      "linear", "linear: an input of shape [2, 5] for a weight of shape [4, 3]",
      "(in encoder.first)"
    ) { _ = Model().encoder.first(zeros([2, 5])) },
    .init("linear in a gradient", "(in encoder.first)") {
      _ = valueWithGradient(at: Model()) { $0.encoder.first(.zeros([2, 5])).sum() }
    },
    .init("linear, size", "negative extent: -1") {
      _ = random { Linear<Float>(inputs: -1, outputs: 2, using: &$0) }
    },
    .init("embedding", "index 10 of a table with 10 rows (in embedding)") {
      _ = Model().embedding(Tensor<Int32>([3, 10]))
    },
    .init("embedding, padding", "Embedding: padding row 3 of a table with 3 rows") {
      _ = random { Embedding<Float>(count: 3, size: 2, padding: 3, using: &$0) }
    },
    .init("embedding function, padding", "embedding: padding row -4 of a table with 3 rows") {
      _ = embedding(Tensor<Int32>([0]), zeros([3, 2]), padding: -4)
    },
    .init("embedding function, table", "embedding: a table of shape [3]; [count, size] is") {
      _ = embedding(Tensor<Int32>([0]), zeros([3]))
    },
    .init("layer norm", "layerNorm: the last axes of [2, 3] are not [4] (in norm)") {
      _ = Model().norm(zeros([2, 3]))
    },
    .init("batch norm", "BatchNorm: [batch, 3, ...] is expected, not [2, 4] (in batchNorm)") {
      _ = Model().batchNorm(zeros([2, 4]))
    },
    .init("batch norm of one", "a channel needs more than one number, not those of [1, 3]") {
      let model = Model()
      var generator = Generator(seed: 1)
      _ = valueWithGradient(at: model, using: &generator) { $0.batchNorm(.zeros([1, 3])).sum() }
    },
    .init("batch norm without a mode", "BatchNorm needs to know whether this is training") {
      _ = valueWithGradient(at: Model()) { $0.batchNorm(.zeros([2, 3])).sum() }
    },
    .init(
      "convolution", "convolution: 3 channels, a weight of shape [3, 2, 1, 2]", "(in convolution)"
    ) { _ = Model().convolution(zeros([1, 3, 5])) },
    .init("convolution, groups", "Conv1d: ", "groups") {
      _ = random { Conv1d<Float>(inputs: 3, outputs: 4, width: 2, groups: 2, using: &$0) }
    },
    .init("convolution, window", "Conv2d: a window of shape [2]; rows and columns are expected") {
      _ = random { Conv2d<Float>(inputs: 3, outputs: 4, size: [2], using: &$0) }
    },
    .init("dropout, rate", "Dropout: a rate of 1.0 is not in 0 ..< 1") { _ = Dropout<Float>(1) },
    .init(
      "dropout without a mode", "Dropout(0.5) needs to know whether this is training",
      "valueWithGradient(at:using:of:) with a generator"
    ) {
      _ = valueWithGradient(at: Model()) { model in
        model.encoder.dropout(model.encoder.first(.zeros([2, 3]))).sum()
      }
    },
    .init("sequence mask", "sequenceMask: a length of 4 for sequences of 3 steps") {
      _ = sequenceMask(lengths: [2, 4], time: 3)
    },
    .init("Glorot", "glorotUniform: [out, in] is expected, not [3]") {
      _ = random { Tensor<Float>.glorotUniform([3], using: &$0) }
    },
    .init("orthogonal", "orthogonal: [rows, columns] is expected, not [3]") {
      _ = random { Tensor<Float>.orthogonal([3], using: &$0) }
    },
  ]

  private static let recurrent: [FailingCall] = [
    .init(
      "recurrent, input size", "inputs of 3 features for an input size of 4",
      "(in encoder.rnn.layers.0.forward)"
    ) { _ = Model().encoder.rnn(zeros([2, 7, 3])) },
    .init("recurrent, axes", "needs an input [batch, time, in], not [7, 4] (in encoder.rnn)") {
      _ = Model().encoder.rnn(zeros([7, 4]))
    },
    .init("recurrent, lengths", "1 lengths for a batch of 2 sequences (in encoder.rnn)") {
      _ = Model().encoder.rnn(zeros([2, 7, 4]), lengths: [7])
    },
    .init("recurrent, length", "a length of 8 for sequences of 7 steps (in encoder.rnn)") {
      _ = Model().encoder.rnn(zeros([2, 7, 4]), lengths: [7, 8])
    },
    .init(
      "recurrent, number of states", "Recurrent: 2 initial states for 1 layers (in encoder.rnn)"
    ) {
      _ = Model().encoder.rnn(zeros([2, 7, 4]), initialStates: [zeros([2, 5]), zeros([2, 5])])
    },
    .init(
      "recurrent, state", "gru cell: a state of shape [1, 5], not [2, 5]",
      "(in encoder.rnn.layers.0.forward)"
    ) { _ = Model().encoder.rnn(zeros([2, 7, 4]), initialStates: [zeros([1, 5])]) },
    .init(
      "recurrent, reverse state",
      "Recurrent: initial states of a reverse direction that is not there (in encoder.rnn)"
    ) { _ = Model().encoder.rnn(zeros([2, 7, 4]), reverseInitialStates: [zeros([2, 5])]) },
    .init("recurrent, layers", "Recurrent: 0 layers; there must be at least one") {
      _ = random { GRU<Float>(inputSize: 2, hiddenSize: 3, layers: 0, using: &$0) }
    },
    .init(
      "LSTM, cell state", "lstm cell: a state of shape [2, 4], not [2, 5]",
      "(in encoder.lstm.layers.0.forward)"
    ) {
      _ = Model().encoder.lstm(
        zeros([2, 7, 4]), initialStates: [LSTMState(hidden: zeros([2, 5]), cell: zeros([2, 4]))])
    },
    .init(
      "projected LSTM, state", "states of [2, 2] and [1, 5], not [batch, 20], [batch, 2] and",
      "(in encoder.projected.layers.0.forward)"
    ) {
      _ = Model().encoder.projected(
        zeros([2, 7, 4]), initialStates: [LSTMState(hidden: zeros([2, 2]), cell: zeros([1, 5]))])
    },
    .init("own cell", "linear: an input of shape [2, 3]", "(in encoder.own.layers.0.forward.input)")
    {
      _ = Model().encoder.own(zeros([2, 7, 3]))
    },
    .init("a cell's step", "gru cell: an input of shape [4], not [batch, in]") {
      _ = Model().encoder.rnn.layers[0].forward(zeros([4]), zeros([1, 5]))
    },
  ]

  private static let attention: [FailingCall] = [
    .init("attention, keys", "Attention: keys of shape [2, 5]; [batch, keys, keySize] is expected")
    {
      _ = Model().attention(queries: zeros([2, 3, 4]), keys: zeros([2, 5]))
    },
    .init("attention, path", "(in attention)") {
      _ = Model().attention(queries: zeros([2, 3, 4]), keys: zeros([2, 5]))
    },
    .init("attention, values", "Attention: values of shape [2, 6, 5] for keys of shape [2, 7, 5]") {
      _ = Model().attention(
        queries: zeros([2, 3, 4]), keys: zeros([2, 7, 5]), values: zeros([2, 6, 5]))
    },
    .init(
      "attention, key mask", "Attention: a key mask of shape [2, 6] for keys of shape [2, 7, 5]",
      "[batch, keys] is expected (in attention)"
    ) {
      _ = Model().attention(
        queries: zeros([2, 3, 4]), keys: zeros([2, 7, 5]),
        keyMask: Tensor(repeating: true, shape: [2, 6]))
    },
    .init(
      "attention, mask", "Attention: a mask of shape [2, 7] for keys of shape [2, 7, 5]",
      "[batch, queries, keys] is expected (in attention)"
    ) {
      _ = Model().attention(
        queries: zeros([2, 3, 4]), keys: zeros([2, 7, 5]),
        mask: Tensor(repeating: true, shape: [2, 7]))
    },
    .init(
      "attention, mask of queries", "Attention: 3 queries a sentence, and a mask for 4",
      "(in attention)"
    ) {
      _ = Model().attention(
        queries: zeros([2, 3, 4]), keys: zeros([2, 7, 5]),
        mask: Tensor(repeating: true, shape: [2, 4, 7]))
    },
    .init(
      "attention, queries", "Attention: queries of shape [1, 3, 4] for keys of 2 sentences",
      "(in attention)"
    ) { _ = Model().attention(queries: zeros([1, 3, 4]), keys: zeros([2, 7, 5])) },
    .init(
      "attention, query size", "linear: an input of shape [2, 3, 5] for a weight of shape [6, 4]",
      "(in attention.score)"
    ) { _ = Model().attention(queries: zeros([2, 3, 5]), keys: zeros([2, 7, 5])) },
    .init("local attention, score", "LocalAttention: CoverageScore<Float> looks at earlier steps") {
      _ = random {
        LocalAttention(
          CoverageScore<Float>(querySize: 2, keySize: 2, hiddenSize: 2, using: &$0), window: 1)
      }
    },
    .init("dot score", "DotScore: queries of 3 features for keys of 4") {
      _ = Attention(DotScore<Float>())(queries: zeros([2, 3, 3]), keys: zeros([2, 7, 4]))
    },
    .init("heads", "MultiHeadAttention: 5 features cannot be shared evenly by 2 heads") {
      _ = random { MultiHeadAttention<Float>(5, heads: 2, using: &$0) }
    },
    .init(
      "heads, queries", "MultiHeadAttention: queries of shape [2, 4] for keys of [2, 7, 5]",
      "(in heads)"
    ) { _ = Model().heads(queries: zeros([2, 4]), keys: zeros([2, 7, 5])) },
    .init("heads, key size", "linear: an input of shape [2, 7, 4]", "(in heads)") {
      _ = Model().heads(queries: zeros([2, 3, 4]), keys: zeros([2, 7, 4]))
    },
    .init(
      "heads, key mask", "Attention: a key mask of shape [2, 3, 7] for keys of shape [2, 7, 5]",
      "[batch, keys] is expected (in heads)"
    ) {
      _ = Model().heads(
        queries: zeros([2, 3, 4]), keys: zeros([2, 7, 5]), values: zeros([2, 7, 4]),
        keyMask: Tensor(repeating: true, shape: [2, 3, 7]))
    },
    .init(
      "heads, mask", "MultiHeadAttention: a mask of shape [2, 7] for", "[2, 2, 3, 7]", "(in heads)"
    ) {
      _ = Model().heads(
        queries: zeros([2, 3, 4]), keys: zeros([2, 7, 5]), values: zeros([2, 7, 4]),
        mask: Tensor(repeating: true, shape: [2, 7]))
    },
    .init(
      "feature-wise attention", "AttentionLayer: states of shape [2, 4]; [batch, time, hidden]",
      "(in features)"
    ) { _ = Model().features(zeros([2, 4])) },
    .init(
      "feature-wise attention, mask", "AttentionLayer: a mask of shape [2] for states of shape",
      "(in features)"
    ) { _ = Model().features(zeros([2, 3, 4]), keyMask: Tensor([true, false])) },
    .init(
      "transformer", "linear: an input of shape [2, 3, 5]", "(in transformer.selfAttention)"
    ) { _ = Model().transformer(zeros([2, 3, 5])) },
  ]

  private static let losses: [FailingCall] = [
    .init(
      "cross-entropy, labels", "crossEntropyLoss: labels of shape [3], and logits that have [2]"
    ) {
      _ = crossEntropyLoss(zeros([2, 4]), Tensor<Int32>([0, 1, 2]))
    },
    .init("cross-entropy, label", "crossEntropyLoss: label 4 at position 1, with 4 classes") {
      _ = crossEntropyLoss(zeros([2, 4]), Tensor<Int32>([0, 4]))
    },
    .init("cross-entropy, weights", "crossEntropyLoss: weights of shape [3] for 4 classes") {
      _ = crossEntropyLoss(zeros([2, 4]), Tensor<Int32>([0, 1]), weights: zeros([3]))
    },
    .init(
      "cross-entropy, probabilities", "crossEntropyLoss: logits of shape [2, 4] and probabilities"
    ) {
      _ = crossEntropyLoss(zeros([2, 4]), probabilities: zeros([2, 3]))
    },
    .init("cross-entropy of a number", "crossEntropyLoss: a tensor without axes has no classes") {
      _ = crossEntropyLoss(zeros([]), Tensor<Int32>(0))
    },
    .init("negative log-likelihood", "negativeLogLikelihoodLoss: label -1 at position 0, with 4") {
      _ = negativeLogLikelihoodLoss(zeros([1, 4]), Tensor<Int32>([-1]))
    },
    .init("squared error", "squaredErrorLoss: predictions of shape [2] for targets of [2, 1]") {
      _ = squaredErrorLoss(zeros([2]), zeros([2, 1]))
    },
    .init("Huber loss", "huberLoss: delta is 0.0, not above 0") {
      _ = huberLoss(zeros([2]), zeros([2]), delta: 0)
    },
    .init("smooth loss", "smoothL1Loss: beta is -1.0, not at least 0") {
      _ = smoothL1Loss(zeros([2]), zeros([2]), beta: -1)
    },
    .init("binary cross-entropy", "binaryCrossEntropyLoss: logits of shape [2] for targets of [3]")
    {
      _ = binaryCrossEntropyLoss(logits: zeros([2]), zeros([3]))
    },
    .init("divergence", "klDivergenceLoss: logarithms of shape [2] for targets of shape [3]") {
      _ = klDivergenceLoss(zeros([2]), zeros([3]))
    },
    .init("a batch of none", "batchMean: a loss without axes is not that of a batch") {
      _ = squaredErrorLoss(zeros([]), zeros([]), reduction: .batchMean)
    },
    .init("CTC, axes", "ctcLoss: [time, batch, classes] is expected for 1 targets, not [3, 2, 4]") {
      _ = ctcLoss(zeros([3, 2, 4]), [[1]])
    },
    .init("CTC, lengths", "ctcLoss: lengths [4] of 1 sequences with at most 3 frames") {
      _ = ctcLoss(zeros([3, 1, 4]), [[1]], lengths: [4])
    },
    .init("CTC, label", "ctcLoss: label 4, with 4 classes") {
      _ = ctcLoss(zeros([3, 1, 4]), [[4]])
    },
    .init("CTC, blank", "ctcLoss: a target holds the blank, class 0") {
      _ = ctcLoss(zeros([3, 1, 4]), [[1, 0]])
    },
  ]

  private static let states: [FailingCall] = [
    .init(
      "a parameter's shape",
      "encoder.first.weight has the shape [4, 3]; it cannot become a tensor of shape [3, 4]"
    ) { Model().encoder.first.$weight.tensor = zeros([3, 4]) },
    .init("a gradient's norm", "Gradients.norm: the order is larger than 0, not -3.0") {
      let gradients = valueWithGradient(at: Model()) { $0.encoder.first(.zeros([2, 3])).sum() }
        .gradients
      _ = gradients.norm(order: -3)
    },
    .init(
      "a check of single precision",
      "GradientCheck: first.weight is of Float; a model of Double is expected"
    ) {
      _ = GradientCheck(at: Model().encoder) { _ in Tensor<Double>(0) }
    },
    .init("a check of nothing", "GradientCheck: Dropout<Double> has no parameter that is not") {
      _ = GradientCheck(at: Dropout<Double>(0.5)) { _ in Tensor<Double>(0) }
    },
    .init("a check of third derivatives", "GradientCheck: order 1 or 2 is expected, not 3") {
      _ = GradientCheck(at: Model().encoder, order: 3) { _ in Tensor<Double>(0) }
    },
  ]

  private static let copies: [FailingCall] = [
    .init("a copy of an object", "copy: the model is an object of Object that holds parameters") {
      _ = Uncopied.Object().copy()
    },
    .init("a copy with an object", "copy: 'parts.0' is an object of Object that holds parameters") {
      _ = Uncopied.WithObject().copy()
    },
    .init("a copy of a tree", "copy: 'tree' is an indirect case of Tree that holds parameters") {
      _ = Uncopied.WithTree().copy()
    },
    .init(
      "a copy of what is hidden",
      "copy: a WithHidden cannot be copied: 'hidden.content.weight' is held by something that is no"
    ) { _ = Uncopied.WithHidden().copy() },
  ]
}
