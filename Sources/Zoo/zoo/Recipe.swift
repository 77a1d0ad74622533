import Autograd
import Distributed
import Layers
import Tasks
import Training

/// A model with its task: what `zoo` needs to train it, to score it, to apply it, and to show what
/// it looked at. The catalogue lists the types; a value is a model that is trained, or to be.
package protocol Recipe: SendableMetatype {
  /// Everything that a training is made from.
  associatedtype Settings: RecipeSettings
  /// A part of the data: what is learnt, held out or tested on.
  associatedtype Examples

  /// The word that names it on the command line and in weights files.
  static var name: String { get }
  /// What it does: a phrase.
  static var task: String { get }
  /// The article or paper that the model is from.
  static var source: String { get }
  /// What an example is called, in the plural.
  static var unit: String { get }
  /// What the command line can set, in the order of the help text.
  static var options: [Setting<Settings>] { get }
  /// The weights that ship with the program; nil for none.
  static var shippedWeights: String? { get }

  /// What is learnt, and what is held out to choose the best weights by.
  static func trainingExamples(
    _ settings: Settings
  ) throws -> (learnt: Examples, heldOut: Examples)
  /// What is neither trained on nor chosen by; nil where the data has no such part.
  static func testExamples(_ settings: Settings) throws -> Examples?

  /// A model with fresh weights for what is to be learnt.
  init(_ settings: Settings, for learnt: Examples, using generator: inout Generator) throws
  /// A model that was saved.
  init(_ settings: Settings, file: WeightsFile) throws

  /// The settings that the model was made from.
  var settings: Settings { get }
  /// What a weights file must say beside the settings.
  var metadata: [String: String] { get throws }
  /// The model.
  var configuredModel: any ConfiguredModel { get }

  /// Trains the model in place.
  func fit(
    _ learnt: Examples, heldOut: Examples, with trainer: inout Trainer
  ) throws -> TrainingReport
  /// The ranks that MPI has started, which divide what takes long, and make all calls together; nil
  /// where this process does all.
  var group: ProcessGroup? { get set }
  /// How good the model is, on examples that it was not trained on.
  func scores(on examples: Examples) throws -> Metrics
  /// What the model says to each input, in the inputs' order.
  ///
  /// - Throws: `InputError` for an input that is none.
  func answers(to inputs: [String]) throws -> [Answer]
  /// What the model looked at, for each input; nil where it has no attention.
  ///
  /// - Throws: as `answers(to:)`.
  func pictures(of inputs: [String]) throws -> [(any Picture)?]
  /// What a page says about these pictures: a sentence.
  static var picturesExplanation: String { get }
  /// Examples, right and wrong, with what the model looked at: for the page of a run.
  func reportParts(on examples: Examples) throws -> ReportParts
  /// What the model says to each example, a line each.
  func hypotheses(on examples: Examples) throws -> String
}

extension Recipe {
  /// A model with fresh weights.
  ///
  /// - Throws: `UsageError` for a configuration of which there is none.
  static func model<Model: ConfiguredModel>(
    _ configuration: Model.Configuration, using generator: inout Generator
  ) throws -> Model {
    if let contradiction = Model.contradiction(in: configuration) {
      throw UsageError(contradiction)
    }
    return Model(configuration, using: &generator)
  }

  /// The model of a weights file whose settings come to a configuration.
  static func model<Model: ConfiguredModel>(
    _ configuration: Model.Configuration, of file: WeightsFile
  ) throws -> Model {
    if let contradiction = Model.contradiction(in: configuration) {
      throw ModelFileError(
        file: file.path, key: WeightsFile.Key.settings, expected: name, found: contradiction)
    }
    return try Model(configuration, weights: file.content.tensors, from: file.path)
  }

  func reportParts(on examples: Examples) throws -> ReportParts { ReportParts() }

  /// What comes of each input, in their order: of a group, each rank does a part of the work.
  func divided<Input, Output: Codable>(
    _ inputs: [Input], _ work: ([Input]) throws -> [Output]
  ) throws -> [Output] {
    try group?.divided(inputs, work) ?? work(inputs)
  }
}

/// What a training of a recipe is made from. All of it is saved.
package protocol RecipeSettings: Codable, Equatable, Sendable {
  /// The settings of a training by which nothing was asked for.
  init()
  /// The course of the training.
  var training: TrainingSettings { get set }
}

/// What a model says to an input.
package struct Answer: Equatable {
  /// The input as it was given.
  var input: String
  /// The answer as a line for people, without the input.
  var text: String
  /// The answer for programs, beside the input.
  var fields: [String: JSON]

  /// One line of JSON with the input and all fields.
  var json: JSON { .object(fields.merging(["input": .string(input)]) { $1 }) }
}

/// An input that a model can't be applied to.
package struct InputError: Error, CustomStringConvertible {
  /// The position of the input, from 0; nil where it is not known.
  package var index: Int?
  /// Why: a phrase.
  package let reason: String
  package var description: String { reason }
}

/// A value of JSON.
package enum JSON: Equatable, Codable {
  case truth(Bool)
  case string(String)
  case number(Double)
  case integer(Int)
  case array([JSON])
  case object([String: JSON])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .truth(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let values = try? container.decode([JSON].self) {
      self = .array(values)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .truth(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }

  /// One line.
  var line: String { get throws { try StrictJSON.text(self) } }
}

extension JSON {
  init(_ metrics: Metrics) {
    self = .object(
      Dictionary(
        metrics.values.map { ($0.name, .number($0.value)) }, uniquingKeysWith: { $1 }))
  }
}
