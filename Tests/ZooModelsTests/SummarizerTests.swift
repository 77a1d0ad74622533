import Autograd
import Layers
import Seq2Seq
import Summarizer
import Testing
import Training

@Suite struct SummarizerTests {
  private let vocabulary = 7

  private func model(
    _ form: DecoderForm = .bahdanau, coverage: Bool = false
  ) -> Summarizer<Double> {
    var generator = Generator(seed: 3)
    return Summarizer(
      Seq2SeqConfiguration(
        sourceVocabulary: 9, targetVocabulary: vocabulary, embeddingSize: 5, hiddenSize: 6,
        form: form, coverage: coverage), using: &generator)
  }

  /// The second and third have words of their own: 7 and 8.
  private let sources: [[Int32]] = [[4, 5, 6], [8, 4, 8, 7], [8]]
  private let copies: [[Int32]] = [[4, 5, 6], [7, 4, 7, 8], [7]]
  private let targets: [[Int32]] = [[5, 4], [7, 8, 3], [7]]

  private var batch: SequencePairBatch {
    SequencePairBatch(sources: sources, targets: targets, copies: copies)
  }

  /// The probability of each label, by plain loops over what the model's parts say.
  private func expected(_ model: Summarizer<Double>, _ row: Int) -> [Double] {
    let labels = targets[row] + [SequenceSymbol.end]
    let input = ([SequenceSymbol.start] + targets[row]).map { $0 < 7 ? $0 : 3 }
    let made = model.writer.features(padded([sources[row]]), padded([input]))
    let logits = model.writer.logits(made.features)[0].scalars
    let joined = Tensor.concatenated([made.features, made.inputs], axis: 2)
    let gates = sigmoid(model.generation(joined))[0].scalars
    let weights = made.weights![0].scalars
    return labels.enumerated().map { step, label in
      let own = logits[step * vocabulary..<(step + 1) * vocabulary].map { exp($0) }
      let generated = label < 7 ? own[Int(label)] / own.reduce(0, +) : 0
      let looked = weights[step * sources[row].count..<(step + 1) * sources[row].count]
      let copied = zip(looked, copies[row]).reduce(0.0) { $0 + ($1.1 == label ? $1.0 : 0) }
      return gates[step] * generated + (1 - gates[step]) * copied
    }
  }

  @Test(arguments: DecoderForm.allCases, [false, true])
  func `a word is said by the vocabulary or by where it stands`(
    form: DecoderForm, coverage: Bool
  ) {
    let model = model(form, coverage: coverage)
    let (logProbabilities, weights) = model.logLikelihood(batch)
    #expect(Array(weights.shape) == [3, 4, 4])
    for row in sources.indices {
      let ours = logProbabilities[row].scalars
      for (step, probability) in expected(model, row).enumerated() {
        #expect(abs(ours[step] - log(probability)) < 1e-10)
      }
      #expect(ours.dropFirst(targets[row].count + 1).allSatisfy { $0 == 0 })
    }
  }

  @Test func `gradients are those of finite differences`() {
    let model = model(coverage: true)
    let batch = batch
    let loss = { (model: Summarizer<Double>) in -model.logLikelihood(batch).logProbabilities.sum() }
    let (_, gradients) = valueWithGradient(at: model, of: loss)
    for (name, parameter) in model.parameters {
      let box = parameter as! Parameter<Double>
      let ours = gradients[box]!.scalars
      for index in [0, box.scalars.count / 2, box.scalars.count - 1] {
        let before = box.scalars
        let values = [1e-5, -1e-5].map { change in
          box.scalars[index] = before[index] + change
          defer { box.scalars = before }
          return loss(model).scalar
        }
        #expect(abs(ours[index] - (values[0] - values[1]) / 2e-5) < 1e-7, "\(name) \(index)")
      }
    }
  }

  @Test func `all words that can be said have the probability one together`() {
    let model = model()
    let (read, first) = model.writer.encode(padded(sources), lengths: sources.map(\.count))
    let memory = Summarizer<Double>.Memory(source: read, copies: padded(copies), ownWords: 2)
    var state = first
    let all = exp(model.step(Tensor([1, 1, 1]), &state, memory))
    #expect(Array(all.shape) == [3, 9])
    for row in 0..<3 { #expect(abs(all[row].sum().scalar - 1) < 1e-9) }
    // The first source has no word of its own; 1e-12 keeps its logarithm finite.
    #expect(all[0].scalars[7...].allSatisfy { $0 < 1e-11 })
    #expect(all[1].scalars[8] > 1e-3)
  }

  @Test(arguments: [1, 3])
  func `what a beam says is as probable as the likelihood says it is`(width: Int) {
    let model = model(coverage: true)
    let found = model.beam(sources, copies: copies, width: width, limit: 5)
    for (row, hypotheses) in found.enumerated() {
      #expect(!hypotheses.isEmpty)
      for hypothesis in hypotheses {
        #expect(!hypothesis.symbols.contains(SequenceSymbol.unknown))
        let batch = SequencePairBatch(
          sources: [sources[row]], targets: [hypothesis.symbols], copies: [copies[row]])
        let expected = model.logLikelihood(batch).logProbabilities.sum().scalar
        #expect(abs(hypothesis.logProbability - expected) < 1e-9)
      }
    }
    #expect(model.beam([], copies: [], width: 1, limit: 3).isEmpty)
  }

  @Test func `a model learns to say words that it has never seen`() {
    var generator = Generator(seed: 1)
    let model = Summarizer<Float>(
      Seq2SeqConfiguration(
        sourceVocabulary: 6, targetVocabulary: 6, embeddingSize: 8, hiddenSize: 24),
      using: &generator)
    // The word after 4 is to be said, then 5; it is unknown to both vocabularies (3).
    let sources: [[Int32]] = [[4, 3, 5], [5, 4, 3], [4, 3], [5, 5, 4, 3]]
    let copies: [[Int32]] = [[4, 6, 5], [5, 4, 6], [4, 6], [5, 5, 4, 6]]
    let targets: [[Int32]] = sources.map { _ in [6, 5] }
    let batch = SequencePairBatch(sources: sources, targets: targets, copies: copies)
    var optimizer = Adam(learningRate: 1e-2)
    for _ in 0..<200 {
      let (_, gradients) = valueWithGradient(at: model) {
        -$0.logLikelihood(batch).logProbabilities.sum() / Float(batch.symbolCount)
      }
      optimizer.update(model, along: gradients.clipped(toNorm: 1))
    }
    #expect(
      model.beam(sources, copies: copies, width: 2, limit: 4).map { $0[0].symbols } == targets)
  }

  @Test func `there is nothing to copy by without attention`() {
    let configuration = Seq2SeqConfiguration(
      sourceVocabulary: 9, targetVocabulary: 7, score: .fixed)
    #expect(Summarizer<Float>.contradiction(in: configuration) != nil)
  }
}
