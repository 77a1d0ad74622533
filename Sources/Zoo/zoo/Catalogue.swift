/// A model that this program trains.
struct CatalogueEntry {
  let name: String
  let source: String
  let task: String
  /// The options of `zoo train` that it reads, beside those that every model reads.
  let options: [any AnyOption]
}

/// The models of the zoo.
let catalogue = [
  CatalogueEntry(
    name: "simple-rnn", source: "article 000, SimpleRNN",
    task: "number of syllables of a word from its letters", options: [Options.hiddenSize]),
  CatalogueEntry(
    name: "attention-rnn", source: "article 000, AttentionLayer",
    task: "number of syllables of a word from its letters", options: [Options.hiddenSize]),
  CatalogueEntry(
    name: "seq2seq", source: "articles 001, 002, 004; Bahdanau, Cho and Bengio, 2015",
    task: "pronunciation of a word from its letters",
    options: [
      Options.hiddenSize, Options.embeddingSize, Options.score, Options.dropout, Options.smoothing,
      Options.learningRate, Options.beam,
    ]),
]

/// The model of that name.
func catalogueEntry(_ name: String) throws(UsageError) -> CatalogueEntry {
  if let entry = catalogue.first(where: { $0.name == name }) { return entry }
  let nearest = nearestName(to: name, among: catalogue.map(\.name))
  throw UsageError(
    "there is no model \"\(name)\"; "
      + (nearest.map { "did you mean \"\($0)\"?" } ?? "see `zoo list`"))
}

let listCommand = Command("list", summary: "The models that can be trained.") { _, output in
  try output.print(
    table(catalogue.map { ($0.name, "\($0.task) (\($0.source))") }), terminator: "")
}
