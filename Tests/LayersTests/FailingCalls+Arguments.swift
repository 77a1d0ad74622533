import Autograd
import Layers
import Training

/// Arguments without meaning, and trainings that make no sense.
extension FailingCall {
  static let arguments: [FailingCall] = [
    .init("a norm to clip to", "clipped: toNorm is -1.0, not a limit of at least 0") {
      _ = gradients.clipped(toNorm: -1)
    },
    .init("a norm to clip to, NaN", "clipped: toNorm is nan, not a limit of at least 0") {
      _ = gradients.clipped(toNorm: .nan)
    },
    .init("a value to clip to", "clipped: toValue is -1.0, not a limit of at least 0") {
      _ = gradients.clipped(toValue: -1)
    },
    .init("smoothing", "crossEntropyLoss: smoothing is 1.5, not in 0 ... 1") {
      _ = crossEntropyLoss(zeros([1, 2]), Tensor<Int32>([0]), smoothing: 1.5)
    },
    .init("smoothing, NaN", "crossEntropyLoss: smoothing is nan, not finite") {
      _ = crossEntropyLoss(zeros([1, 2]), Tensor<Int32>([0]), smoothing: .nan)
    },
    .init("smoothing of probabilities", "crossEntropyLoss: smoothing is -0.5, not in 0 ... 1") {
      _ = crossEntropyLoss(zeros([1, 2]), probabilities: zeros([1, 2]), smoothing: -0.5)
    },
    .init("Huber loss, NaN", "huberLoss: delta is nan, not finite") {
      _ = huberLoss(zeros([2]), zeros([2]), delta: .nan)
    },
    .init("smooth loss, infinite", "smoothL1Loss: beta is inf, not finite") {
      _ = smoothL1Loss(zeros([2]), zeros([2]), beta: .infinity)
    },
    .init("layer norm, epsilon", "LayerNorm: epsilon is -1.0, not at least 0") {
      _ = LayerNorm<Float>([2], epsilon: -1)
    },
    .init("batch norm, epsilon", "BatchNorm: epsilon is -1.0, not at least 0") {
      _ = BatchNorm<Float>(2, epsilon: -1)
    },
    .init("batch norm, channels", "BatchNorm: channels is 0, not at least 1") {
      _ = BatchNorm<Float>(0)
    },
    .init("batch norm, momentum", "BatchNorm: momentum is 1.5, not in 0 ... 1") {
      _ = BatchNorm<Float>(2, momentum: .constant(1.5))
    },
    .init("convolution, stride", "Conv1d: stride is 0, not at least 1") {
      var generator = Generator(seed: 1)
      _ = Conv1d<Float>(inputs: 2, outputs: 2, width: 3, stride: 0, using: &generator)
    },
    .init("convolution, width", "Conv1d: width is 0, not at least 1") {
      var generator = Generator(seed: 1)
      _ = Conv1d<Float>(inputs: 2, outputs: 2, width: 0, using: &generator)
    },
    .init("convolution of pictures, dilation", "dilation [0, 1], not at least 1") {
      var generator = Generator(seed: 1)
      _ = Conv2d<Float>(inputs: 2, outputs: 2, size: [3, 3], dilation: [0, 1], using: &generator)
    },
    .init("positions, base", "SinusoidalPositions: base is 0.0, not above 0") {
      _ = SinusoidalPositions<Float>(limit: 4, size: 4, base: 0)
    },
    .init("positions, limit", "SinusoidalPositions: limit is -1, not at least 0") {
      _ = SinusoidalPositions<Float>(limit: -1, size: 4)
    },
    .init("rotary positions, base", "RotaryPositions: base is -1.0, not above 0") {
      _ = RotaryPositions<Float>(limit: 4, size: 4, base: -1)
    },
    .init("a causal mask", "causalMask: count is -1, not at least 0") {
      _ = causalMask(-1)
    },
    .init("checkpointed segments", "Checkpointed: segments is 0, not at least 1") {
      var generator = Generator(seed: 1)
      _ = Checkpointed(RNNCell<Float>(inputSize: 2, hiddenSize: 2, using: &generator), segments: 0)
    },
    .init("beam, symbols", "BeamSearch: start symbol -1 and end symbol 2") {
      _ = BeamSearch(limit: 3, start: -1, end: 2)
    },
    .init("examples", "perExampleGradients: count is -1, not at least 0") {
      _ = perExampleGradients(at: Model(), count: -1) { _, _ in zeros([]) }
    },
    .init("SGD, rate", "SGD: learningRate is -1.0, not at least 0") {
      _ = SGD(learningRate: -1)
    },
    .init("SGD, momentum", "SGD: momentum is -0.5, not at least 0") {
      _ = SGD(learningRate: 1, momentum: -0.5)
    },
    .init("Adam, rate", "Adam: learningRate is nan, not finite") {
      _ = Adam(learningRate: .nan)
    },
    .init("Adam, beta", "Adam: beta1 is 1.0, not in 0 ..< 1") {
      _ = Adam(beta1: 1)
    },
    .init("Adam, epsilon", "Adam: epsilon is -1.0, not at least 0") {
      _ = Adam(epsilon: -1)
    },
    .init("AdamW, decay", "Adam: weightDecay is -1.0, not at least 0") {
      _ = AdamW(weightDecay: -1)
    },
    .init("Adamax, beta", "Adamax: beta2 is -0.1, not in 0 ..< 1") {
      _ = Adamax(beta2: -0.1)
    },
    .init("RAdam, rate", "RAdam: learningRate is inf, not finite") {
      _ = RAdam(learningRate: .infinity)
    },
    .init("NAdam, decay", "NAdam: momentumDecay is -1.0, not at least 0") {
      _ = NAdam(momentumDecay: -1)
    },
    .init("RMSprop, decay", "RMSprop: decay is 1.5, not in 0 ... 1") {
      _ = RMSprop(decay: 1.5)
    },
    .init("Adadelta, decay", "Adadelta: decay is -0.5, not in 0 ... 1") {
      _ = Adadelta(decay: -0.5)
    },
    .init("Adagrad, sum", "Adagrad: initialSum is -1.0, not at least 0") {
      _ = Adagrad(initialSum: -1)
    },
    .init("a group", "ParameterGroup: learningRate is -1.0, not at least 0") {
      _ = ParameterGroup(learningRate: -1)
    },
    .init("a rate that was set", "update: learningRate is nan, not finite") {
      var optimizer = SGD(learningRate: 1)
      optimizer.learningRate = .nan
      optimizer.update(Model(), along: gradients)
    },
    .init("cosine, minimum", "CosineAnnealing: minimum is -1.0, not at least 0") {
      _ = CosineAnnealing(learningRate: 1, totalSteps: 2, minimum: -1)
    },
    .init("one cycle, steps", "OneCycle: totalSteps is 0, not at least 1") {
      _ = OneCycle(maximum: 1, totalSteps: 0)
    },
    .init("one cycle, fraction", "OneCycle: risingFraction is 2.0, not in 0 ... 1") {
      _ = OneCycle(maximum: 1, totalSteps: 2, risingFraction: 2)
    },
    .init("one cycle, divisor", "OneCycle: divisor is 0.0, not above 0") {
      _ = OneCycle(maximum: 1, totalSteps: 2, divisor: 0)
    },
    .init("decay, factor", "ExponentialDecay: factor is -0.5, not at least 0") {
      _ = ExponentialDecay(learningRate: 1, factor: -0.5)
    },
    .init("decay, milestones", "MultiStepDecay: milestones of at least 0 are expected, not [3, -1]")
    {
      _ = MultiStepDecay(learningRate: 1, milestones: [3, -1])
    },
    .init("warmup, steps", "WarmupLinear: warmupSteps is -1, not at least 0") {
      _ = WarmupLinear(learningRate: 1, warmupSteps: -1, totalSteps: 3)
    },
    .init("Noam, size", "Noam: modelSize is 0, not at least 1") {
      _ = Noam(modelSize: 0, warmupSteps: 2)
    },
    .init("a constant rate", "Constant: learningRate is nan, not finite") {
      _ = Constant(learningRate: .nan)
    },
    .init("plateau, factor", "ReduceOnPlateau: factor is 1.0, not in 0 ..< 1") {
      _ = ReduceOnPlateau(learningRate: 1, factor: 1)
    },
    .init("plateau, patience", "ReduceOnPlateau: patience is -1, not at least 0") {
      _ = ReduceOnPlateau(learningRate: 1, patience: -1)
    },
    .init("a trainer, norm", "Trainer.Configuration: clipNorm is -1.0, not a limit of at least 0") {
      _ = Trainer.Configuration(epochs: 1, clipNorm: -1)
    },
    .init("a trainer, average", "Trainer.Configuration: averageDecay is 1.0, not in 0 ..< 1") {
      _ = Trainer.Configuration(epochs: 1, averageDecay: 1)
    },
    .init("a trainer, minutes", "Trainer.Configuration: minutes is nan, not a limit of at least 0")
    {
      _ = Trainer.Configuration(minutes: .nan)
    },
    .init(
      "a trainer, evaluation", "Trainer.Configuration: evaluation in steps is 0, not at least 1"
    ) {
      _ = Trainer.Configuration(epochs: 1, evaluation: .steps(0))
    },
    .init("shuffled, count", "Batches.shuffled: count is -1, not at least 0") {
      var generator = Generator(seed: 1)
      _ = Batches.shuffled(count: -1, batchSize: 2, using: &generator)
    },
    .init("an accumulated weight", "GradientAccumulator: weight is inf, not finite") {
      var sum = GradientAccumulator()
      sum.add(gradients, weight: .infinity)
    },
  ]

