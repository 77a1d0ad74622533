import AttentionRNN
import Autograd
import Forecaster
import Layers
import SentenceEncoder
import Seq2Seq
import SequenceTagger
import Sequences
import ShowAttendTell
import SimpleRNN
import Speech
import Summarizer
import Testing
import Training
import Transformer

/// Training gives the same bits in every run, and for any number of threads.
@Suite(.serialized) struct BitInvarianceTests {
  /// A model with its data: a few steps of training, and the parameters after them.
  struct Example: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let parameters: @Sendable () -> [[Float]]

    /// - Parameters:
    ///   - make: the model.
    ///   - data: what `loss` is computed from.
    init<Model: Layer & SendableMetatype, Data: Sendable>(
      _ name: String, _ make: @escaping @Sendable (inout Generator) -> Model,
      data: @escaping @Sendable (inout Generator) -> Data,
      loss: @escaping @Sendable (Model, Data) -> Tensor<Float>
    ) {
      testDescription = name
      parameters = {
        var generator = Generator(seed: 1)
        let model = make(&generator)
        let data = data(&generator)
        var optimizer = Adam(learningRate: 1e-2)
        for _ in 0..<2 {
          let gradients = valueWithGradient(at: model, using: &generator) { loss($0, data) }
            .gradients
          optimizer.update(model, along: gradients.clipped(toNorm: 1))
        }
        return model.parameters.map { ($0.parameter as! Parameter<Float>).tensor.scalars }
      }
    }

    /// Large enough that work is shared among threads: some 2^20 multiply-adds a product.
    private static let sequences: @Sendable (inout Generator) -> Tensor<Float> = {
      .normal([48, 17, 40], using: &$0)
    }
    private static let lengths = (0..<48).map { 1 + $0 * 7 % 17 }

    private static func recurrent<Cell: RecurrentCell<Float> & SendableMetatype>(
      _ name: String, _ make: @escaping @Sendable (inout Generator) -> Recurrent<Cell>
    ) -> Example {
      Example(name, make, data: sequences) { square($0($1, lengths: lengths).outputs).sum() }
    }

    static let all: [Example] = [
      recurrent("RNN") {
        RNN(inputSize: 40, hiddenSize: 96, layers: 2, isBidirectional: true, using: &$0)
      },
      recurrent("GRU") { GRU(inputSize: 40, hiddenSize: 96, layers: 2, dropout: 0.2, using: &$0) },
      recurrent("LSTM") { LSTM(inputSize: 40, hiddenSize: 96, isBidirectional: true, using: &$0) },
      recurrent("projected LSTM") {
        LSTM(inputSize: 40, hiddenSize: 64, projectionSize: 24, using: &$0)
      },
      Example("SimpleRNN", { SimpleRNN<Float>(sizes, using: &$0) }, data: sequences) {
        squaredErrorLoss($0($1), .ones([48, 5]))
      },
      Example("AttentionRNN", { AttentionRNN<Float>(attentionSizes, using: &$0) }, data: sequences)
      {
        squaredErrorLoss($0($1), .ones([48, 5]))
      },
      Example(
        "Seq2Seq",
        {
          Seq2Seq<Float>(
            .init(
              sourceVocabulary: 30, targetVocabulary: 30, embeddingSize: 32, hiddenSize: 64,
              dropout: 0.1), using: &$0)
        }, data: { sentences(&$0) }
      ) {
        crossEntropyLoss(
          $0($1.source, $1.input, lengths: $1.lengths), $1.labels,
          ignoring: Int(SequenceSymbol.padding))
      },
      Example(
        "Summarizer",
        {
          Summarizer<Float>(
            .init(
              sourceVocabulary: 30, targetVocabulary: 30, embeddingSize: 32, hiddenSize: 64,
              coverage: true, dropout: 0.1), using: &$0)
        }, data: { sentences(&$0, copying: true) }
      ) {
        -$0.logLikelihood($1).logProbabilities.sum()
      },
      Example(
        "Transformer",
        {
          Transformer<Float>(
            .init(
              form: .encoderDecoder, sourceVocabulary: 30, targetVocabulary: 30, size: 64, heads: 4,
              innerSize: 128, encoderLayers: 1, decoderLayers: 1, dropout: 0.1), using: &$0)
        }, data: { sentences(&$0) }
      ) {
        crossEntropyLoss(
          $0($1.source, $1.input, lengths: $1.lengths), $1.labels,
          ignoring: Int(SequenceSymbol.padding))
      },
      Example(
        "SentenceEncoder",
        {
          SentenceEncoder<Float>(
            .init(vocabulary: 30, size: 64, heads: 4, layers: 1, positions: 17, dropout: 0.1),
            using: &$0)
        }, data: { sentences(&$0) }
      ) {
        squaredErrorLoss($0($1.source, lengths: $1.lengths), .ones([48, 64]))
      },
      Example(
        "ShowAttendTell",
        {
          ShowAttendTell<AdditiveScore<Float>>(
            .init(
              vocabulary: 30, pictureSize: 16, stages: [[16], [32]], embeddingSize: 32,
              hiddenSize: 64), using: &$0)
        },
        data: {
          CaptionBatch<Float>(
            pictures: .normal([48, 3, 16, 16], using: &$0), captions: words(&$0))
        }
      ) {
        var generator = Generator(seed: 3)
        return $0.loss($1, using: &generator)
      },
      Example(
        "Forecaster",
        {
          Forecaster<Float>(
            .init(
              variables: 40, window: 16, horizon: 3, segment: 4, hiddenSize: 48,
              hasLinearPart: true, dropout: 0.1), using: &$0)
        }, data: { .normal([48, 16, 40], using: &$0) }
      ) {
        squaredErrorLoss($0($1), .ones([48, 3, 40]))
      },
      Example(
        "SequenceTagger",
        {
          SequenceTagger<Float>(
            .init(
              words: 30, letters: 30, tags: 9, intents: 4, hiddenSize: 64, scoresNeighbours: true,
              dropout: 0.1), using: &$0)
        }, data: { requests(&$0) }
      ) {
        $0.loss($1)
      },
      Example(
        "CTCRecognizer", { CTCRecognizer<Float>(speech, using: &$0) }, data: { recordings(&$0) }
      ) {
        $0.loss($1)
      },
      Example(
        "AttentionRecognizer", { AttentionRecognizer<Float>(speech, using: &$0) },
        data: { recordings(&$0) }
      ) {
        $0.loss($1)
      },
      Example(
        "Transformer encoder layer",
        {
          TransformerEncoderLayer<Float>(
            40, heads: 4, innerSize: 160, activation: .gelu, dropout: 0.1, using: &$0)
        }, data: sequences
      ) {
        square($0($1, keyMask: sequenceMask(lengths: lengths, time: 17))).sum()
      },
      Example(
        "convolution",
        { Conv1d<Float>(inputs: 17, outputs: 64, width: 5, padding: .same, using: &$0) },
        data: sequences
      ) {
        square($0($1)).sum()
      },
      Example(
        "convolution of pictures",
        { Conv2d<Float>(inputs: 3, outputs: 32, size: [3, 3], padding: .same, using: &$0) },
        data: { .normal([48, 3, 20, 20], using: &$0) }
      ) {
        square(maxPool2d($0($1), PoolingWindow([2, 2]))).sum()
      },
    ]

