import AttentionRNN
import Seq2Seq
import SimpleRNN
import Summarizer
import Transformer

/// The models of the zoo, each with its task.
package let catalogue: [any Recipe.Type] = [
  SequenceClassifier<SimpleRNN<Float>>.self,
  SequenceClassifier<AttentionRNN<Float>>.self,
  EncoderDecoder<Seq2Seq<Float>>.self,
  EncoderDecoder<Transformer<Float>>.self,
  EncoderDecoder<Summarizer<Float>>.self,
  TimeSeriesForecaster.self,
  RequestTagger.self,
  PictureCaptioner.self,
  SpeechRecognition.self,
]

/// The recipe of that name.
func recipe(named name: String) throws(UsageError) -> any Recipe.Type {
  if let recipe = catalogue.first(where: { $0.name == name }) { return recipe }
  let nearest = nearestName(to: name, among: catalogue.map { $0.name })
  throw UsageError(
    "there is no model \"\(name)\"; "
      + (nearest.map { "did you mean \"\($0)\"?" } ?? "see `zoo list`"))
}

let listCommand = Command("list", summary: "The models that can be trained.") { _, output in
  try output.print(
    table(catalogue.map { ($0.name, "\($0.task) (\($0.source))") }), terminator: "")
}

/// The commands in the order of the help text.
package let allCommands = [
  demoCommand, listCommand, trainCommand, evaluateCommand, applyCommand, explainCommand,
  pronounceCommand,
  shortCommand(
    "classify", summary: "Says of what class sequences are.",
    SequenceClassifier<AttentionRNN<Float>>.self),
  shortCommand("caption", summary: "Says what pictures show.", PictureCaptioner.self),
  shortCommand("forecast", summary: "Forecasts a series.", TimeSeriesForecaster.self),
  shortCommand(
    "translate", summary: "Translates sentences.", EncoderDecoder<Transformer<Float>>.self),
  shortCommand(
    "summarize", summary: "Says in short what texts are about.",
    EncoderDecoder<Summarizer<Float>>.self),
  embedCommand, inspectCommand, exportCommand, compareCommand, ladderCommand,
]