  private static var gradients: Gradients {
    valueWithGradient(at: Model()) { $0.encoder.first(.zeros([2, 3])).sum() }.gradients
  }

  static let training: [FailingCall] = [
    .init("a trainer without an end", "neither epochs nor minutes are given") {
      _ = Trainer.Configuration()
    },
    .init("batches", "Batches: batchSize is 0, not above 0") {
      var generator = Generator(seed: 1)
      _ = Batches.shuffled(count: 3, batchSize: 0, using: &generator)
    },
    .init(
      "gradients of another model",
      "SGD.update: the gradients are of other parameters ('weight' is the first) than those of the "
        + "Linear<Float>, which begin with 'weight'; were they taken at another model?"
    ) {
      var generator = Generator(seed: 1)
      let model = Linear<Float>(inputs: 2, outputs: 2, using: &generator)
      let gradients = valueWithGradient(at: model) { $0(zeros([1, 2])).sum() }.gradients
      var optimizer = SGD(learningRate: 1)
      optimizer.update(model.copy(), along: gradients)
    },
    .init("gradients for a model without parameters", "those of the Dropout<Float>, which has none")
    {
      var generator = Generator(seed: 1)
      let model = Linear<Float>(inputs: 2, outputs: 2, using: &generator)
      let gradients = valueWithGradient(at: model) { $0(zeros([1, 2])).sum() }.gradients
      var optimizer = Adam()
      optimizer.update(Dropout<Float>(0.5), along: gradients)
    },
    .init("an average of another model", "WeightAverage: there is no average of 'weight'") {
      var average = WeightAverage(decay: 0.5)
      average.update(Model())
      var generator = Generator(seed: 1)
      average.apply(to: Linear<Float>(inputs: 2, outputs: 2, using: &generator))
    },
    .init("a trainer that cannot resume", "there is nothing to resume from without a directory") {
      _ = Trainer.Configuration(epochs: 1, resumes: true)
    },
    .init("a trainer with no time", "neither epochs nor minutes are given") {
      _ = Trainer.Configuration(minutes: .infinity)
    },
    .init("evaluations in time", "evaluation in seconds is nan, not a limit of at least 0") {
      _ = Trainer.Configuration(epochs: 1, evaluation: .seconds(-.nan))
    },
    .init("a schedule", "StepDecay: stepSize is 0, not above 0") {
      _ = StepDecay(learningRate: 1, stepSize: 0, factor: 1)
    },
  ]
}
