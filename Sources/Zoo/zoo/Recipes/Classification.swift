import AttentionRNN
import Autograd
import Datasets
import Layers
import Pronunciation
import SimpleRNN
import Tasks

/// Sequences of one class each, as they stand in the data.
struct ClassifiedSequences: Equatable, Sendable {
  /// A sequence.
  enum Input: Equatable, Sendable {
    /// Numbers, `[time][features]`.
    case steps([[Float]])
    /// The letters of a word.
    case word(String)
  }

  /// The names of the classes.
  var classes: [String]
  var inputs: [Input]
  /// Index of each sequence's class.
  var labels: [Int]

  init(_ sequences: LabelledSequences) {
    classes = sequences.classes
    inputs = sequences.examples.map { .steps($0.steps) }
    labels = sequences.examples.map(\.label)
  }

  /// Words with their numbers of syllables, from 1 to 8; the last stands for more, too.
  init(syllablesOf lexicon: Lexicon) {
    classes = (1...8).map { "\($0)" }
    let examples = Syllables.examples(of: lexicon, classes: classes.count)
    inputs = examples.map { .word($0.word) }
    labels = examples.map { Int($0.label) }
  }
}

/// What sequences are classified by in this program.
enum ClassificationTask: String, Codable, CaseIterable, Sendable {
  /// Who of nine speakers says a Japanese vowel.
  case vowels
  /// How many syllables an English word has.
  case syllables
}

/// How inputs become what a model reads: numbers of mean 0 and deviation 1 over what is learnt, or
/// letters as unit vectors.
enum ClassifierFeatures: Codable, Equatable, Sendable {
  case numbers(means: [Float], deviations: [Float])
  case letters(Vocabulary)

  init(learningFrom examples: ClassifiedSequences) {
    if case .steps(let first) = examples.inputs[0] {
      let steps = examples.inputs.flatMap { input -> [[Float]] in
        if case .steps(let steps) = input { steps } else { [] }
      }
      let moments = first[0].indices.map { feature -> (Float, Float) in
        let mean = steps.reduce(0.0) { $0 + Double($1[feature]) } / Double(steps.count)
        let variance =
          steps.reduce(0.0) {
            $0 + (Double($1[feature]) - mean) * (Double($1[feature]) - mean)
          } / Double(steps.count)
        return (Float(mean), variance > 0 ? Float(variance.squareRoot()) : 1)
      }
      self = .numbers(means: moments.map(\.0), deviations: moments.map(\.1))
    } else {
      self = .letters(
        Vocabulary(
          countedIn: examples.inputs.map { input in
            if case .word(let word) = input { word.map { String($0) } } else { [] }
          }))
    }
  }

  /// Number of features of a step.
  var count: Int {
    switch self {
    case .numbers(let means, _): means.count
    case .letters(let vocabulary): vocabulary.count
    }
  }

  /// The input that a text stands for.
  ///
  /// - Throws: `InputError` for what is none.
  func input(_ text: String) throws -> ClassifiedSequences.Input {
    switch self {
    case .letters:
      if text.isEmpty { throw InputError(reason: "an empty word has no class") }
      return .word(text.lowercased())
    case .numbers:
      guard let (steps, _) = LabelledSequences.steps(of: text), steps[0].count == count else {
        throw InputError(
          reason: "expected \(count) channels of equally many numbers, separated by colons")
      }
      return .steps(steps)
    }
  }

  /// An input as the model sees it, `[time][features]`; nil for what it has never seen.
  func steps(of input: ClassifiedSequences.Input) -> [[Float]]? {
    switch (self, input) {
    case (.numbers(let means, let deviations), .steps(let steps)):
      guard steps.allSatisfy({ $0.count == means.count }) else { return nil }
      return steps.map { step in
        step.indices.map { (step[$0] - means[$0]) / deviations[$0] }
      }
    case (.letters(let vocabulary), .word(let word)):
      let letters = word.map { String($0) }
      guard letters.allSatisfy(vocabulary.contains) else { return nil }
      return vocabulary.encode(letters).map { letter in
        var step = [Float](repeating: 0, count: vocabulary.count)
        step[Int(letter)] = 1
        return step
      }
    default: return nil
    }
  }
}

/// A model that gives a sequence a class.
protocol ClassifyingModel: ConfiguredModel, SendableMetatype {
  /// The word that names the recipe.
  static var recipeName: String { get }
  /// The article that the model is from.
  static var source: String { get }
  /// The configuration of a model with these options.
  static func configuration(
    _ options: ClassifierOptions, inputSize: Int, classes: Int
  ) -> Configuration
  /// Logits of the classes, `[batch, classes]`, of `[batch, time, features]`.
  func callAsFunction(_ x: Tensor<Float>, lengths: [Int]?) -> Tensor<Float>
  /// How much each step counts, `[batch, time]`; nil without attention.
  func weights(_ x: Tensor<Float>, lengths: [Int]?) -> Tensor<Float>?
}

/// The sizes and options of a classifier, without what the data decides.
struct ClassifierOptions: Codable, Equatable, Sendable {
  /// In which directions a sequence is read.
  enum Directions: String, Codable, CaseIterable, Sendable {
    case forward, both
  }

  var hiddenSize = 128
  var layers = 1
  var directions = Directions.both
  var dropout = 0.3
}

extension SimpleRNN: ClassifyingModel where Scalar == Float {
  static var recipeName: String { "simple-rnn" }
  static var source: String { "article 000, SimpleRNN" }

  static func configuration(
    _ options: ClassifierOptions, inputSize: Int, classes: Int
  ) -> Configuration {
    Configuration(
      inputSize: inputSize, hiddenSize: options.hiddenSize, outputSize: classes,
      layers: options.layers, isBidirectional: options.directions == .both,
      dropout: options.dropout)
  }

  func weights(_ x: Tensor<Float>, lengths: [Int]?) -> Tensor<Float>? { nil }
}

extension AttentionRNN: ClassifyingModel where Scalar == Float {
  static var recipeName: String { "attention-rnn" }
  static var source: String { "article 000, AttentionLayer" }

  static func configuration(
    _ options: ClassifierOptions, inputSize: Int, classes: Int
  ) -> Configuration {
    Configuration(
      inputSize: inputSize, hiddenSize: options.hiddenSize, outputSize: classes,
      layers: options.layers, isBidirectional: options.directions == .both,
      dropout: options.dropout)
  }

  func weights(_ x: Tensor<Float>, lengths: [Int]?) -> Tensor<Float>? {
    attentionWeights(x, lengths: lengths)
  }
}
