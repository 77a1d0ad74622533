import Pronunciation

/// A model that this program trains.
struct CatalogueEntry {
  let name: String
  let source: String
  let task: String
}

/// The models of the zoo.
let catalogue = [
  CatalogueEntry(
    name: "simple-rnn", source: "article 000, SimpleRNN",
    task: "number of syllables of a word from its letters"),
  CatalogueEntry(
    name: "attention-rnn", source: "article 000, AttentionLayer",
    task: "number of syllables of a word from its letters"),
  CatalogueEntry(
    name: "seq2seq", source: "articles 001, 002, 004; Bahdanau, Cho and Bengio, 2015",
    task: "pronunciation of a word from its letters"),
]

let listCommand = Command("list", summary: "The models that can be trained.") { _ in
  print(table(catalogue.map { ($0.name, "\($0.task) (\($0.source))") }), terminator: "")
}
