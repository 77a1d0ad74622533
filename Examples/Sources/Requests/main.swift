// Loads the tagger that ships, and says what a request asks for and with what words.
import Autograd
import Foundation
import Pretrained
import SequenceTagger
import Tasks
import Training

struct Symbols: Decodable {
  let words, letters: Vocabulary
  let tags, intents: [String]
}

let path = Pretrained.path(of: "tagger")!
let model = try SequenceTagger<Float>(contentsOf: path)
let metadata = try SafeTensors(contentsOf: path).metadata
let symbols = try JSONDecoder().decode(Symbols.self, from: Data(metadata["symbols"]!.utf8))

let request = CommandLine.arguments.dropFirst().first ?? "play some jazz in the kitchen"
let words = WordTokenizer().tokens(of: request)
let batch = SequenceTaggerBatch(
  words: [symbols.words.encode(words)],
  letters: [words.map { symbols.letters.encode($0.map { String($0) }) }])
let found = model.predict(batch, TagTransitions(bio: symbols.tags))
print(symbols.intents[found.intents[0]])
for (word, tag) in zip(words, found.tags[0]) { print(word, symbols.tags[tag]) }
