import AttentionRNN
import Autograd
import Layers
import Pronunciation
import SimpleRNN
import Training

/// The task of the two models of article 000 in this program: the number of syllables of a word,
/// from its letters one by one.
struct SyllableCounter {
  /// Numbers of syllables that are told apart; the last stands for more, too.
  static let classes = 8

  /// Either of the two models.
  enum Model: Layer {
    case simple(SimpleRNN<Float>)
    case attention(AttentionRNN<Float>)

    func callAsFunction(_ x: Tensor<Float>, lengths: [Int]) -> Tensor<Float> {
      switch self {
      case .simple(let model): model(x, lengths: lengths)
      case .attention(let model): model(x, lengths: lengths)
      }
    }
  }

  /// How the model is named on the command line and in files.
  static let names = ["simple-rnn", "attention-rnn"]

  let name: String
  let hiddenSize: Int
  let letters: Symbols
  let model: Model

  init(_ name: String, letters: Symbols, hiddenSize: Int, using generator: inout Generator) {
    self.name = name
    self.letters = letters
    self.hiddenSize = hiddenSize
    switch name {
    case "simple-rnn":
      model = .simple(
        SimpleRNN(
          .init(inputSize: letters.count, hiddenSize: hiddenSize, outputSize: Self.classes),
          using: &generator))
    default:
      model = .attention(
        AttentionRNN(
          .init(inputSize: letters.count, hiddenSize: hiddenSize, outputSize: Self.classes),
          using: &generator))
    }
  }

  /// A model from a weights file.
  init(weights path: String) throws {
    let file = try SafeTensors(contentsOf: path)
    guard let name = file.metadata["model"], Self.names.contains(name) else {
      throw ModelFileError(file: path, key: "model", expected: "simple-rnn or attention-rnn")
    }
    let letters: Symbols = try ModelFileError.decoded(
      "letters", of: file, path, expected: name)
    guard let size = file.metadata["hiddenSize"].flatMap({ Int($0) }), (1...1 << 14).contains(size)
    else { throw ModelFileError(file: path, key: "hiddenSize", expected: name) }
    var generator = Generator(seed: 0)
    self.init(name, letters: letters, hiddenSize: size, using: &generator)
    try model.load(file, from: path)
  }

  /// For the metadata of a weights file.
  var metadata: [String: String] {
    [
      "model": name, "hiddenSize": "\(hiddenSize)",
      "letters": (try? StrictJSON.text(letters)) ?? "",
    ]
  }

  /// Words as the model sees them: a step a letter, each a unit vector, `[batch, time, letters]`.
  private func inputs(_ words: [[Int32]]) -> (x: Tensor<Float>, lengths: [Int]) {
    let time = words.map(\.count).max() ?? 0
    var x = Tensor<Float>.zeros([words.count, time, letters.count])
    let (steps, size) = (time, letters.count)
    x.withUnsafeMutableScalars { scalars in
      for (row, word) in words.enumerated() {
        for (t, letter) in word.enumerated() { scalars[(row * steps + t) * size + Int(letter)] = 1 }
      }
    }
    return (x, words.map(\.count))
  }

  /// The share of words whose number of syllables is named, in percent.
  func accuracy(_ examples: [SyllableExample]) throws -> Double {
    var right = 0
    let known = examples.filter { (try? letters.encode(word: $0.word)) != nil }
    let words = try known.map { try letters.encode(word: $0.word) }
    for batch in Batches.sorted(lengths: words.map(\.count), batchSize: 256) {
      if Interrupt.isRequested { throw Interrupted() }
      let (x, lengths) = inputs(batch.map { words[$0] })
      let guesses = withoutGradient { model(x, lengths: lengths) }.argmax(axis: 1).scalars
      right += zip(batch, guesses).count { known[$0].label == $1 }
    }
    return examples.isEmpty ? .nan : 100 * Double(right) / Double(examples.count)
  }

  /// Trains the model in place.
  func train(
    _ training: [SyllableExample], heldOut: [SyllableExample], _ options: PronunciationTraining
  ) throws -> TrainingReport {
    let words = try training.map { try letters.encode(word: $0.word) }
    let rate = 2e-3
    var trainer = Trainer(
      .init(
        epochs: options.epochs, minutes: options.minutes,
        schedule: {
          WarmupCosine(learningRate: rate, warmupSteps: Swift.min(200, $0 / 10), totalSteps: $0)
        }, clipNorm: 1, seed: options.seed, directory: options.directory),
      optimizer: Adam(learningRate: rate))
    trainer.unit = "words"
    trainer.metadata = metadata
    return try trainer.run(
      model,
      batches: { _, generator in
        Batches.bucketed(
          lengths: words.map(\.count), batchSize: options.batchSize, using: &generator)
      }, examples: \.count,
      loss: { model, batch in
        let (x, lengths) = inputs(batch.map { words[$0] })
        let labels = Tensor<Int32>(batch.map { training[$0].label })
        return crossEntropyLoss(model(x, lengths: lengths), labels)
      },
      evaluate: { _ in
        Metrics(["accuracy": try accuracy(heldOut)], lowerIsBetter: false)
      })
  }
}