    private static let sizes = SimpleRNN<Float>.Configuration(
      inputSize: 40, hiddenSize: 96, outputSize: 5)
    private static let attentionSizes = AttentionRNN<Float>.Configuration(
      inputSize: 40, hiddenSize: 96, outputSize: 5)

    private static let speech = SpeechConfiguration(
      features: 40, symbols: 30, hiddenSize: 64, layers: 2, halvings: 1, dropout: 0.1)

    private static func recordings(_ generator: inout Generator) -> SpeechBatch<Float> {
      SpeechBatch(
        lengths.map { .normal([$0, 40], using: &generator) },
        targets: lengths.map { (0..<(1 + $0 / 4)).map { Int32(3 + $0 % 27) } })
    }

    private static func requests(_ generator: inout Generator) -> SequenceTaggerBatch {
      func numbers(_ count: Int, _ range: Range<Int32>) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: range, using: &generator) }
      }
      let words = lengths.map { numbers($0, 4..<30) }
      return SequenceTaggerBatch(
        words: words, letters: words.map { $0.map { numbers(Int($0 % 9), 4..<30) } },
        tags: lengths.map { numbers($0, 0..<9) }, intents: numbers(48, 0..<4))
    }

    private static func words(_ generator: inout Generator) -> [[Int32]] {
      (0..<48).map { _ in
        (0..<Int.random(in: 1...11, using: &generator)).map { _ in
          Int32.random(in: 3..<30, using: &generator)
        }
      }
    }

    private static func sentences(
      _ generator: inout Generator, copying: Bool = false
    ) -> SequencePairBatch {
      let (sources, targets) = (words(&generator), words(&generator))
      return SequencePairBatch(
        sources: sources, targets: targets, copies: copying ? sources : nil)
    }
  }

  @Test(arguments: Example.all)
  func `a step of training has the same bits from run to run and for any threads`(
    example: Example
  ) {
    let before = Processor.threadCount
    defer { Processor.threadCount = before }
    let reference = example.parameters()
    #expect(reference.allSatisfy { $0.allSatisfy { $0.isFinite } })
    for threads in [1, 2, 3, 4, 5, 6, 7, 8, 1] {
      Processor.threadCount = threads
      #expect(example.parameters() == reference, "\(threads) threads")
    }
  }
}
